using System.Security.Cryptography;

namespace Holdfast.Cryptography;

/// <summary>
/// ECDSA over P-256, P-384 or P-521, each with the hash RFC 9420 §17.1 pairs it with, by .NET. Public keys are uncompressed points and
/// signatures are DER (RFC 9420 §5.1.2, RFC 8446 §4.2.3).
/// </summary>
public sealed class Ecdsa : SignatureScheme
{
    private const DSASignatureFormat Format = DSASignatureFormat.Rfc3279DerSequence;

    private readonly NistCurve _curve;
    private readonly HashAlgorithmName _hash;

    private Ecdsa(NistCurve curve, HashAlgorithmName hash) => (_curve, _hash) = (curve, hash);

    /// <summary>P-256 with SHA-256.</summary>
    public static Ecdsa P256 { get; } = new(NistCurve.P256, HashAlgorithmName.SHA256);

    /// <summary>P-384 with SHA-384.</summary>
    public static Ecdsa P384 { get; } = new(NistCurve.P384, HashAlgorithmName.SHA384);

    /// <summary>P-521 with SHA-512.</summary>
    public static Ecdsa P521 { get; } = new(NistCurve.P521, HashAlgorithmName.SHA512);

    /// <inheritdoc/>
    public override SignatureKey Import(ReadOnlySpan<byte> privateKey) => new Key(this, privateKey);

    /// <inheritdoc/>
    public override SignatureKey Generate(RandomSource random)
    {
        using var privateKey = _curve.DrawScalar(random);
        return Import(privateKey.Reveal());
    }

    /// <inheritdoc/>
    public override bool Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        if (_curve.PublicKey(publicKey) is not { } parameters) return false;
        try
        {
            using var key = ECDsa.Create(parameters);
            return key.VerifyData(message, signature, _hash, Format);
        }
        catch (CryptographicException) { return false; }   // a point off the curve
    }

    private sealed class Key : SignatureKey
    {
        private readonly Ecdsa _scheme;
        private readonly Secret _private;
        private readonly ECDsa _key;

        internal Key(Ecdsa scheme, ReadOnlySpan<byte> privateKey)
        {
            var parameters = scheme._curve.PrivateKey(privateKey);
            try { _key = ECDsa.Create(parameters); }
            finally { CryptographicOperations.ZeroMemory(parameters.D); }
            (_scheme, _private) = (scheme, Secret.CopyOf(privateKey));
            PublicKey = NistCurve.Encode(_key.ExportParameters(includePrivateParameters: false).Q);
        }

        public override ReadOnlyMemory<byte> PublicKey { get; }

        public override ReadOnlySpan<byte> RevealPrivateKey() => _private.Reveal();

        public override byte[] Sign(ReadOnlySpan<byte> message)
        {
            byte[] signature = _key.SignData(message, _scheme._hash, Format);
            // A fault while signing would give the key away: what does not verify never leaves.
            if (!_scheme.Verify(PublicKey.Span, message, signature))
                throw new CryptographicException("a signature failed its own verification and was withheld");
            return signature;
        }

        public override void Dispose()
        {
            _private.Dispose();
            _key.Dispose();
        }
    }
}
