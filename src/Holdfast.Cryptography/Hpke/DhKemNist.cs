using System.Security.Cryptography;

namespace Holdfast.Cryptography;

/// <summary>DHKEM over P-256, P-384 or P-521 (RFC 9180 §7.1) by .NET. Public keys are uncompressed points, and lie on the curve.</summary>
public sealed class DhKemNist : DhKem
{
    private readonly NistCurve _curve;

    private DhKemNist(ushort id, Hkdf hkdf, NistCurve curve)
        : base(id, hkdf, curve.PointSize) => _curve = curve;

    /// <summary>DHKEM(P-256, HKDF-SHA256), id 0x0010.</summary>
    public static DhKemNist P256 { get; } = new(0x0010, Hkdf.Sha256, NistCurve.P256);

    /// <summary>DHKEM(P-384, HKDF-SHA384), id 0x0011.</summary>
    public static DhKemNist P384 { get; } = new(0x0011, Hkdf.Sha384, NistCurve.P384);

    /// <summary>DHKEM(P-521, HKDF-SHA512), id 0x0012.</summary>
    public static DhKemNist P521 { get; } = new(0x0012, Hkdf.Sha512, NistCurve.P521);

    /// <inheritdoc/>
    public override KemKey DeriveKeyPair(ReadOnlySpan<byte> inputKeyMaterial)
    {
        using var extracted = Kdf.Extract([], "dkp_prk"u8, inputKeyMaterial);
        for (byte counter = 0; counter < byte.MaxValue; counter++)
        {
            using var candidate = Kdf.Expand(extracted.Reveal(), "candidate"u8, [counter], _curve.Size);
            candidate.Fill()[0] &= _curve.TopMask;
            if (_curve.IsScalar(candidate.Reveal())) return Import(candidate.Reveal());
        }
        throw new CryptographicException("RFC 9180 §7.1.3: no key pair could be derived");   // of probability 2^-8000
    }

    /// <inheritdoc/>
    public override KemKey Import(ReadOnlySpan<byte> privateKey) => new NistKey(this, privateKey);

    /// <inheritdoc/>
    public override KemKey Generate(RandomSource random)
    {
        using var privateKey = _curve.DrawScalar(random);
        return Import(privateKey.Reveal());
    }

    /// <summary>A key that somebody else holds, such as a token, and that agrees when it is asked.</summary>
    /// <param name="publicKey">Its public half.</param>
    /// <param name="agree">RFC 9180 §4 DH with the private half, which never comes here: null for a public key that must be refused.</param>
    public KemKey HeldElsewhere(ReadOnlyMemory<byte> publicKey, Func<ReadOnlyMemory<byte>, Secret?> agree) =>
        IsValidPublicKey(publicKey.Span)
            ? new ForeignKey(this, publicKey, agree)
            : throw new ArgumentException("not a point of this curve", nameof(publicKey));

    /// <inheritdoc/>
    public override bool IsValidPublicKey(ReadOnlySpan<byte> publicKey)
    {
        using var key = OpenPublicKey(publicKey);
        return key is not null;
    }

    /// <summary>RFC 9180 §7.1.4: null for what is not an uncompressed point on the curve.</summary>
    private ECDiffieHellman? OpenPublicKey(ReadOnlySpan<byte> publicKey) => _curve.OpenPublicKey(publicKey, ECDiffieHellman.Create);

    private sealed class NistKey : Key
    {
        private readonly DhKemNist _kem;
        private readonly Secret _private;
        private readonly ECDiffieHellman _key;

        internal NistKey(DhKemNist kem, ReadOnlySpan<byte> privateKey)
            : base(kem)
        {
            (_kem, _private) = (kem, kem._curve.Scalar(privateKey));
            _key = kem._curve.OpenPrivateKey(_private, ECDiffieHellman.Create);
            PublicKey = NistCurve.Encode(_key.ExportParameters(includePrivateParameters: false).Q);
        }

        public override ReadOnlyMemory<byte> PublicKey { get; }

        public override ReadOnlySpan<byte> RevealPrivateKey() => _private.Reveal();

        public override void Dispose()
        {
            _private.Dispose();
            _key.Dispose();
        }

        internal override Secret? Agree(ReadOnlySpan<byte> publicKey)
        {
            using var other = _kem.OpenPublicKey(publicKey);
            if (other is null) return null;
            using var otherPublic = other.PublicKey;
            byte[] shared = _key.DeriveRawSecretAgreement(otherPublic);
            try { return Secret.CopyOf(shared); }
            finally { CryptographicOperations.ZeroMemory(shared); }
        }
    }

    private sealed class ForeignKey(DhKemNist kem, ReadOnlyMemory<byte> publicKey, Func<ReadOnlyMemory<byte>, Secret?> agree) : Key(kem)
    {
        public override ReadOnlyMemory<byte> PublicKey => publicKey;

        public override ReadOnlySpan<byte> RevealPrivateKey() => throw new InvalidOperationException("whoever holds this key does not give it away");

        public override void Dispose()
        {
            // Nothing of it is here.
        }

        internal override Secret? Agree(ReadOnlySpan<byte> publicKey) => agree(publicKey.ToArray());
    }
}
