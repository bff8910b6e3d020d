using Holdfast.Codec;

namespace Holdfast.Mls;

/// <summary>RFC 9420 §8.1: what all members of an epoch agree on.</summary>
/// <param name="Version">The protocol's version.</param>
/// <param name="CipherSuite">The group's cipher suite.</param>
/// <param name="GroupId">The group's id.</param>
/// <param name="Epoch">The epoch's number, counted from 0.</param>
/// <param name="TreeHash">The tree hash of the ratchet tree's root (RFC 9420 §7.8).</param>
/// <param name="ConfirmedTranscriptHash">The hash of every commit up to this epoch (RFC 9420 §8.2).</param>
/// <param name="Extensions">What the group has agreed on beyond the protocol.</param>
public sealed record GroupContext(
    ProtocolVersion Version,
    ushort CipherSuite,
    ReadOnlyMemory<byte> GroupId,
    ulong Epoch,
    ReadOnlyMemory<byte> TreeHash,
    ReadOnlyMemory<byte> ConfirmedTranscriptHash,
    IReadOnlyList<Extension> Extensions) : ITlsStruct<GroupContext>
{
    /// <inheritdoc/>
    public void Encode(TlsWriter writer)
    {
        writer.WriteUInt16((ushort)Version);
        writer.WriteUInt16(CipherSuite);
        writer.WriteOpaque(GroupId.Span);
        writer.WriteUInt64(Epoch);
        writer.WriteOpaque(TreeHash.Span);
        writer.WriteOpaque(ConfirmedTranscriptHash.Span);
        writer.WriteVector(Extensions);
    }

    /// <inheritdoc/>
    public static GroupContext Decode(ref TlsReader reader) => new(
        (ProtocolVersion)reader.ReadUInt16(),
        reader.ReadUInt16(),
        reader.ReadOpaque(MlsLimits.MaxGroupIdSize).ToArray(),
        reader.ReadUInt64(),
        reader.ReadOpaque(MlsLimits.MaxHashSize).ToArray(),
        reader.ReadOpaque(MlsLimits.MaxHashSize).ToArray(),
        Extension.DecodeList(ref reader));
}
