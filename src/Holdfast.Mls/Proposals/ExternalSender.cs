using Holdfast.Codec;

namespace Holdfast.Mls;

/// <summary>RFC 9420 §12.1.8.1: someone outside the group who may propose.</summary>
public sealed record ExternalSender(ReadOnlyMemory<byte> SignatureKey, Credential Credential) : ITlsStruct<ExternalSender>
{
    /// <inheritdoc/>
    public void Encode(TlsWriter writer)
    {
        writer.WriteOpaque(SignatureKey.Span);
        writer.Write(Credential);
    }

    /// <inheritdoc/>
    public static ExternalSender Decode(ref TlsReader reader) =>
        new(reader.ReadOpaque(MlsLimits.MaxKeySize).ToArray(), Credential.Decode(ref reader));
}
