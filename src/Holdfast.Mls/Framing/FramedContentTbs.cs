using Holdfast.Codec;

namespace Holdfast.Mls;

/// <summary>RFC 9420 §6.1: the bytes that a message's signature covers.</summary>
internal static class FramedContentTbs
{
    /// <summary>Writes FramedContentTBS; the context, which outsiders who only propose do not know, is signed by the others.</summary>
    internal static void Encode(TlsWriter writer, WireFormat wireFormat, FramedContent content, GroupContext? context)
    {
        writer.WriteUInt16((ushort)ProtocolVersion.Mls10);
        writer.WriteUInt16((ushort)wireFormat);
        writer.Write(content);
        if (content.Sender.Type is not (SenderType.Member or SenderType.NewMemberCommit)) return;
        ArgumentNullException.ThrowIfNull(context);
        writer.Write(context);
    }
}
