using Holdfast.Codec;

namespace Holdfast.Mls;

/// <summary>RFC 9420 §12.4.3: a group's public state, signed by a member, for those who are to join.</summary>
/// <param name="GroupContext">The epoch to join.</param>
/// <param name="Extensions">The ratchet tree and the like; unknown ones are ignored.</param>
/// <param name="ConfirmationTag">The MAC that proves knowledge of the epoch's secrets.</param>
/// <param name="Signer">The leaf of who signed.</param>
/// <param name="Signature">The signature over all before it.</param>
public sealed record GroupInfo(
    GroupContext GroupContext,
    IReadOnlyList<Extension> Extensions,
    ReadOnlyMemory<byte> ConfirmationTag,
    LeafIndex Signer,
    ReadOnlyMemory<byte> Signature) : ITlsStruct<GroupInfo>
{
    /// <inheritdoc/>
    public void Encode(TlsWriter writer)
    {
        EncodeContent(writer);
        writer.WriteOpaque(Signature.Span);
    }

    /// <inheritdoc/>
    public static GroupInfo Decode(ref TlsReader reader) => new(
        GroupContext.Decode(ref reader),
        Extension.DecodeList(ref reader),
        reader.ReadOpaque(MlsLimits.MaxHashSize).ToArray(),
        LeafIndex.Decode(ref reader),
        reader.ReadOpaque(MlsLimits.MaxSignatureSize).ToArray());

    /// <summary>RFC 9420 §12.4.3 GroupInfoTBS: what the signature covers.</summary>
    internal byte[] Tbs()
    {
        var writer = new TlsWriter();
        EncodeContent(writer);
        return writer.ToArray();
    }

    private void EncodeContent(TlsWriter writer)
    {
        writer.Write(GroupContext);
        writer.WriteVector(Extensions);
        writer.WriteOpaque(ConfirmationTag.Span);
        writer.Write(Signer);
    }
}
