using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Holdfast.Cryptography;

namespace Holdfast.Mls.Tests;

/// <summary>A certification authority with keys of an MLS suite, which issues whatever it is told to.</summary>
internal sealed class Authority : IDisposable
{
    internal static readonly DateTimeOffset From = DateTimeOffset.UnixEpoch.AddYears(50), Until = From.AddYears(10), Now = From.AddYears(1);

    private readonly SignatureKey _key;
    private readonly CipherSuite _suite;
    private byte _serial = 1;

    private Authority(string name, CipherSuite suite)
    {
        (Name, _suite) = (new X500DistinguishedName($"CN={name}"), suite);
        _key = suite.Signature.Generate(RandomSource.System);
    }

    internal X500DistinguishedName Name { get; }

    internal ReadOnlyMemory<byte> Certificate { get; private set; }

    internal ReadOnlyMemory<byte> PublicKey => _key.PublicKey;

    /// <summary>An authority that certifies itself.</summary>
    internal static Authority Root(string name, CipherSuite suite)
    {
        var root = new Authority(name, suite);
        root.Certificate = root.Issue(root.Name, root.PublicKey, suite, CertifiesOthers());
        return root;
    }

    /// <summary>An authority below this one.</summary>
    internal Authority Below(string name, params X509Extension[] extensions)
    {
        var below = new Authority(name, _suite);
        below.Certificate = Issue(below.Name, below.PublicKey, _suite, extensions.Length > 0 ? extensions : CertifiesOthers());
        return below;
    }

    internal static X509Extension[] CertifiesOthers(int? pathLength = null) =>
    [
        new X509BasicConstraintsExtension(true, pathLength is not null, pathLength ?? 0, true),
        new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true),
    ];

    internal byte[] Issue(
        X500DistinguishedName subject,
        ReadOnlyMemory<byte> publicKey,
        CipherSuite suite,
        X509Extension[]? extensions = null,
        DateTimeOffset? from = null,
        DateTimeOffset? until = null)
    {
        var request = new CertificateRequest(subject, SubjectKey(suite, publicKey), HashOf(_suite));
        foreach (var extension in extensions ?? []) request.CertificateExtensions.Add(extension);
        using var certificate = request.Create(Name, new Generator(_suite, _key), from ?? From, until ?? Until, [_serial++]);
        return certificate.RawData;
    }

    public void Dispose() => _key.Dispose();

    private static PublicKey SubjectKey(CipherSuite suite, ReadOnlyMemory<byte> key)
    {
        var (identifier, curve) = Algorithm(suite);
        var parameters = curve is null ? null : new AsnEncodedData(Der(writer => writer.WriteObjectIdentifier(curve)));
        return new PublicKey(new Oid(identifier), parameters!, new AsnEncodedData(key.Span));
    }

    private static (string Identifier, string? Curve) Algorithm(CipherSuite suite) => suite.Id switch
    {
        2 => ("1.2.840.10045.2.1", "1.2.840.10045.3.1.7"),
        7 => ("1.2.840.10045.2.1", "1.3.132.0.34"),
        5 => ("1.2.840.10045.2.1", "1.3.132.0.35"),
        4 or 6 => ("1.3.101.113", null),
        _ => ("1.3.101.112", null),
    };

    private static HashAlgorithmName HashOf(CipherSuite suite) => suite.Id switch
    {
        5 => HashAlgorithmName.SHA512,
        7 => HashAlgorithmName.SHA384,
        _ => HashAlgorithmName.SHA256,
    };

    private static byte[] Der(Action<AsnWriter> write)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        write(writer);
        return writer.Encode();
    }

    private sealed class Generator(CipherSuite suite, SignatureKey key) : X509SignatureGenerator
    {
        public override byte[] GetSignatureAlgorithmIdentifier(HashAlgorithmName hashAlgorithm) => Der(writer =>
        {
            using var sequence = writer.PushSequence();
            writer.WriteObjectIdentifier(suite.Id switch
            {
                2 => "1.2.840.10045.4.3.2",
                7 => "1.2.840.10045.4.3.3",
                5 => "1.2.840.10045.4.3.4",
                _ => Algorithm(suite).Identifier,
            });
        });

        public override byte[] SignData(byte[] data, HashAlgorithmName hashAlgorithm) => key.Sign(data);

        protected override PublicKey BuildPublicKey() => SubjectKey(suite, key.PublicKey);
    }
}
