namespace Holdfast.Cryptography;

/// <summary>
/// A KEM of draft-ietf-hpke-pq by libsodium: the private key is the seed that the key pair is expanded from, and a random string of a
/// fixed size goes into each encapsulation.
/// </summary>
public abstract class SeedKem : Kem
{
    private const int SharedSecretSize = 32;

    private readonly int _seedSize, _randomSize;

    private protected SeedKem(ushort id, int seedSize, int randomSize, int publicKeySize, int encapsulationSize)
    {
        (Id, _seedSize, _randomSize) = (id, seedSize, randomSize);
        (PublicKeySize, EncapsulationSize) = (publicKeySize, encapsulationSize);
    }

    /// <inheritdoc/>
    public sealed override ushort Id { get; }

    /// <inheritdoc/>
    public sealed override int PublicKeySize { get; }

    /// <inheritdoc/>
    public sealed override int EncapsulationSize { get; }

    /// <summary>draft-ietf-hpke-pq §3 and §4: the seed is SHAKE256.LabeledDerive(ikm, "DeriveKeyPair").</summary>
    public sealed override KemKey DeriveKeyPair(ReadOnlySpan<byte> inputKeyMaterial)
    {
        ReadOnlySpan<byte> label =
            [.. "HPKE-v1KEM"u8, (byte)(Id >> 8), (byte)(Id & 0xff), 0, 13, .. "DeriveKeyPair"u8, (byte)(_seedSize >> 8), (byte)_seedSize];
        using Secret labeled = new(inputKeyMaterial.Length + label.Length), seed = new(_seedSize);
        inputKeyMaterial.CopyTo(labeled.Fill());
        label.CopyTo(labeled.Fill()[inputKeyMaterial.Length..]);
        Shake256(labeled.Reveal(), seed.Fill());
        return Import(seed.Reveal());
    }

    /// <inheritdoc/>
    public sealed override KemKey Import(ReadOnlySpan<byte> privateKey)
    {
        if (privateKey.Length != _seedSize) throw new ArgumentException($"the private key has {_seedSize} bytes", nameof(privateKey));
        return new SeedKey(this, Secret.CopyOf(privateKey));
    }

    /// <inheritdoc/>
    public sealed override KemKey Generate(RandomSource random) => new SeedKey(this, Secret.Random(_seedSize, random));

    /// <inheritdoc/>
    public sealed override Secret? Encapsulate(ReadOnlySpan<byte> publicKey, RandomSource random, out byte[] encapsulation)
    {
        encapsulation = new byte[EncapsulationSize];
        if (publicKey.Length != PublicKeySize) return null;
        using var chosen = Secret.Random(_randomSize, random);
        var shared = new Secret(SharedSecretSize);
        if (TryEncapsulate(publicKey, chosen.Reveal(), encapsulation, shared.Fill())) return shared;
        shared.Dispose();
        return null;
    }

    /// <summary>The public key of a seed.</summary>
    private protected abstract void Expand(ReadOnlySpan<byte> seed, Span<byte> publicKey);

    /// <summary>False for a public key that must be refused; every size is right.</summary>
    private protected abstract bool TryEncapsulate(
        ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> chosen, Span<byte> encapsulation, Span<byte> shared);

    /// <summary>False for an encapsulation that must be refused; every size is right.</summary>
    private protected abstract bool TryDecapsulate(ReadOnlySpan<byte> seed, ReadOnlySpan<byte> encapsulation, Span<byte> shared);

    private static unsafe void Shake256(ReadOnlySpan<byte> input, Span<byte> output)
    {
        fixed (byte* target = output, source = input)
            _ = Sodium.crypto_xof_shake256(target, (nuint)output.Length, source, (ulong)input.Length);
    }

    private sealed class SeedKey(SeedKem kem, Secret seed) : KemKey
    {
        private byte[]? _publicKey;   // found when it is first asked for: whoever only decapsulates does without

        public override ReadOnlyMemory<byte> PublicKey => _publicKey ??= FindPublicKey();

        public override ReadOnlySpan<byte> RevealPrivateKey() => seed.Reveal();

        public override Secret? Decapsulate(ReadOnlySpan<byte> encapsulation)
        {
            var bytes = seed.Reveal();
            if (encapsulation.Length != kem.EncapsulationSize) return null;
            var shared = new Secret(SharedSecretSize);
            if (kem.TryDecapsulate(bytes, encapsulation, shared.Fill())) return shared;
            shared.Dispose();
            return null;
        }

        public override void Dispose() => seed.Dispose();

        private byte[] FindPublicKey()
        {
            var publicKey = new byte[kem.PublicKeySize];
            kem.Expand(seed.Reveal(), publicKey);
            return publicKey;
        }
    }
}
