using System.Security.Cryptography;

namespace Holdfast.Cryptography;

/// <summary>One of the curves P-256, P-384 and P-521 (FIPS 186-5, SP 800-186): how its scalars and points are written.</summary>
internal sealed class NistCurve
{
    private readonly ECCurve _curve;
    private readonly byte[] _order;

    private NistCurve(ECCurve curve, string order, byte topMask) =>
        (_curve, _order, TopMask) = (curve, Convert.FromHexString(order), topMask);

    internal static NistCurve P256 { get; } = new(
        ECCurve.NamedCurves.nistP256, "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551", 0xff);

    internal static NistCurve P384 { get; } = new(
        ECCurve.NamedCurves.nistP384,
        "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973",
        0xff);

    internal static NistCurve P521 { get; } = new(
        ECCurve.NamedCurves.nistP521,
        "01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409",
        0x01);

    /// <summary>The size of a scalar and of a coordinate in bytes.</summary>
    internal int Size => _order.Length;

    /// <summary>The size of an uncompressed point in bytes (SEC 1 §2.3.3).</summary>
    internal int PointSize => 1 + (2 * Size);

    /// <summary>What is left of a scalar's first byte when one is drawn (RFC 9180 §7.1.3).</summary>
    internal byte TopMask { get; }

    /// <summary>
    /// Whether the bytes, of full size, are a private key: a number from 1 to the group's order less 1. In constant time.
    /// </summary>
    internal bool IsScalar(ReadOnlySpan<byte> bytes)
    {
        int borrow = 0, any = 0;
        for (int i = Size - 1; i >= 0; i--)
        {
            borrow = ((bytes[i] - _order[i] - borrow) >> 8) & 1;
            any |= bytes[i];
        }
        return borrow == 1 && any != 0;
    }

    /// <summary>A private key drawn evenly: what falls outside is drawn again.</summary>
    internal Secret DrawScalar(RandomSource random)
    {
        var scalar = new Secret(Size);
        do
        {
            random.FillSecret(scalar.Fill());
            scalar.Fill()[0] &= TopMask;
        }
        while (!IsScalar(scalar.Reveal()));
        return scalar;
    }

    /// <summary>A private key in its full size; some write it without its leading zeros.</summary>
    /// <exception cref="ArgumentException">The bytes are not a private key of this curve.</exception>
    internal Secret Scalar(ReadOnlySpan<byte> bytes)
    {
        var scalar = new Secret(Size);
        if (bytes.Length <= Size) bytes.CopyTo(scalar.Fill()[(Size - bytes.Length)..]);
        if (IsScalar(scalar.Reveal())) return scalar;
        scalar.Dispose();
        throw new ArgumentException($"a private key of this curve has {Size} bytes and is a number below the curve's order", nameof(bytes));
    }

    /// <summary>Opens a private key, whose public half is found on the way. What was copied for that is wiped.</summary>
    internal TKey OpenPrivateKey<TKey>(Secret scalar, Func<ECParameters, TKey> create)
    {
        byte[] copy = GC.AllocateUninitializedArray<byte>(Size, pinned: true);
        scalar.Reveal().CopyTo(copy);
        try { return create(new ECParameters { Curve = _curve, D = copy }); }
        finally { CryptographicOperations.ZeroMemory(copy); }
    }

    /// <summary>Opens a public key; null for what is not an uncompressed point on the curve (SEC 1 §2.3.4).</summary>
    internal TKey? OpenPublicKey<TKey>(ReadOnlySpan<byte> point, Func<ECParameters, TKey> create)
        where TKey : class
    {
        if (point.Length != PointSize || point[0] != 4) return null;
        var affine = new ECPoint { X = point[1..(1 + Size)].ToArray(), Y = point[(1 + Size)..].ToArray() };
        try { return create(new ECParameters { Curve = _curve, Q = affine }); }
        catch (CryptographicException) { return null; }
    }

    /// <summary>The uncompressed point (SEC 1 §2.3.3).</summary>
    internal static byte[] Encode(ECPoint point) => [4, .. point.X!, .. point.Y!];
}
