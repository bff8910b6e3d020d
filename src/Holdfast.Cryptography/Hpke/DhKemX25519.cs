namespace Holdfast.Cryptography;

/// <summary>DHKEM(X25519, HKDF-SHA256) (RFC 9180 §4.1, id 0x0020). An all-zero shared point is refused (RFC 7748 §6.1).</summary>
public sealed class DhKemX25519 : Kem
{
    private static readonly LabeledHkdf Kdf = new(Hkdf.Sha256, "KEM"u8, [0x0020]);

    /// <inheritdoc/>
    public override ushort Id => 0x0020;

    /// <inheritdoc/>
    public override int PublicKeySize => Sodium.Curve25519Size;

    /// <inheritdoc/>
    public override int EncapsulationSize => Sodium.Curve25519Size;

    /// <summary>RFC 7748 §6.1: the shared point, or null where the public key forces it to be zero.</summary>
    public static unsafe Secret? Agree(ReadOnlySpan<byte> privateKey, ReadOnlySpan<byte> publicKey)
    {
        if (privateKey.Length != Sodium.Curve25519Size || publicKey.Length != Sodium.Curve25519Size) return null;
        var shared = new Secret(Sodium.Curve25519Size);
        int outcome;
        fixed (byte* output = shared.Fill(), secret = privateKey, open = publicKey)
            outcome = Sodium.crypto_scalarmult_curve25519(output, secret, open);
        if (outcome == 0) return shared;
        shared.Dispose();
        return null;
    }

    /// <inheritdoc/>
    public override KemKey DeriveKeyPair(ReadOnlySpan<byte> inputKeyMaterial)
    {
        using var extracted = Kdf.Extract([], "dkp_prk"u8, inputKeyMaterial);
        using var privateKey = Kdf.Expand(extracted.Reveal(), "sk"u8, [], Sodium.Curve25519Size);
        return new Key(privateKey.Reveal());
    }

    /// <inheritdoc/>
    public override KemKey Import(ReadOnlySpan<byte> privateKey)
    {
        if (privateKey.Length != Sodium.Curve25519Size)
            throw new ArgumentException("an X25519 private key has 32 bytes", nameof(privateKey));
        return new Key(privateKey);
    }

    /// <inheritdoc/>
    public override KemKey Generate(RandomSource random)
    {
        using var privateKey = Secret.Random(Sodium.Curve25519Size, random);
        return new Key(privateKey.Reveal());
    }

    /// <inheritdoc/>
    public override bool IsValidPublicKey(ReadOnlySpan<byte> publicKey)
    {
        if (publicKey.Length != Sodium.Curve25519Size) return false;
        // Any scalar finds the points of low order: clamping makes it a multiple of the cofactor.
        Span<byte> probe = stackalloc byte[Sodium.Curve25519Size];
        probe.Fill(0x55);
        using var shared = Agree(probe, publicKey);
        return shared is not null;
    }

    /// <inheritdoc/>
    public override Secret? Encapsulate(ReadOnlySpan<byte> publicKey, RandomSource random, out byte[] encapsulation)
    {
        using var ephemeral = Generate(random);
        encapsulation = ephemeral.PublicKey.ToArray();
        using var shared = Agree(ephemeral.RevealPrivateKey(), publicKey);
        return shared is null ? null : ExtractAndExpand(shared, encapsulation, publicKey);
    }

    private static Secret ExtractAndExpand(Secret shared, ReadOnlySpan<byte> encapsulation, ReadOnlySpan<byte> publicKey)
    {
        using var extracted = Kdf.Extract([], "eae_prk"u8, shared.Reveal());
        return Kdf.Expand(extracted.Reveal(), "shared_secret"u8, [.. encapsulation, .. publicKey], 32);
    }

    private sealed class Key : KemKey
    {
        private readonly Secret _private;

        internal unsafe Key(ReadOnlySpan<byte> privateKey)
        {
            _private = Secret.CopyOf(privateKey);
            var publicKey = new byte[Sodium.Curve25519Size];
            fixed (byte* output = publicKey, secret = _private.Reveal()) _ = Sodium.crypto_scalarmult_curve25519_base(output, secret);
            PublicKey = publicKey;
        }

        public override ReadOnlyMemory<byte> PublicKey { get; }

        public override ReadOnlySpan<byte> RevealPrivateKey() => _private.Reveal();

        public override Secret? Decapsulate(ReadOnlySpan<byte> encapsulation)
        {
            using var shared = Agree(_private.Reveal(), encapsulation);
            return shared is null ? null : ExtractAndExpand(shared, encapsulation, PublicKey.Span);
        }

        public override void Dispose() => _private.Dispose();
    }
}
