using System.Numerics;
using System.Security.Cryptography;
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
    private readonly SecretNode? _unused;
    private readonly Shared? _opened;
    private bool _disposed;

    /// <summary>Takes ownership of what nobody has used yet, and of the <see cref="RatchetTrie"/> of the leaves that were opened.</summary>
    private SecretTree(CipherSuite suite, RatchetLimits limits, int height, SecretNode? unused, Shared? opened) =>
        (_suite, _limits, _height, _unused, _opened) = (suite, limits, height, unused, opened);

    /// <summary>Whether the step that led here has handed it over.</summary>
    internal bool IsAdopted { get; set; }

    private NodeIndex Top => TopOf(_height);

    /// <summary>The tree of a new epoch.</summary>
    /// <param name="suite">The group's suite.</param>
    /// <param name="encryptionSecret">RFC 9420 §8; the tree owns it from here on, since it is consumed with the first key.</param>
    /// <param name="leafCount">How many leaves the ratchet tree has.</param>
    /// <param name="limits">How much disorder is put up with.</param>
    public static SecretTree Create(CipherSuite suite, Secret encryptionSecret, uint leafCount, RatchetLimits limits)
    {
        ArgumentOutOfRangeException.ThrowIfZero(leafCount);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(leafCount, 1u << MaxHeight);
        return new SecretTree(suite, limits, HeightFor(leafCount), SecretNode.Seal(encryptionSecret), null);
    }

    /// <summary>Takes the first unused key of a ratchet: to send.</summary>
    /// <param name="leaf">The sender.</param>
    /// <param name="type">Which of its ratchets.</param>
    /// <param name="room">Where the key and its nonce go: <see cref="RatchetStep.Room"/> bytes.</param>
    /// <exception cref="MlsException">The leaf is outside the tree, or its ratchet has come to its end.</exception>
    public RatchetStep Next(LeafIndex leaf, RatchetType type, Span<byte> room) => Step(leaf, type, null, room);

    /// <summary>Takes the key of one generation: to receive.</summary>
    /// <param name="leaf">The sender.</param>
    /// <param name="type">Which of its ratchets.</param>
    /// <param name="generation">Which of its keys.</param>
    /// <param name="room">Where the key and its nonce go: <see cref="RatchetStep.Room"/> bytes.</param>
    /// <exception cref="MlsException">
    /// The leaf is outside the tree, or the generation was used, was dropped or is too far ahead.
    /// </exception>
    public RatchetStep Take(LeafIndex leaf, RatchetType type, uint generation, Span<byte> room) => Step(leaf, type, generation, room);

    /// <summary>The first generation of that leaf's application messages that has not been passed.</summary>
    internal uint Head(LeafIndex leaf) => RatchetTrie.Find(_opened, leaf)?.ApplicationHead ?? 0;

    /// <summary>The same tree for another owner.</summary>
    public SecretTree Share()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        _unused?.Hold();
        _opened?.Hold();
        return new SecretTree(_suite, _limits, _height, _unused, _opened);
    }

    /// <summary>The records that differ between two trees of one epoch, either of which may be missing.</summary>
    internal static void Compare(SecretTree? older, SecretTree? newer, ulong epoch, RecordChanges changes)
    {
        ObjectDisposedException.ThrowIf(older is { _disposed: true } || newer is { _disposed: true }, typeof(SecretTree));
        if (older?._height == newer?._height)
        {
            SecretNode.Compare(older?._unused, newer?._unused, epoch, newer?.Top ?? default, changes);
        }
        else
        {
            if (older is not null) SecretNode.Compare(older._unused, null, epoch, older.Top, changes);
            if (newer is not null) SecretNode.Compare(null, newer._unused, epoch, newer.Top, changes);
        }
        RatchetTrie.Compare(older?._opened, newer?._opened, epoch, changes);
    }

    /// <summary>Reads the tree of an epoch whose ratchet tree has that many leaves.</summary>
    /// <exception cref="CodecException">Its records are damaged, or some are missing.</exception>
    internal static SecretTree Restore(StateReading records, CipherSuite suite, ulong epoch, int leafCount, RatchetLimits limits)
    {
        int height = HeightFor((uint)leafCount);
        var ratchets = new List<LeafRatchets>();
        var unused = SecretNode.Restore(records, suite, epoch, TopOf(height), ratchets);
        Shared? opened = null;
        foreach (var leaf in ratchets) opened = Replace(opened, RatchetTrie.With(opened, leaf));
        return new SecretTree(suite, limits, height, unused, opened);
    }

    /// <summary>Wipes what no other tree shares.</summary>
    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        _unused?.Release();
        _opened?.Release();
    }

    /// <summary>The kind of state, never its content.</summary>
    public override string ToString() => nameof(SecretTree);

    private static NodeIndex TopOf(int height) => new((1u << height) - 1);

    private static int HeightFor(uint leafCount) => 32 - BitOperations.LeadingZeroCount(leafCount - 1);

    private RatchetStep Step(LeafIndex leaf, RatchetType type, uint? generation, Span<byte> room)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (leaf.Value >> _height != 0)
            throw new MlsException(MlsError.UnknownSender, "RFC 9420 §6.3.2: the sender's leaf is outside the tree");
        var request = new RatchetRequest(_suite, leaf, type, generation, _limits);
        Span<byte> key = room[.._suite.Aead.KeySize], nonce = room.Slice(_suite.Aead.KeySize, _suite.Aead.NonceSize);
        try
        {
            var next = RatchetTrie.Find(_opened, leaf) is { } ratchets
                ? TakeFrom(ratchets, request, key, nonce, out uint taken)
                : OpenAndTake(request, key, nonce, out taken);
            return new RatchetStep(next, taken, key, nonce);
        }
        catch
        {
            CryptographicOperations.ZeroMemory(room);
            throw;
        }
    }

    /// <summary>A key of a leaf whose ratchets are open.</summary>
    private SecretTree TakeFrom(LeafRatchets ratchets, in RatchetRequest request, Span<byte> key, Span<byte> nonce, out uint generation)
    {
        var next = ratchets.Take(request, key, nonce, out generation);
        _unused?.Hold();
        return new SecretTree(_suite, _limits, _height, _unused, RatchetTrie.With(_opened, next));
    }

    /// <summary>Opens a leaf's ratchets and takes a key (RFC 9420 §9).</summary>
    private SecretTree OpenAndTake(in RatchetRequest request, Span<byte> key, Span<byte> nonce, out uint generation)
    {
        Span<byte> secret = stackalloc byte[_suite.Hkdf.HashSize];
        SecretNode? unused = null;
        LeafRatchets? ratchets = null;
        try
        {
            if (_unused is null || !_unused.TryOpen(_suite, request.Leaf, _height, secret, out unused))
                throw new InvalidOperationException("a leaf is neither sealed nor open");   // each is one of the two
            ratchets = LeafRatchets.Start(_suite, request.Leaf, secret);
            var next = ratchets.Take(request, key, nonce, out generation);
            return new SecretTree(_suite, _limits, _height, unused, RatchetTrie.With(_opened, next));
        }
        catch
        {
            unused?.Release();
            throw;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(secret);
            ratchets?.Release();
        }
    }

    /// <summary>Gives up the former trie once the next one holds what they share.</summary>
    private static Shared Replace(Shared? former, Shared next)
    {
        former?.Release();
        return next;
    }
}
