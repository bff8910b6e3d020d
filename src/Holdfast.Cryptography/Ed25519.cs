using System.Security.Cryptography;

namespace Holdfast.Cryptography;

/// <summary>Ed25519 (RFC 8032) by libsodium; signatures are hedged (<see cref="HedgedEd25519"/>).</summary>
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

    /// <summary>A key whose signing goes wrong in one place, to see that nothing of that leaves.</summary>
    internal static SignatureKey ImportFaulty<TFault>(ReadOnlySpan<byte> privateKey, TFault fault) where TFault : struct, ISigningFault =>
        new Key<TFault>(privateKey, fault);

    private sealed class Key : Key<NoSigningFault>
    {
        internal Key(ReadOnlySpan<byte> seed)
            : base(seed, default)
        {
        }
    }

    /// <summary>Seed and public key as libsodium wants them: the caller never supplies the public half (no double-key oracle).</summary>
    private class Key<TFault> : SignatureKey where TFault : struct, ISigningFault
    {
        private readonly Secret _expanded = new(2 * SeedSize);
        private readonly TFault _fault;

        internal unsafe Key(ReadOnlySpan<byte> seed, TFault fault)
        {
            _fault = fault;
            var publicKey = new byte[Sodium.Curve25519Size];
            fixed (byte* from = seed, secret = _expanded.Fill(), open = publicKey)
                _ = Sodium.crypto_sign_ed25519_seed_keypair(open, secret, from);
            PublicKey = publicKey;
        }

        public override ReadOnlyMemory<byte> PublicKey { get; }

        /// <inheritdoc/>
        public override bool IsForManyThreads => true;   // a signature works on its own stack, with the system's randomness

        public override ReadOnlySpan<byte> RevealPrivateKey() => _expanded.Reveal()[..SeedSize];

        public override unsafe byte[] Sign(ReadOnlySpan<byte> message)
        {
            var signature = new byte[Sodium.Ed25519SignatureSize];
            HedgedEd25519.Sign(_expanded.Reveal(), message, signature, _fault);
            // A fault while signing would give the key away: what does not verify never leaves.
            fixed (byte* tag = signature, content = message, open = PublicKey.Span)
            {
                if (Sodium.crypto_sign_ed25519_verify_detached(tag, content, (ulong)message.Length, open) != 0)
                    throw new CryptographicException("a signature failed its own verification and was withheld");
            }
            return signature;
        }

        public override void Dispose() => _expanded.Dispose();
    }
}
