using Holdfast.Codec;

namespace Holdfast.Mls;

/// <summary>RFC 9420 §6: a message's content and what it belongs to.</summary>
public sealed record FramedContent(
    ReadOnlyMemory<byte> GroupId, ulong Epoch, Sender Sender, ReadOnlyMemory<byte> AuthenticatedData, Content Content)
    : ITlsStruct<FramedContent>
{
    /// <inheritdoc/>
    public void Encode(TlsWriter writer)
    {
        writer.WriteOpaque(GroupId.Span);
        writer.WriteUInt64(Epoch);
        writer.Write(Sender);
        writer.WriteOpaque(AuthenticatedData.Span);
        writer.WriteUInt8((byte)Content.Type);
        Content.Encode(writer);
    }

    /// <inheritdoc/>
    public static FramedContent Decode(ref TlsReader reader) => new(
        reader.ReadOpaque(MlsLimits.MaxGroupIdSize).ToArray(),
        reader.ReadUInt64(),
        Sender.Decode(ref reader),
        reader.ReadOpaque(MlsLimits.MaxAuthenticatedDataSize).ToArray(),
        Content.Decode(Content.DecodeType(ref reader), ref reader));
}
