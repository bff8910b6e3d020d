namespace Holdfast.Cryptography;

/// <summary>DHKEM(X25519, HKDF-SHA256) (RFC 9180 §7.1, id 0x0020) by libsodium.</summary>
public sealed class DhKemX25519() : DhKemX(0x0020, Hkdf.Sha256, Sodium.Curve25519Size)
{
    private protected override unsafe void MultiplyBase(ReadOnlySpan<byte> privateKey, Span<byte> publicKey)
    {
        fixed (byte* output = publicKey, secret = privateKey) _ = Sodium.crypto_scalarmult_curve25519_base(output, secret);
    }

    private protected override unsafe bool Multiply(ReadOnlySpan<byte> privateKey, ReadOnlySpan<byte> publicKey, Span<byte> shared)
    {
        fixed (byte* output = shared, secret = privateKey, open = publicKey)
            return Sodium.crypto_scalarmult_curve25519(output, secret, open) == 0;
    }
}
