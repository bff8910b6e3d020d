using Holdfast.Codec;
using Holdfast.Cryptography;

namespace Holdfast.Mls;

/// <summary>
/// A group's state in two parts, because it changes at two speeds: the epoch with every commit, the ratchets with every
/// message. Equal states give equal bytes. The signature key is in neither, and neither is the policy.
/// </summary>
public sealed partial class Group
{
    private const byte EpochFormat = 2, RatchetsFormat = 2;

    /// <summary>All that only a commit changes.</summary>
    public Secret SaveEpoch()
    {
        using var writer = new TlsWriter(4096);
        writer.WriteUInt8(EpochFormat);
        State.Encode(writer);
        _past.Encode(writer, State.Leaves());
        return Secret.CopyOf(writer.Written);
    }

    /// <summary>What every message changes: the ratchets of this epoch and of past ones, and the pending proposals.</summary>
    public Secret SaveRatchets()
    {
        using var writer = new TlsWriter(4096);
        writer.WriteUInt8(RatchetsFormat);
        writer.WriteUInt64(Epoch);
        _ratchets.Encode(writer);
        _past.EncodeRatchets(writer);
        _pending.Encode(writer);
        _exporter.Encode(writer);
        return Secret.CopyOf(writer.Written);
    }

    /// <summary>A group from what was saved of it.</summary>
    /// <param name="epoch">What <see cref="SaveEpoch"/> gave.</param>
    /// <param name="ratchets">What <see cref="SaveRatchets"/> gave in the same epoch.</param>
    /// <param name="signatureKey">The key our leaf names; it stays the caller's.</param>
    /// <param name="policy">The application's rules.</param>
    /// <exception cref="CodecException">The bytes are of another format or damaged, or the two parts are not of one epoch.</exception>
    public static Group Restore(ReadOnlySpan<byte> epoch, ReadOnlySpan<byte> ratchets, SignatureKey signatureKey, GroupPolicy policy)
    {
        var first = new TlsReader(epoch);
        var second = new TlsReader(ratchets);
        if (first.ReadUInt8() != EpochFormat || second.ReadUInt8() != RatchetsFormat)
            throw new CodecException("group state: another version's format");
        var state = EpochState.Decode(ref first, signatureKey, policy.Suites);
        CheckIsKeyOf(signatureKey, state.OwnLeafNode);
        if (second.ReadUInt64() != state.Context.Epoch) throw new CodecException("group state: the ratchets are another epoch's");
        var current = SecretTree.Decode(ref second, state.Suite, policy.Ratchets);
        var past = PastEpochs.Decode(ref first, ref second, state, policy.Ratchets);
        var pending = EpochProposals.Decode(ref second, state.Suite);
        var exporter = ExporterTree.Decode(ref second, state.Suite);
        first.ExpectEnd();
        second.ExpectEnd();
        return new Group(state, current, past, pending, exporter, policy);
    }
}
