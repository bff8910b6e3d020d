using Holdfast.Codec;
using Holdfast.Protocol;

namespace Holdfast.Vault;

/// <summary>The plaintext of an application message: a version and MIMI content (draft-ietf-mimi-content), padded to a bucket.</summary>
internal static class Envelope
{
    internal static byte[] Pad(MimiContent content)
    {
        var writer = new TlsWriter();
        FormatVersion.Write(writer);
        writer.WriteOpaque(content.Encode());
        return Padding.Pad(writer.Written);
    }

    /// <exception cref="CodecException">The plaintext is not ours.</exception>
    internal static MimiContent Unpad(ReadOnlySpan<byte> padded)
    {
        var reader = new TlsReader(Padding.Unpad(padded));
        FormatVersion.Read(ref reader);
        var content = MimiContent.Decode(reader.ReadOpaque());
        reader.ExpectEnd();
        return content;
    }
}
