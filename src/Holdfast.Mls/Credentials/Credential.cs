using Holdfast.Codec;

namespace Holdfast.Mls;

/// <summary>RFC 9420 §5.3: what ties a member's identity to its signature key; the application judges it.</summary>
public abstract record Credential : ITlsStruct<Credential>
{
    private protected Credential()
    {
    }

    /// <summary>One of <see cref="CredentialType"/>.</summary>
    public abstract ushort Type { get; }

    /// <inheritdoc/>
    public void Encode(TlsWriter writer)
    {
        writer.WriteUInt16(Type);
        EncodeBody(writer);
    }

    /// <inheritdoc/>
    public static Credential Decode(ref TlsReader reader) => reader.ReadUInt16() switch
    {
        CredentialType.Basic => new BasicCredential(reader.ReadOpaque(MlsLimits.MaxIdentitySize).ToArray()),
        CredentialType.X509 => new X509Credential(reader.ReadVector(DecodeCertificate, MlsLimits.MaxCertificates)),
        _ => throw new MlsException(MlsError.Unsupported, "RFC 9420 §5.3: a credential type that is not known cannot be read"),
    };

    private protected abstract void EncodeBody(TlsWriter writer);

    private static ReadOnlyMemory<byte> DecodeCertificate(ref TlsReader reader) =>
        reader.ReadOpaque(MlsLimits.MaxIdentitySize).ToArray();
}

/// <summary>RFC 9420 §5.3: a bare assertion of an identity, whose format is the application's.</summary>
public sealed record BasicCredential(ReadOnlyMemory<byte> Identity) : Credential
{
    /// <inheritdoc/>
    public override ushort Type => CredentialType.Basic;

    private protected override void EncodeBody(TlsWriter writer) => writer.WriteOpaque(Identity.Span);
}

/// <summary>RFC 9420 §5.3: DER certificates, the member's own first.</summary>
public sealed record X509Credential(IReadOnlyList<ReadOnlyMemory<byte>> Certificates) : Credential
{
    /// <inheritdoc/>
    public override ushort Type => CredentialType.X509;

    private protected override void EncodeBody(TlsWriter writer) =>
        writer.WriteVector(Certificates, static (output, certificate) => output.WriteOpaque(certificate.Span));
}
