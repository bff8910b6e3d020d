using System.Numerics;
using System.Security.Cryptography;
using CsCheck;
using Xunit;

namespace Holdfast.Cryptography.Tests;

public sealed class BlindedPointTests
{
    private const string Prime = "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff";
    private const string Order = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";

    private static readonly Gen<byte[]> Numbers = Gen.OneOf(
        Gen.Byte.Array[32], Gen.Byte.Array[32].Select(bytes => { bytes.AsSpan(0, 12).Fill(0xff); return bytes; }),
        Gen.Byte.Select(last => { byte[] small = new byte[32]; small[31] = last; return small; }));

    /// <summary>Against the platform's numbers, for both moduli and with numbers near them.</summary>
    [Theory, InlineData(Prime), InlineData(Order)]
    public void ArithmeticIsThePlatforms(string modulusHex)
    {
        var modulus = BigInteger.Parse("0" + modulusHex, System.Globalization.NumberStyles.HexNumber, null);
        var ours = new Modulus256(modulusHex);
        Gen.Select(Numbers, Numbers, Gen.Byte.Array[4]).Sample((first, second, exponent) =>
        {
            BigInteger a = Number(first) % modulus, b = Number(second) % modulus;
            Span<ulong> x = stackalloc ulong[4], y = stackalloc ulong[4], z = stackalloc ulong[4];
            ours.Read(Bytes(a), x);
            ours.Read(Bytes(b), y);
            ours.Multiply(x, y, z);
            Assert.Equal(a * b % modulus, Number(ours, z));
            ours.Add(x, y, z);
            Assert.Equal((a + b) % modulus, Number(ours, z));
            ours.Difference(x, y, z);
            Assert.Equal((a - b + modulus) % modulus, Number(ours, z));
            ours.Power(x, exponent, z);
            Assert.Equal(BigInteger.ModPow(a, Number(exponent), modulus), Number(ours, z));
            Assert.Equal(Number(first) < modulus, ours.IsReduced(first));
        });
        Assert.False(ours.IsReduced(Convert.FromHexString(modulusHex)));
        Assert.True(ours.IsReduced(Bytes(modulus - 1)));
    }

    /// <summary>Who answers for the blinded point answers for the point; and nothing that was asked is what was asked for.</summary>
    [Fact]
    public void WhatIsUnblindedIsTheAgreementOfThePointItself()
    {
        var seen = new HashSet<string>();
        for (int i = 0; i < 64; i++)
        {
            using var key = DhKemNist.P256.Generate(RandomSource.System);
            using var other = DhKemNist.P256.Generate(RandomSource.System);
            using var expected = DhKemNist.P256.Agree(key.RevealPrivateKey(), other.PublicKey.Span);
            using var blinded = BlindedPoint.Of(other.PublicKey.Span, RandomSource.System);
            Assert.True(seen.Add(Convert.ToHexString(blinded!.Point.Span)));
            Assert.False(blinded.Point.Span.SequenceEqual(other.PublicKey.Span));
            using var answer = DhKemNist.P256.Agree(key.RevealPrivateKey(), blinded.Point.Span);
            Assert.False(answer!.EqualsFixedTime(expected!.Reveal()));
            using var unblinded = blinded.Unblind(answer.Reveal());
            Assert.True(expected.EqualsFixedTime(unblinded!.Reveal()));
        }
    }

    /// <summary>A point that always had the smaller y would show which question is blinded and which is not.</summary>
    [Fact]
    public void BothSignsComeUp()
    {
        using var other = DhKemNist.P256.Generate(RandomSource.System);
        var parities = Enumerable.Range(0, 64).Select(_ => BlindedPoint.Of(other.PublicKey.Span, RandomSource.System)!.Point.Span[64] & 1);
        Assert.Equal(2, parities.Distinct().Count());
    }

    [Fact]
    public void EveryPointIsLiftedFromItsCoordinateAndNothingElse()
    {
        int none = 0;
        for (int i = 0; i < 200; i++)
        {
            byte[] x = RandomNumberGenerator.GetBytes(32);
            byte[]? even = BlindedPoint.Lift(x, isOdd: false), odd = BlindedPoint.Lift(x, isOdd: true);
            Assert.Equal(even is null, odd is null);
            if (even is null) none++;
            else
            {
                Assert.True(DhKemNist.P256.IsValidPublicKey(even) && DhKemNist.P256.IsValidPublicKey(odd));
                Assert.Equal((0, 1), (even[64] & 1, odd![64] & 1));
            }
        }
        Assert.InRange(none, 40, 160);   // every second number is no coordinate
        Assert.Null(BlindedPoint.Lift(Convert.FromHexString(Prime), isOdd: false));
    }

    [Fact]
    public void AnAnswerThatIsNoCoordinateIsRefused()
    {
        using var other = DhKemNist.P256.Generate(RandomSource.System);
        using var blinded = BlindedPoint.Of(other.PublicKey.Span, RandomSource.System)!;
        byte[] x = new byte[32];
        do RandomNumberGenerator.Fill(x); while (BlindedPoint.Lift(x, isOdd: false) is not null);
        Assert.Null(blinded.Unblind(x));
        Assert.Null(blinded.Unblind(new byte[31]));
        Assert.Null(blinded.Unblind(Convert.FromHexString(Prime)));
        byte[] off = other.PublicKey.ToArray();
        off[64] ^= 1;
        Assert.Null(BlindedPoint.Of(off, RandomSource.System));
    }

    private static BigInteger Number(ReadOnlySpan<byte> bytes) => new(bytes, isUnsigned: true, isBigEndian: true);

    private static BigInteger Number(Modulus256 modulus, ReadOnlySpan<ulong> number)
    {
        byte[] bytes = new byte[32];
        modulus.Write(number, bytes);
        return Number(bytes);
    }

    private static byte[] Bytes(BigInteger number)
    {
        byte[] bytes = new byte[32];
        byte[] digits = number.ToByteArray(isUnsigned: true, isBigEndian: true);
        digits.CopyTo(bytes, 32 - digits.Length);
        return bytes;
    }
}
