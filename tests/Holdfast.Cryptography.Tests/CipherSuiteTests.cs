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
    public void TheHybridIsFoundUnderItsPrivateCodePoint()
    {
        Assert.Same(CipherSuite.Hybrid, CipherSuite.Find(CipherSuite.HybridCodePoint));
        Assert.InRange<int>(CipherSuite.HybridCodePoint, 0xf000, 0xffff);   // RFC 9420 §17.1: private use
        Assert.Equal("MLS_128_MLKEM768X25519_AES256GCM_SHA384_Ed25519", CipherSuite.Hybrid.ToString());
    }

    [Fact]
    public void TheHybridTakesAnotherCodePointWhereItIsGivenOne()
    {
        var moved = CipherSuite.HybridWithCodePoint(0x0042);
        Assert.Equal((0x0042, CipherSuite.Hybrid.Name), (moved.Id, moved.Name));
        Assert.Same(CipherSuite.Hybrid.Hpke, moved.Hpke);
        Assert.Same(CipherSuite.Hybrid, CipherSuite.HybridWithCodePoint(CipherSuite.HybridCodePoint));
        var suites = new CipherSuites([.. CipherSuite.All, moved]);
        Assert.Same(moved, suites.Find(0x0042));
        Assert.Same(CipherSuite.Mandatory, suites.Find(0x0001));
        Assert.Null(CipherSuite.Find(0x0042));   // what one has made is nobody else's
        Assert.Null(new CipherSuites(moved).Find(0x0001));
    }

    [Theory]
    [InlineData(0x0000)]   // reserved
    [InlineData(0x0001)]   // another suite's
    [InlineData(0xeaea)]   // GREASE
    public void ACodePointThatIsTakenIsTheCallersBug(int id) => Assert.Throws<ArgumentException>(() => CipherSuite.HybridWithCodePoint((ushort)id));

    [Fact]
    public void TwoSuitesOfOneIdAreTheCallersBug() =>
        Assert.Throws<ArgumentException>(() => new CipherSuites(CipherSuite.Mandatory, CipherSuite.Mandatory));

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
