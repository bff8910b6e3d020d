using Xunit;

namespace Holdfast.Cryptography.Tests;

/// <summary>The registry of suites, and the parts of a suite that have no test class of their own.</summary>
public sealed class CipherSuiteTests
{
    [Fact]
    public void TheMandatorySuiteIsFound()
    {
        Assert.Same(CipherSuite.Mandatory, CipherSuite.Find(0x0001));
        Assert.Equal("MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519", CipherSuite.Mandatory.ToString());
        Assert.Contains(CipherSuite.Mandatory, CipherSuite.All);
        Assert.All(CipherSuite.All, suite => Assert.Same(suite, CipherSuite.Find(suite.Id)));
    }

    [Theory]
    [InlineData(0x0000)]   // reserved
    [InlineData(0x0a0a)]   // GREASE
    [InlineData(0xffff)]
    public void AnUnknownSuiteIsNull(int id) => Assert.Null(CipherSuite.Find((ushort)id));

    [Fact]
    public void APasscodeGivesOneKeyPerSalt()
    {
        byte[] salt = new byte[Passcode.SaltSize], other = [1, .. new byte[Passcode.SaltSize - 1]];
        using var key = Passcode.DeriveKey("correct horse"u8, salt, passes: 1, memoryBytes: 8192);
        using var again = Passcode.DeriveKey("correct horse"u8, salt, passes: 1, memoryBytes: 8192);
        using var salted = Passcode.DeriveKey("correct horse"u8, other, passes: 1, memoryBytes: 8192);
        using var mistyped = Passcode.DeriveKey("correct hors"u8, salt, passes: 1, memoryBytes: 8192);
        Assert.Equal(32, key.Length);
        Assert.True(key.EqualsFixedTime(again.Reveal()));
        Assert.False(key.EqualsFixedTime(salted.Reveal()));
        Assert.False(key.EqualsFixedTime(mistyped.Reveal()));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(15)]
    [InlineData(17)]
    public void ASaltOfAWrongSizeIsTheCallersBug(int size) =>
        Assert.Throws<ArgumentException>(() => Passcode.DeriveKey("x"u8, new byte[size], 1, 8192));
}
