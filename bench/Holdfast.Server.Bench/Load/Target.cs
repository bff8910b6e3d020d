using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Holdfast.Server.Bench.Load;

/// <summary>How a client reaches one node: its address, and the key that is all it trusts. Without TLS the address says http.</summary>
internal sealed record Target(Uri Address, byte[] Key)
{
    public bool IsPlain => Address.Scheme == Uri.UriSchemeHttp;

    /// <summary>Trusts the pinned key and nothing else.</summary>
    public SslClientAuthenticationOptions Pinned => new()
    {
        TargetHost = Address.Host,
        RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is X509Certificate2 known &&
            CryptographicOperations.FixedTimeEquals(SHA256.HashData(known.PublicKey.ExportSubjectPublicKeyInfo()), Key),
    };
}
