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

    /// <summary>RFC 9420 §12.1.8.1: those whom a group context's extensions name, in their order; a sender's index counts in it.</summary>
    /// <exception cref="CodecException">The extension cannot be read.</exception>
    public static IReadOnlyList<ExternalSender> In(IReadOnlyList<Extension> contextExtensions)
    {
        var extension = Extension.Find(contextExtensions, ExtensionType.ExternalSenders);
        if (extension is null) return [];
        var reader = new TlsReader(extension.Data.Span);
        var senders = reader.ReadVector<ExternalSender>(MlsLimits.MaxExternalSenders);
        reader.ExpectEnd();
        return senders;
    }

    /// <summary>RFC 9420 §12.1.8.1: the external_senders extension, for a group context.</summary>
    public static Extension ToExtension(IReadOnlyList<ExternalSender> senders)
    {
        using var writer = new TlsWriter();
        writer.WriteVector(senders);
        return new Extension(ExtensionType.ExternalSenders, writer.Written.ToArray());
    }

    /// <inheritdoc/>
    public static ExternalSender Decode(ref TlsReader reader) =>
        new(reader.ReadOpaque(MlsLimits.MaxKeySize).ToArray(), Credential.Decode(ref reader));
}
