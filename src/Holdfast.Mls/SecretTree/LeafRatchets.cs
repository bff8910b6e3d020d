using Holdfast.Codec;
using Holdfast.Cryptography;

namespace Holdfast.Mls;

/// <summary>RFC 9420 §9.1: the two ratchets of a leaf that has been opened. They never change: taking a key makes the next two.</summary>
internal sealed class LeafRatchets : Shared
{
    private readonly Ratchet _handshake, _application;

    /// <summary>Takes ownership of both.</summary>
    private LeafRatchets(LeafIndex leaf, Ratchet handshake, Ratchet application) =>
        (Leaf, _handshake, _application) = (leaf, handshake, application);

    internal LeafIndex Leaf { get; }

    /// <summary>The first generation of application messages that has not been passed.</summary>
    internal uint ApplicationHead => _application.Head;

    /// <summary>RFC 9420 §9: both ratchets as the leaf's secret, which is the caller's to wipe, starts them.</summary>
    internal static LeafRatchets Start(CipherSuite suite, LeafIndex leaf, ReadOnlySpan<byte> leafSecret) => new(
        leaf,
        Ratchet.Start(suite.ExpandWithLabel(leafSecret, Labels.Handshake, [], leafSecret.Length)),
        Ratchet.Start(suite.ExpandWithLabel(leafSecret, Labels.Application, [], leafSecret.Length)));

    /// <summary>
    /// The ratchets without the key asked for, which goes to <paramref name="key"/> and <paramref name="nonce"/>, and its number to
    /// <paramref name="generation"/>.
    /// </summary>
    /// <exception cref="MlsException">The generation was used, was dropped, or is too far ahead.</exception>
    internal LeafRatchets Take(in RatchetRequest request, Span<byte> key, Span<byte> nonce, out uint generation)
    {
        bool isHandshake = request.Type == RatchetType.Handshake;
        var (used, other) = isHandshake ? (_handshake, _application) : (_application, _handshake);
        var next = used.Take(request, key, nonce, out generation);
        other.Hold();
        return isHandshake ? new LeafRatchets(Leaf, next, other) : new LeafRatchets(Leaf, other, next);
    }

    /// <summary>The records that differ between two states of one leaf's ratchets, either of which may be missing.</summary>
    internal static void Compare(LeafRatchets? older, LeafRatchets? newer, ulong epoch, RecordChanges changes)
    {
        if (ReferenceEquals(older, newer)) return;
        var key = new RecordKey(RecordType.Ratchet, epoch, (newer ?? older)!.Leaf.Value);
        Ratchet.Compare(older?._handshake, newer?._handshake, key with { Ratchet = RatchetType.Handshake }, changes);
        Ratchet.Compare(older?._application, newer?._application, key with { Ratchet = RatchetType.Application }, changes);
    }

    /// <exception cref="CodecException">Their records are damaged or missing.</exception>
    internal static LeafRatchets Restore(StateReading records, CipherSuite suite, ulong epoch, LeafIndex leaf)
    {
        var key = new RecordKey(RecordType.Ratchet, epoch, leaf.Value);
        return new LeafRatchets(
            leaf,
            Ratchet.Restore(records, suite, key with { Ratchet = RatchetType.Handshake }),
            Ratchet.Restore(records, suite, key with { Ratchet = RatchetType.Application }));
    }

    protected override void Wipe()
    {
        _handshake.Release();
        _application.Release();
    }
}
