using Holdfast.Codec;

namespace Holdfast.Mls;

/// <summary>RFC 9420 §6.1: the bytes that a message's signature covers.</summary>
internal static class FramedContentTbs
{
    /// <summary>Writes FramedContentTBS; what only those inside the group can know is signed only by them.</summary>
    internal static void Encode(TlsWriter writer, WireFormat wireFormat, FramedContent content, GroupContext context)
    {
        writer.WriteUInt16((ushort)ProtocolVersion.Mls10);
        writer.WriteUInt16((ushort)wireFormat);
        writer.Write(content);
        if (content.Sender.Type is SenderType.Member or SenderType.NewMemberCommit) writer.Write(context);
    }
}
