using Org.BouncyCastle.Math.EC.Rfc7748;

namespace Holdfast.Cryptography;

/// <summary>DHKEM(X448, HKDF-SHA512) (RFC 9180 §7.1, id 0x0021) by BouncyCastle.</summary>
public sealed class DhKemX448() : DhKemX(0x0021, Hkdf.Sha512, X448.PointSize)
{
    private protected override void MultiplyBase(ReadOnlySpan<byte> privateKey, Span<byte> publicKey) =>
        X448.ScalarMultBase(privateKey, publicKey);

    private protected override bool Multiply(ReadOnlySpan<byte> privateKey, ReadOnlySpan<byte> publicKey, Span<byte> shared) =>
        X448.CalculateAgreement(privateKey, publicKey, shared);
}
