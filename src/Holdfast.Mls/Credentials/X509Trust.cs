using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Holdfast.Mls;

/// <summary>
/// An authentication service for X.509 credentials (RFC 9420 §5.3.1) by the platform's path validation (RFC 5280 §6): only the given
/// roots are trusted, nothing is fetched, revocation is not looked up, and the time is the caller's. Whether the identity in the
/// certificate is the one expected stays the application's question.
/// </summary>
public sealed class X509Trust : IDisposable
{
    private readonly X509Certificate2Collection _roots = [];
    private readonly string? _extendedKeyUsage;

    /// <summary>Trust in those roots.</summary>
    /// <param name="roots">Self-signed certificates in DER. With none every credential is refused.</param>
    /// <param name="extendedKeyUsage">
    /// The purpose every certificate that limits its purposes must allow, as an object identifier; null for any.
    /// </param>
    /// <exception cref="CryptographicException">A root is not a certificate.</exception>
    public X509Trust(IEnumerable<ReadOnlyMemory<byte>> roots, string? extendedKeyUsage = null)
    {
        foreach (var root in roots) _roots.Add(X509CertificateLoader.LoadCertificate(root.Span));
        _extendedKeyUsage = extendedKeyUsage;
    }

    /// <summary>
    /// Whether the credential's chain leads to a root at that time. Every certificate sent must be part of that path, in order.
    /// </summary>
    public bool Accepts(Credential credential, DateTimeOffset time)
    {
        if (credential is not X509Credential { Certificates.Count: > 0 } x509 || _roots.Count == 0) return false;
        var presented = new X509Certificate2Collection();
        try
        {
            foreach (var certificate in x509.Certificates) presented.Add(X509CertificateLoader.LoadCertificate(certificate.Span));
            return MaySign(presented[0]) && Leads(presented, time);
        }
        catch (CryptographicException)
        {
            return false;   // bytes that the platform cannot read as a certificate
        }
        finally
        {
            foreach (var certificate in presented) certificate.Dispose();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var root in _roots) root.Dispose();
    }

    private bool Leads(X509Certificate2Collection presented, DateTimeOffset time)
    {
        using var chain = new X509Chain { ChainPolicy = Policy(presented, time) };
        try
        {
            return chain.Build(presented[0]) && IsPrefix(presented, chain.ChainElements);
        }
        finally
        {
            foreach (var element in chain.ChainElements) element.Certificate.Dispose();
        }
    }

    private X509ChainPolicy Policy(X509Certificate2Collection presented, DateTimeOffset time)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
            VerificationTime = time.UtcDateTime,
            VerificationTimeIgnored = false,
        };
        policy.CustomTrustStore.AddRange(_roots);
        policy.ExtraStore.AddRange(presented);
        if (_extendedKeyUsage is not null) policy.ApplicationPolicy.Add(new Oid(_extendedKeyUsage));
        return policy;
    }

    private static bool IsPrefix(X509Certificate2Collection presented, X509ChainElementCollection path)
    {
        if (presented.Count > path.Count) return false;
        for (int i = 0; i < presented.Count; i++)
        {
            if (!presented[i].RawDataMemory.Span.SequenceEqual(path[i].Certificate.RawDataMemory.Span)) return false;
        }
        return true;
    }

    /// <summary>RFC 5280 §4.2.1.3: a key whose usage is limited must be one for signatures.</summary>
    private static bool MaySign(X509Certificate2 certificate) => certificate.Extensions.OfType<X509KeyUsageExtension>()
        .All(usage => usage.KeyUsages.HasFlag(X509KeyUsageFlags.DigitalSignature));
}
