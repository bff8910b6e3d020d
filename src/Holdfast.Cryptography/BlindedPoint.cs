using System.Security.Cryptography;

namespace Holdfast.Cryptography;

/// <summary>
/// A point of P-256 times a random number: whoever computes Diffie-Hellman with it, with a key that only they have, learns neither the point
/// nor the result, and cannot tell it from any other random point. Only x coordinates are compared and returned, as in ECDH
/// (SP 800-56A §5.7.1.2), so the sign that an x coordinate alone does not tell never matters.
/// </summary>
public sealed class BlindedPoint : IDisposable
{
    /// <summary>The size of an uncompressed point in bytes.</summary>
    public const int PointSize = 65;

    /// <summary>The size of an x coordinate in bytes.</summary>
    public const int CoordinateSize = 32;

    private static readonly Modulus256 Field = new("ffffffff00000001000000000000000000000000ffffffffffffffffffffffff");
    private static readonly Modulus256 Scalars = new("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
    private static readonly byte[] B = Convert.FromHexString("5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b");
    private static readonly byte[] RootExponent = Convert.FromHexString("3fffffffc0000000400000000000000000000000400000000000000000000000");
    private static readonly byte[] InverseExponent = Convert.FromHexString("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc63254f");

    private readonly Secret _factor;

    private BlindedPoint(Secret factor, byte[] point) => (_factor, Point) = (factor, point);

    /// <summary>The point to ask about, uncompressed.</summary>
    public ReadOnlyMemory<byte> Point { get; }

    /// <summary>Blinds an uncompressed point; null for what is not one on the curve.</summary>
    public static BlindedPoint? Of(ReadOnlySpan<byte> point, RandomSource random)
    {
        var factor = NistCurve.P256.DrawScalar(random);
        using var product = Multiply(factor, point);
        if (product is null)
        {
            factor.Dispose();
            return null;
        }
        Span<byte> sign = stackalloc byte[1];
        random.FillPublic(sign);
        return new BlindedPoint(factor, Lift(product.Reveal(), isOdd: (sign[0] & 1) == 1)!);
    }

    /// <summary>The x coordinate for the point itself, from the one that was answered for <see cref="Point"/>; null for what is on no point.</summary>
    public Secret? Unblind(ReadOnlySpan<byte> x)
    {
        if (x.Length != CoordinateSize || Lift(x, isOdd: false) is not { } answered) return null;
        using var inverse = new Secret(CoordinateSize);
        Span<ulong> number = stackalloc ulong[Modulus256.Words];
        Scalars.Read(_factor.Reveal(), number);
        Scalars.Power(number, InverseExponent, number);   // Fermat: the order is prime
        Scalars.Write(number, inverse.Fill());
        number.Clear();
        return Multiply(inverse, answered);
    }

    /// <summary>Wipes what it was blinded with: nobody can unblind an answer any more.</summary>
    public void Dispose() => _factor.Dispose();

    /// <summary>The point with that x coordinate, uncompressed (SEC 1 §2.3.4); null where there is none.</summary>
    internal static byte[]? Lift(ReadOnlySpan<byte> x, bool isOdd)
    {
        if (!Field.IsReduced(x)) return null;
        Span<ulong> cube = stackalloc ulong[Modulus256.Words], number = stackalloc ulong[Modulus256.Words], root = stackalloc ulong[Modulus256.Words];
        Field.Read(x, number);
        Field.Multiply(number, number, cube);
        Field.Multiply(cube, number, cube);
        for (int i = 0; i < 3; i++) Field.Difference(cube, number, cube);
        Field.Read(B, number);
        Field.Add(cube, number, cube);                     // x³ − 3x + b
        Field.Power(cube, RootExponent, root);             // a root, if there is one: the prime is 3 modulo 4
        Field.Multiply(root, root, number);
        if (!number.SequenceEqual(cube)) return null;
        byte[] point = new byte[PointSize];
        point[0] = 4;
        x.CopyTo(point.AsSpan(1));
        var y = point.AsSpan(1 + CoordinateSize);
        Field.Write(root, y);
        if ((y[^1] & 1) == 1 == isOdd) return point;
        number.Clear();
        Field.Difference(number, root, root);
        Field.Write(root, y);
        return point;
    }

    /// <summary>The x coordinate of scalar · point by .NET; null for what is not a point on the curve.</summary>
    private static Secret? Multiply(Secret scalar, ReadOnlySpan<byte> point)
    {
        using var other = NistCurve.P256.OpenPublicKey(point, ECDiffieHellman.Create);
        if (other is null) return null;
        using var key = NistCurve.P256.OpenPrivateKey(scalar, ECDiffieHellman.Create);
        using var otherPublic = other.PublicKey;
        byte[] x = key.DeriveRawSecretAgreement(otherPublic);
        try { return Secret.CopyOf(x); }
        finally { CryptographicOperations.ZeroMemory(x); }
    }
}
