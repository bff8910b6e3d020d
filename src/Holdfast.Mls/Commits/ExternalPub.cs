using Holdfast.Codec;

namespace Holdfast.Mls;

/// <summary>RFC 9420 §12.4.3.2: the public half of an epoch's external key, in a GroupInfo.</summary>
/// <param name="PublicKey">The HPKE public key.</param>
public sealed record ExternalPub(ReadOnlyMemory<byte> PublicKey) : ITlsStruct<ExternalPub>
{
    /// <summary>The key that stands in a GroupInfo's extensions, or null.</summary>
    /// <exception cref="CodecException">The extension cannot be read.</exception>
    public static ExternalPub? In(IReadOnlyList<Extension> groupInfoExtensions)
    {
        var extension = Extension.Find(groupInfoExtensions, ExtensionType.ExternalPub);
        return extension is null ? null : Tls.Decode<ExternalPub>(extension.Data.Span);
    }

    /// <inheritdoc/>
    public void Encode(TlsWriter writer) => writer.WriteOpaque(PublicKey.Span);

    /// <inheritdoc/>
    public static ExternalPub Decode(ref TlsReader reader) => new(reader.ReadOpaque(MlsLimits.MaxKeySize).ToArray());

    internal Extension ToExtension() => new(ExtensionType.ExternalPub, Tls.Encode(this));
}
