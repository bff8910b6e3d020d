namespace Holdfast.Cryptography;

/// <summary>DHKEM(X25519, HKDF-SHA256) (RFC 9180 §7.1, id 0x0020) by libsodium.</summary>
public sealed class DhKemX25519() : DhKemX(0x0020, Hkdf.Sha256, Sodium.Curve25519Size)
{
    /// <summary>
    /// Every u that is the coordinate of a point of low order, on the curve or its twist, little-endian with the unused bit clear:
    /// 0, 1, the two of order 8, and p - 1, p, p + 1. With any of them, and with no other, X25519 gives zero.
    /// </summary>
    private static readonly byte[][] LowOrder =
    [
        Convert.FromHexString("0000000000000000000000000000000000000000000000000000000000000000"),
        Convert.FromHexString("0100000000000000000000000000000000000000000000000000000000000000"),
        Convert.FromHexString("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"),
        Convert.FromHexString("5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157"),
        Convert.FromHexString("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
        Convert.FromHexString("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
        Convert.FromHexString("eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
    ];

    /// <inheritdoc/>
    public override bool IsValidPublicKey(ReadOnlySpan<byte> publicKey)
    {
        if (publicKey.Length != PublicKeySize) return false;
        Span<byte> u = stackalloc byte[Sodium.Curve25519Size];
        publicKey.CopyTo(u);
        u[^1] &= 0x7f;   // RFC 7748 §5: the unused bit is ignored
        foreach (byte[] low in LowOrder)
        {
            if (u.SequenceEqual(low)) return false;
        }
        return true;
    }

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
