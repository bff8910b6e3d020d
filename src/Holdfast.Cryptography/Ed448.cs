using System.Security.Cryptography;
using Curve = Org.BouncyCastle.Math.EC.Rfc8032.Ed448;

namespace Holdfast.Cryptography;

/// <summary>Ed448 (RFC 8032 §5.2) with an empty context, by BouncyCastle.</summary>
public sealed class Ed448 : SignatureScheme
{
    /// <summary>The size of a private key in bytes.</summary>
    public const int SeedSize = 57;

    private const int PublicKeySize = 57, SignatureSize = 114;

    /// <inheritdoc/>
    public override SignatureKey Import(ReadOnlySpan<byte> privateKey)
    {
        if (privateKey.Length != SeedSize) throw new ArgumentException("an Ed448 private key has 57 bytes", nameof(privateKey));
        return new Key(privateKey);
    }

    /// <inheritdoc/>
    public override SignatureKey Generate(RandomSource random)
    {
        using var seed = Secret.Random(SeedSize, random);
        return new Key(seed.Reveal());
    }

    /// <inheritdoc/>
    public override bool Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature) =>
        publicKey.Length == PublicKeySize && signature.Length == SignatureSize && Curve.Verify(signature, publicKey, [], message);

    private sealed class Key : SignatureKey
    {
        private readonly Secret _seed;

        internal Key(ReadOnlySpan<byte> seed)
        {
            _seed = Secret.CopyOf(seed);
            var publicKey = new byte[PublicKeySize];
            Curve.GeneratePublicKey(seed, publicKey);
            PublicKey = publicKey;
        }

        public override ReadOnlyMemory<byte> PublicKey { get; }

        public override ReadOnlySpan<byte> RevealPrivateKey() => _seed.Reveal();

        public override byte[] Sign(ReadOnlySpan<byte> message)
        {
            var signature = new byte[SignatureSize];
            Curve.Sign(_seed.Reveal(), PublicKey.Span, [], message, signature);
            // A fault while signing would give the key away: what does not verify never leaves.
            if (!Curve.Verify(signature, PublicKey.Span, [], message))
                throw new CryptographicException("a signature failed its own verification and was withheld");
            return signature;
        }

        public override void Dispose() => _seed.Dispose();
    }
}
