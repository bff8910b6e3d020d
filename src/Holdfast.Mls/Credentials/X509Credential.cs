using Holdfast.Codec;
using Holdfast.Cryptography;

namespace Holdfast.Mls;

/// <summary>
/// RFC 9420 §5.3: a chain of DER certificates, the member's own first and each signed by the next; a root may be left out.
/// </summary>
public sealed record X509Credential(IReadOnlyList<ReadOnlyMemory<byte>> Certificates) : Credential
{
    /// <inheritdoc/>
    public override ushort Type => CredentialType.X509;

    internal static X509Credential DecodeBody(ref TlsReader reader)
    {
        var certificates = new TlsReader(reader.ReadOpaque(MlsLimits.MaxCertificateChainSize));
        var chain = new List<ReadOnlyMemory<byte>>();
        while (certificates.Remaining > 0)
        {
            if (chain.Count == MlsLimits.MaxCertificates)
                throw new StructureException(MlsError.TooLarge, "RFC 9420 §5.3: a chain of more certificates than we allow");
            chain.Add(certificates.ReadOpaque(MlsLimits.MaxIdentitySize).ToArray());
        }
        return new X509Credential(chain);
    }

    /// <summary>RFC 9420 §5.3: the end certificate's subject public key MUST be the leaf's signature key.</summary>
    /// <exception cref="MlsException">It is not, or the certificate cannot be read.</exception>
    internal void CheckCertifies(CipherSuite suite, ReadOnlySpan<byte> signatureKey)
    {
        MlsException.Require(Certificates.Count > 0, MlsError.InvalidLeafNode, "RFC 9420 §5.3: an X.509 credential without a certificate");
        var key = SubjectPublicKey.Read(Certificates[0])
            ?? throw new MlsException(MlsError.InvalidLeafNode, "RFC 9420 §5.3: the end-entity certificate cannot be read");
        MlsException.Require(
            key.IsOf(suite.Signature) && key.Bits.Span.SequenceEqual(signatureKey),
            MlsError.InvalidLeafNode,
            "RFC 9420 §5.3: the end-entity certificate's public key is not the leaf's signature_key");
    }

    private protected override void EncodeBody(TlsWriter writer) =>
        writer.WriteVector(Certificates, static (output, certificate) => output.WriteOpaque(certificate.Span));
}
