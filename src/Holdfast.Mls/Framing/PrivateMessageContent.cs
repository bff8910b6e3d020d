using Holdfast.Codec;

namespace Holdfast.Mls;

/// <summary>RFC 9420 §6.3.1: what a private message encrypts: content, authentication and padding.</summary>
internal static class PrivateMessageContent
{
    /// <summary>Writes content and authentication, then zeros up to a multiple of <paramref name="paddingBlock"/>.</summary>
    internal static void Encode(TlsWriter writer, Content content, FramedContentAuthData auth, int paddingBlock)
    {
        content.Encode(writer);
        auth.Encode(writer, content.Type);
        if (paddingBlock <= 1) return;
        int beyond = writer.Length % paddingBlock;
        if (beyond > 0) writer.WriteBytes(new byte[paddingBlock - beyond]);
    }

    /// <summary>Reads content and authentication; whatever follows is padding.</summary>
    internal static (Content Content, FramedContentAuthData Auth) Decode(ReadOnlySpan<byte> plaintext, ContentType type)
    {
        var reader = new TlsReader(plaintext);
        var content = Content.Decode(type, ref reader);
        var auth = FramedContentAuthData.Decode(ref reader, type);
        MlsException.Require(
            !reader.Rest.ContainsAnyExcept((byte)0), MlsError.Malformed, "RFC 9420 §6.3.1: padding is all zeros");
        return (content, auth);
    }
}
