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
    private const int MaxHeight = 31;

    private readonly CipherSuite _suite;
    private readonly RatchetLimits _limits;
    private readonly int _height;
    private SecretNode? _root;

    private SecretTree(CipherSuite suite, RatchetLimits limits, int height, SecretNode root) =>
        (_suite, _limits, _height, _root) = (suite, limits, height, root);

    private NodeIndex Top => new((1u << _height) - 1);

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
        return new SecretTree(suite, limits, HeightFor(leafCount), SecretNode.Seal(encryptionSecret));
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

    /// <summary>The records that differ between two trees of one epoch, either of which may be missing.</summary>
    internal static void Compare(SecretTree? older, SecretTree? newer, ulong epoch, RecordChanges changes)
    {
        if (older is not null && newer is not null && older._height == newer._height)
        {
            SecretNode.Compare(older.Root, newer.Root, epoch, newer.Top, changes);
            return;
        }
        if (older is not null) SecretNode.Compare(older.Root, null, epoch, older.Top, changes);
        if (newer is not null) SecretNode.Compare(null, newer.Root, epoch, newer.Top, changes);
    }

    /// <summary>Reads the tree of an epoch whose ratchet tree has that many leaves.</summary>
    /// <exception cref="CodecException">Its records are damaged, or some are missing.</exception>
    internal static SecretTree Restore(StateReading records, CipherSuite suite, ulong epoch, int leafCount, RatchetLimits limits)
    {
        int height = HeightFor((uint)leafCount);
        return new SecretTree(suite, limits, height, SecretNode.Restore(records, suite, epoch, new NodeIndex((1u << height) - 1)));
    }

    /// <summary>Wipes what no other tree shares.</summary>
    public void Dispose()
    {
        _root?.Release();
        _root = null;
    }

    /// <summary>The kind of state, never its content.</summary>
    public override string ToString() => nameof(SecretTree);

    private static int HeightFor(uint leafCount) => 32 - BitOperations.LeadingZeroCount(leafCount - 1);

    private RatchetStep Step(LeafIndex leaf, RatchetType type, uint? generation)
    {
        if (leaf.Value >> _height != 0)
            throw new MlsException(MlsError.UnknownSender, "RFC 9420 §6.3.2: the sender's leaf is outside the tree");
        var root = Root.Take(new RatchetRequest(_suite, leaf, type, generation, _limits), _height, out var key);
        return new RatchetStep(new SecretTree(_suite, _limits, _height, root), key);
    }
}
