namespace Holdfast.Cryptography;

/// <summary>
/// MLKEM768-X25519, also called X-Wing (draft-irtf-cfrg-concrete-hybrid-kems, draft-ietf-hpke-pq §4, id 0x647a) by libsodium: the shared
/// secret is safe as long as either ML-KEM-768 or X25519 is. The private key is a seed of 32 bytes.
/// </summary>
public sealed class MlKem768X25519() : SeedKem(
    0x647a,
    seedSize: 32,
    MlKem768.RandomSize + Sodium.Curve25519Size,
    MlKem768.KeySize + Sodium.Curve25519Size,
    MlKem768.CiphertextSize + Sodium.Curve25519Size)
{
    private readonly MlKem768 _lattice = new();
    private readonly DhKemX25519 _curve = new();

    /// <summary>
    /// Both halves must be good: the lattice's canonical (FIPS 203 §7.2), the curve's of no low order, which libsodium refuses as
    /// RFC 9180 §7.1.4 does. A key with one bad half would leave the other alone.
    /// </summary>
    public override bool IsValidPublicKey(ReadOnlySpan<byte> publicKey) =>
        publicKey.Length == PublicKeySize
        && _lattice.IsValidPublicKey(publicKey[..MlKem768.KeySize])
        && _curve.IsValidPublicKey(publicKey[MlKem768.KeySize..]);

    private protected override unsafe void Expand(ReadOnlySpan<byte> seed, Span<byte> publicKey)
    {
        using var same = new Secret(seed.Length);
        fixed (byte* output = publicKey, secret = same.Fill(), source = seed)
            _ = Sodium.crypto_kem_xwing_seed_keypair(output, secret, source);
    }

    private protected override unsafe bool TryEncapsulate(
        ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> chosen, Span<byte> encapsulation, Span<byte> shared)
    {
        fixed (byte* ciphertext = encapsulation, secret = shared, open = publicKey, random = chosen)
            return Sodium.crypto_kem_xwing_enc_deterministic(ciphertext, secret, open, random) == 0;
    }

    private protected override unsafe bool TryDecapsulate(ReadOnlySpan<byte> seed, ReadOnlySpan<byte> encapsulation, Span<byte> shared)
    {
        fixed (byte* secret = shared, ciphertext = encapsulation, source = seed)
            return Sodium.crypto_kem_xwing_dec(secret, ciphertext, source) == 0;
    }
}
