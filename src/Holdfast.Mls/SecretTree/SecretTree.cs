using System.Numerics;
using Holdfast.Codec;
using Holdfast.Cryptography;

namespace Holdfast.Mls;

/// <summary>
/// RFC 9420 §9: the keys of one epoch's messages. It never changes: taking a key makes the next tree, which no longer has
/// it and shares the rest. Disposing the older tree then wipes what was consumed (§9.2); disposing the newer one, after a
/// forgery say, leaves the older as it was. A tree costs what was used of it, not what it could hold.
/// </summary>
public sealed class SecretTree : IDisposable
{
    private const byte Version = 1;
    private const int MaxHeight = 31;

    private readonly CipherSuite _suite;
    private readonly RatchetLimits _limits;
    private readonly int _height;
    private SecretNode? _root;

    private SecretTree(CipherSuite suite, RatchetLimits limits, int height, SecretNode root) =>
        (_suite, _limits, _height, _root) = (suite, limits, height, root);

    private SecretNode Root => _root ?? throw new ObjectDisposedException(nameof(SecretTree));

    /// <summary>The tree of a new epoch.</summary>
    /// <param name="suite">The group's suite.</param>
    /// <param name="encryptionSecret">RFC 9420 §8; the tree owns it from here on, since it is consumed with the first key.</param>
    /// <param name="leafCount">How many leaves the ratchet tree has.</param>
    /// <param name="limits">How much disorder is put up with.</param>
    public static SecretTree Create(CipherSuite suite, Secret encryptionSecret, uint leafCount, RatchetLimits limits)
    {
        ArgumentOutOfRangeException.ThrowIfZero(leafCount);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(leafCount, 1u << MaxHeight);
        int height = 32 - BitOperations.LeadingZeroCount(leafCount - 1);
        return new SecretTree(suite, limits, height, SecretNode.Seal(encryptionSecret));
    }

    /// <summary>Takes the first unused key of a ratchet: to send.</summary>
    public RatchetStep Next(LeafIndex leaf, RatchetType type) => Step(leaf, type, null);

    /// <summary>Takes the key of one generation: to receive.</summary>
    /// <exception cref="MlsException">The leaf is outside the tree, or the generation was used, was dropped or is too far ahead.</exception>
    public RatchetStep Take(LeafIndex leaf, RatchetType type, uint generation) => Step(leaf, type, generation);

    /// <summary>The same tree for another owner.</summary>
    public SecretTree Share()
    {
        Root.Hold();
        return new SecretTree(_suite, _limits, _height, Root);
    }

    /// <summary>Writes what has not been consumed. These bytes are secret.</summary>
    public void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(Version);
        writer.WriteUInt8((byte)_height);
        Root.Encode(writer);
    }

    /// <summary>Reads back what <see cref="Encode"/> wrote.</summary>
    /// <exception cref="CodecException">The bytes are not a secret tree of this suite.</exception>
    public static SecretTree Decode(ref TlsReader reader, CipherSuite suite, RatchetLimits limits)
    {
        if (reader.ReadUInt8() != Version) throw new CodecException("secret tree: unknown version");
        int height = reader.ReadUInt8();
        if (height > MaxHeight) throw new CodecException("secret tree: too high");
        return new SecretTree(suite, limits, height, SecretNode.Decode(ref reader, suite, height));
    }

    /// <summary>Wipes what no other tree shares.</summary>
    public void Dispose()
    {
        _root?.Release();
        _root = null;
    }

    /// <summary>The kind of state, never its content.</summary>
    public override string ToString() => nameof(SecretTree);

    private RatchetStep Step(LeafIndex leaf, RatchetType type, uint? generation)
    {
        if (leaf.Value >> _height != 0)
            throw new MlsException(MlsError.UnknownSender, "RFC 9420 §6.3.2: the sender's leaf is outside the tree");
        var root = Root.Take(new RatchetRequest(_suite, leaf, type, generation, _limits), _height, out var key);
        return new RatchetStep(new SecretTree(_suite, _limits, _height, root), key);
    }
}
