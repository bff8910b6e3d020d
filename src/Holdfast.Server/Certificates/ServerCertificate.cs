using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Holdfast.Server.Certificates;

/// <summary>
/// The TLS certificate: given, or made at the first start and signed by itself. Invites carry the hash of its public key, so
/// the first connection is already pinned and nobody needs an authority.
/// </summary>
internal static class ServerCertificate
{
    private const string CertificateFile = "tls.crt";
    private const string KeyFile = "tls.key";
    private const int ValidYears = 20;

    /// <summary>The given certificate, or the data folder's own.</summary>
    /// <exception cref="StartupException">It cannot be read.</exception>
    public static X509Certificate2 Load(ServerOptions options, TimeProvider clock)
    {
        var (own, ownKey) = FilesOf(options);
        string certificate = options.TlsCertificate ?? own, key = options.TlsKey ?? ownKey;
        if (options.TlsCertificate is null && !File.Exists(certificate)) MakeFiles(certificate, key, clock);
        try { return X509Certificate2.CreateFromPemFile(certificate, key); }
        catch (Exception unreadable) when (unreadable is CryptographicException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new StartupException($"The TLS certificate {certificate} or its key {key} cannot be read: give both as PEM files that belong together.");
        }
    }

    /// <summary>The files in the data folder.</summary>
    public static (string Certificate, string Key) FilesOf(ServerOptions options) =>
        (Path.Combine(options.Data, CertificateFile), Path.Combine(options.Data, KeyFile));

    /// <summary>What clients pin: SHA-256 of the SubjectPublicKeyInfo.</summary>
    public static byte[] KeyOf(X509Certificate2 certificate) => SHA256.HashData(certificate.PublicKey.ExportSubjectPublicKeyInfo());

    /// <summary>The key is written first, so that a certificate on disk always has one.</summary>
    private static void MakeFiles(string certificateFile, string keyFile, TimeProvider clock)
    {
        var (certificate, key) = Make(clock);
        OwnerFile.Write(keyFile, key);
        OwnerFile.Write(certificateFile, certificate);
    }

    /// <summary>A new certificate that signs itself, and its key, both as PEM.</summary>
    public static (string Certificate, string Key) Make(TimeProvider clock)
    {
#pragma warning disable RS0030 // the one private key a server has: its own TLS key, which protects no message
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Holdfast", key, HashAlgorithmName.SHA256);
#pragma warning restore RS0030
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        var today = new DateTimeOffset(clock.GetUtcNow().Date, TimeSpan.Zero);
        using var certificate = request.CreateSelfSigned(today.AddDays(-1), today.AddYears(ValidYears));
        return (certificate.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }
}
