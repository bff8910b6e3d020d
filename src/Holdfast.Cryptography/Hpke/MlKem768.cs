namespace Holdfast.Cryptography;

/// <summary>ML-KEM-768 (FIPS 203; draft-ietf-hpke-pq §3, id 0x0041) by libsodium. The private key is the seed d || z of 64 bytes.</summary>
public sealed class MlKem768() : SeedKem(0x0041, Sodium.MlKem768SeedSize, RandomSize, KeySize, CiphertextSize)
{
    internal const int RandomSize = 32;
    internal const int KeySize = 1184;
    internal const int CiphertextSize = 1088;

    private const int Modulus = 3329;
    private const int MatrixSeedSize = 32;

    /// <summary>FIPS 203 §7.2: the size, and every coefficient below the modulus.</summary>
    public override bool IsValidPublicKey(ReadOnlySpan<byte> publicKey)
    {
        if (publicKey.Length != KeySize) return false;
        for (int i = 0; i < KeySize - MatrixSeedSize; i += 3)
        {
            int low = publicKey[i] | ((publicKey[i + 1] & 0x0f) << 8), high = (publicKey[i + 1] >> 4) | (publicKey[i + 2] << 4);
            if (low >= Modulus || high >= Modulus) return false;
        }
        return true;
    }

    private protected override unsafe void Expand(ReadOnlySpan<byte> seed, Span<byte> publicKey)
    {
        using var expanded = new Secret(Sodium.MlKem768PrivateKeySize);
        fixed (byte* output = publicKey, secret = expanded.Fill(), source = seed)
            _ = Sodium.crypto_kem_mlkem768_seed_keypair(output, secret, source);
    }

    private protected override unsafe bool TryEncapsulate(
        ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> chosen, Span<byte> encapsulation, Span<byte> shared)
    {
        fixed (byte* ciphertext = encapsulation, secret = shared, open = publicKey, random = chosen)
            return Sodium.crypto_kem_mlkem768_enc_deterministic(ciphertext, secret, open, random) == 0;
    }

    private protected override unsafe bool TryDecapsulate(ReadOnlySpan<byte> seed, ReadOnlySpan<byte> encapsulation, Span<byte> shared)
    {
        using var expanded = new Secret(Sodium.MlKem768PrivateKeySize);
        Span<byte> publicKey = stackalloc byte[KeySize];
        fixed (byte* output = publicKey, key = expanded.Fill(), source = seed, secret = shared, ciphertext = encapsulation)
        {
            _ = Sodium.crypto_kem_mlkem768_seed_keypair(output, key, source);
            return Sodium.crypto_kem_mlkem768_dec(secret, ciphertext, key) == 0;
        }
    }
}
