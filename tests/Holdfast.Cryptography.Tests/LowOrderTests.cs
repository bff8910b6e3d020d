using System.Numerics;
using Xunit;

namespace Holdfast.Cryptography.Tests;

/// <summary>Whether a key is good is looked up; what it is to mean is what a multiplication finds.</summary>
public sealed class LowOrderTests
{
    private static readonly BigInteger Prime = BigInteger.Pow(2, 255) - 19;

    [Fact]
    public void AKeyIsRefusedWhereItsMultiplicationGivesZero()
    {
        var kem = new DhKemX25519();
        byte[] scalar = new byte[32];
        scalar.AsSpan().Fill(0x55);
        var eighth = BigInteger.Parse("325606250916557431795983626356110631294008115727848805560023387167927233504", null);
        var other = BigInteger.Parse("39382357235489614581723060781553021112529911719440698176882885853963445705823", null);
        BigInteger[] near = [0, eighth, other, Prime, (2 * Prime) - BigInteger.Pow(2, 255)];
        int refused = 0;
        foreach (var u in near.SelectMany(u => Enumerable.Range(-3, 7).Select(step => u + step)))
        {
            if (u < 0 || u >= BigInteger.Pow(2, 255)) continue;
            foreach (byte unused in (byte[])[0, 0x80])
            {
                byte[] key = new byte[32];
                Assert.True(u.TryWriteBytes(key, out _, isUnsigned: true));
                key[^1] |= unused;
                using var shared = kem.Agree(scalar, key);
                Assert.Equal(shared is not null, kem.IsValidPublicKey(key));
                if (shared is null) refused++;
            }
        }
        Assert.Equal(14, refused);   // seven, each with the unused bit clear and set
    }
}
