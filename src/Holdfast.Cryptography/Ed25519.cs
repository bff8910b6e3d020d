using System.Security.Cryptography;

namespace Holdfast.Cryptography;

/// <summary>Ed25519 (RFC 8032) by libsodium.</summary>
public sealed class Ed25519 : SignatureScheme
{
    /// <summary>The size of a private key's seed in bytes.</summary>
    public const int SeedSize = 32;

    /// <inheritdoc/>
    public override SignatureKey Import(ReadOnlySpan<byte> privateKey)
    {
        if (privateKey.Length != SeedSize) throw new ArgumentException("an Ed25519 private key has 32 bytes", nameof(privateKey));
        return new Key(privateKey);
    }

    /// <inheritdoc/>
    public override SignatureKey Generate(RandomSource random)
    {
        using var seed = Secret.Random(SeedSize, random);
        return new Key(seed.Reveal());
    }

    /// <inheritdoc/>
    public override unsafe bool Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        if (publicKey.Length != Sodium.Curve25519Size || signature.Length != Sodium.Ed25519SignatureSize) return false;
        fixed (byte* key = publicKey, content = message, tag = signature)
            return Sodium.crypto_sign_ed25519_verify_detached(tag, content, (ulong)message.Length, key) == 0;
    }

    /// <summary>Seed and public key as libsodium wants them: the caller never supplies the public half (no double-key oracle).</summary>
    private sealed class Key : SignatureKey
    {
        private readonly Secret _expanded = new(2 * SeedSize);

        internal unsafe Key(ReadOnlySpan<byte> seed)
        {
            var publicKey = new byte[Sodium.Curve25519Size];
            fixed (byte* from = seed, secret = _expanded.Fill(), open = publicKey)
                _ = Sodium.crypto_sign_ed25519_seed_keypair(open, secret, from);
            PublicKey = publicKey;
        }

        public override ReadOnlyMemory<byte> PublicKey { get; }

        public override ReadOnlySpan<byte> RevealPrivateKey() => _expanded.Reveal()[..SeedSize];

        public override unsafe byte[] Sign(ReadOnlySpan<byte> message)
        {
            var signature = new byte[Sodium.Ed25519SignatureSize];
            fixed (byte* tag = signature, content = message, secret = _expanded.Reveal(), open = PublicKey.Span)
            {
                _ = Sodium.crypto_sign_ed25519_detached(tag, null, content, (ulong)message.Length, secret);
                // A fault while signing would give the key away: what does not verify never leaves.
                if (Sodium.crypto_sign_ed25519_verify_detached(tag, content, (ulong)message.Length, open) != 0)
                    throw new CryptographicException("a signature failed its own verification and was withheld");
            }
            return signature;
        }

        public override void Dispose() => _expanded.Dispose();
    }
}
