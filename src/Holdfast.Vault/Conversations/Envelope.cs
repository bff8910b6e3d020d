using Holdfast.Codec;
using Holdfast.Protocol;

namespace Holdfast.Vault;

/// <summary>The plaintext of an application message: when it was sent, and MIMI content, padded to a bucket.</summary>
/// <param name="SentAt">By the sender's clock, in milliseconds since 1970.</param>
/// <param name="Content">MIMI content (draft-ietf-mimi-content) in CBOR.</param>
internal sealed record Envelope(ulong SentAt, ReadOnlyMemory<byte> Content) : ITlsStruct<Envelope>
{
    /// <inheritdoc/>
    public static Envelope Decode(ref TlsReader reader)
    {
        if (reader.ReadUInt8() != ProtocolLimits.Version) throw new CodecException("a message of another version");
        return new(reader.ReadUInt64(), reader.ReadOpaque().ToArray());
    }

    /// <inheritdoc/>
    public void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(ProtocolLimits.Version);
        writer.WriteUInt64(SentAt);
        writer.WriteOpaque(Content.Span);
    }

    internal byte[] Pad() => Padding.Pad(Tls.Encode(this));

    internal static Envelope Unpad(ReadOnlySpan<byte> padded) => Tls.Decode<Envelope>(Padding.Unpad(padded));
}
