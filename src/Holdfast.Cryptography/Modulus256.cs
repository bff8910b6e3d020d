using System.Buffers.Binary;

namespace Holdfast.Cryptography;

/// <summary>
/// Numbers modulo an odd number of 256 bits, in Montgomery's form (Montgomery 1985): what blinding needs and .NET does not show. No branch and
/// no index depends on a number, only on the modulus and on exponents, which are public.
/// </summary>
internal sealed class Modulus256
{
    internal const int Words = 4;

    private readonly ulong[] _modulus = new ulong[Words];
    private readonly ulong[] _square = new ulong[Words];   // R² for R = 2^256: what brings a number into the form
    private readonly ulong _inverse = 1;                   // −modulus⁻¹ modulo 2^64

    internal Modulus256(string hex)
    {
        ReadWords(Convert.FromHexString(hex), _modulus);
        unchecked
        {
            for (int i = 0; i < 6; i++) _inverse *= 2 - (_modulus[0] * _inverse);   // Newton: each step doubles the bits that are right
            _inverse = 0 - _inverse;
        }
        _square[0] = 1;
        for (int i = 0; i < 512; i++) Add(_square, _square, _square);
    }

    /// <summary>A number, of 32 bytes and below the modulus, brought into the form.</summary>
    internal void Read(ReadOnlySpan<byte> bytes, Span<ulong> result)
    {
        ReadWords(bytes, result);
        Multiply(result, _square, result);
    }

    /// <summary>A number taken out of the form, in 32 bytes.</summary>
    internal void Write(ReadOnlySpan<ulong> number, Span<byte> bytes)
    {
        Span<ulong> plain = stackalloc ulong[Words];
        Multiply(number, [1, 0, 0, 0], plain);
        for (int i = 0; i < Words; i++) BinaryPrimitives.WriteUInt64BigEndian(bytes[(8 * (Words - 1 - i))..], plain[i]);
        plain.Clear();
    }

    /// <summary>Whether the bytes are a number below the modulus.</summary>
    internal bool IsReduced(ReadOnlySpan<byte> bytes)
    {
        Span<ulong> words = stackalloc ulong[Words], rest = stackalloc ulong[Words];
        ReadWords(bytes, words);
        return Subtract(words, _modulus, rest) == 1;
    }

    internal void Add(ReadOnlySpan<ulong> a, ReadOnlySpan<ulong> b, Span<ulong> result)
    {
        Span<ulong> sum = stackalloc ulong[Words];
        ulong carry = 0;
        unchecked
        {
            for (int i = 0; i < Words; i++)
            {
                var word = (UInt128)a[i] + b[i] + carry;
                (sum[i], carry) = ((ulong)word, (ulong)(word >> 64));
            }
        }
        Reduce(sum, carry, result);
    }

    internal void Difference(ReadOnlySpan<ulong> a, ReadOnlySpan<ulong> b, Span<ulong> result)
    {
        Span<ulong> rest = stackalloc ulong[Words];
        ulong mask = unchecked(0 - Subtract(a, b, rest)), carry = 0;
        unchecked
        {
            for (int i = 0; i < Words; i++)
            {
                var word = (UInt128)rest[i] + (_modulus[i] & mask) + carry;
                (result[i], carry) = ((ulong)word, (ulong)(word >> 64));
            }
        }
    }

    /// <summary>Montgomery's product, a · b / R.</summary>
    internal void Multiply(ReadOnlySpan<ulong> a, ReadOnlySpan<ulong> b, Span<ulong> result)
    {
        Span<ulong> sum = stackalloc ulong[Words];
        ulong top = 0;
        unchecked
        {
            for (int i = 0; i < Words; i++)
            {
                ulong carry = AddProduct(sum, a, b[i]);
                var high = (UInt128)top + carry;
                ulong factor = sum[0] * _inverse;
                high += AddProduct(sum, _modulus, factor);   // now divisible by 2^64
                sum[1..].CopyTo(sum);
                (sum[Words - 1], top) = ((ulong)high, (ulong)(high >> 64));
            }
        }
        Reduce(sum, top, result);
        sum.Clear();
    }

    /// <summary>The number to the power of an exponent that is no secret.</summary>
    internal void Power(ReadOnlySpan<ulong> number, ReadOnlySpan<byte> exponent, Span<ulong> result)
    {
        Span<ulong> power = stackalloc ulong[Words];
        Multiply(_square, [1, 0, 0, 0], power);   // one
        for (int bit = 0; bit < 8 * exponent.Length; bit++)
        {
            Multiply(power, power, power);
            if ((exponent[bit / 8] >> (7 - (bit % 8)) & 1) == 1) Multiply(power, number, power);
        }
        power.CopyTo(result);
        power.Clear();
    }

    private static void ReadWords(ReadOnlySpan<byte> bytes, Span<ulong> words)
    {
        for (int i = 0; i < Words; i++) words[i] = BinaryPrimitives.ReadUInt64BigEndian(bytes[(8 * (Words - 1 - i))..]);
    }

    /// <summary>sum += a · factor; what is carried out.</summary>
    private static ulong AddProduct(Span<ulong> sum, ReadOnlySpan<ulong> a, ulong factor)
    {
        ulong carry = 0;
        unchecked
        {
            for (int i = 0; i < Words; i++)
            {
                var word = ((UInt128)a[i] * factor) + sum[i] + carry;
                (sum[i], carry) = ((ulong)word, (ulong)(word >> 64));
            }
        }
        return carry;
    }

    /// <summary>a − b; 1 where b is larger.</summary>
    private static ulong Subtract(ReadOnlySpan<ulong> a, ReadOnlySpan<ulong> b, Span<ulong> result)
    {
        ulong borrow = 0;
        unchecked
        {
            for (int i = 0; i < Words; i++)
            {
                var word = (UInt128)a[i] - b[i] - borrow;
                (result[i], borrow) = ((ulong)word, (ulong)(word >> 64) & 1);
            }
        }
        return borrow;
    }

    /// <summary>A number below twice the modulus, brought below it.</summary>
    private void Reduce(ReadOnlySpan<ulong> sum, ulong top, Span<ulong> result)
    {
        Span<ulong> rest = stackalloc ulong[Words];
        ulong keep = unchecked(0 - (Subtract(sum, _modulus, rest) & ~top & 1));   // all ones where the sum is below the modulus
        for (int i = 0; i < Words; i++) result[i] = (sum[i] & keep) | (rest[i] & ~keep);
        rest.Clear();
    }
}
