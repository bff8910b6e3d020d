using System.Text;
using Holdfast.Cryptography;
using Holdfast.Protocol;
using Holdfast.Vault;

namespace Holdfast.TokenHost.Tests;

/// <summary>Wrong token PINs: each kind of token locks in its own way, or does not, and then we do.</summary>
public sealed class TokenPinTests : IDisposable
{
    private static readonly byte[] Profile = new byte[16], Wrong = Encoding.ASCII.GetBytes("00000000");

    private readonly TempFolder _folder = new();

    private TokenPinTries Tries => new(_folder["tries"], TimeProvider.System);

    public void Dispose() => _folder.Dispose();

    /// <summary>It takes endless tries (SoftHSM #421); we stop after five, and a new process, and the right token PIN, change nothing.</summary>
    [Fact]
    public void OfATokenThatNeverLocksWeTakeFiveTries()
    {
        using var token = new SoftHsm();
        var enrolled = Enrol(() => new Host(token.Settings), SoftHsm.TokenPin);
        for (int i = 1; i <= TokenPinTries.Most; i++)
        {
            Assert.Equal(TokenFault.TokenPinWrong, Fault(() => new Host(token.Settings), enrolled, Wrong));
            Assert.Equal(i, Tries.Count);
        }
        Assert.Equal(TokenFault.TriesUsedUp, Fault(() => new Host(token.Settings), enrolled, SoftHsm.TokenPin));
        Tries.Forget();
        Assert.Null(Fault(() => new Host(token.Settings), enrolled, SoftHsm.TokenPin));   // the token would have taken it
    }

    [Fact]
    public void ATpmLocksItself()
    {
        using var token = new SoftTpm();
        var enrolled = Enrol(() => new Host(token.Settings), SoftTpm.TokenPin);
        token.LockAfter(3);
        for (int i = 0; i < 3; i++) Assert.Equal(TokenFault.TokenPinWrong, Fault(() => new Host(token.Settings), enrolled, Wrong));
        Assert.Equal(TokenFault.TokenPinLocked, Fault(() => new Host(token.Settings), enrolled, SoftTpm.TokenPin));
        using var host = new Host(token.Settings);
        Assert.Equal(TokenPinState.Locked, Assert.Single(host.Client.ListTokens()).PinState);
    }

    [Fact]
    public void ACardLocksItself()
    {
        using var token = new SoftPiv();
        var enrolled = Enrol(() => new Host(token.Settings), SoftPiv.TokenPin);
        for (int i = 0; i < 2; i++) Assert.Equal(TokenFault.TokenPinWrong, Fault(() => new Host(token.Settings), enrolled, Wrong));
        Assert.Equal(TokenFault.TokenPinLocked, Fault(() => new Host(token.Settings), enrolled, Wrong));
        Assert.Equal(TokenFault.TokenPinLocked, Fault(() => new Host(token.Settings), enrolled, SoftPiv.TokenPin));
    }

    /// <summary>A right one in between gives all tries back.</summary>
    [Fact]
    public void ARightTokenPinForgetsTheWrongOnes()
    {
        using var token = new SoftTpm();
        var enrolled = Enrol(() => new Host(token.Settings), SoftTpm.TokenPin);
        Assert.Equal(TokenFault.TokenPinWrong, Fault(() => new Host(token.Settings), enrolled, Wrong));
        Assert.Equal(1, Tries.Count);
        Assert.Null(Fault(() => new Host(token.Settings), enrolled, SoftTpm.TokenPin));
        Assert.Equal(0, Tries.Count);
    }

    /// <summary>Whoever ends the process while the token thinks gets no try back: the count is on disk before the token is asked.</summary>
    [Fact]
    public void ATryIsCountedBeforeTheTokenHearsOfIt()
    {
        int seen = 0;
        var channel = new Told(frame =>
        {
            if (TokenFrame.Read<TokenCall>(frame.AsSpan(TokenFrame.HeaderBytes)) is not OpenToken) return null;
            seen = Tries.Count;
            return null;   // as if it had been ended
        });
        var client = new TokenClient(channel, RandomSource.System);
        Assert.Equal(TokenFault.HostEnded, Assert.Throws<TokenException>(() => client.Open(new byte[32], Wrong, Tries)).Fault);
        Assert.Equal((1, 1), (seen, Tries.Count));
        for (int i = 2; i <= TokenPinTries.Most; i++) Assert.Throws<TokenException>(() => new TokenClient(channel, RandomSource.System).Open(new byte[32], Wrong, Tries));
        seen = 0;
        Assert.Equal(
            TokenFault.TriesUsedUp,
            Assert.Throws<TokenException>(() => new TokenClient(channel, RandomSource.System).Open(new byte[32], Wrong, Tries)).Fault);
        Assert.Equal(0, seen);   // the token was not asked
    }

    /// <summary>A token that is not there, or has lost the key, has not judged the token PIN.</summary>
    [Fact]
    public void WhatWasNeverJudgedIsNotCounted()
    {
        foreach (var error in (TokenError[])[TokenError.NoToken, TokenError.DeviceFailed])
        {
            var client = new TokenClient(new Told(_ => TokenFrame.Wrap<TokenReply>(new TokenFailed(error, 0))[TokenFrame.HeaderBytes..]), RandomSource.System);
            Assert.Throws<TokenException>(() => client.Open(new byte[32], Wrong, Tries));
            Assert.Equal(0, Tries.Count);
        }
    }

    [Theory, InlineData(""), InlineData("06"), InlineData("ff"), InlineData("0000")]
    public void ADamagedCountIsAUsedUpOne(string hex)
    {
        File.WriteAllBytes(_folder["tries"], Convert.FromHexString(hex));
        Assert.Equal(TokenPinTries.Most, Tries.Count);
        Assert.Equal(TokenFault.TriesUsedUp, Assert.Throws<TokenException>(Tries.Begin).Fault);
    }

    private ReadOnlyMemory<byte> Enrol(Func<Host> start, byte[] tokenPin)
    {
        using var host = start();
        var enrolled = TokenSecret.Enrol(host.Client, host.Client.ListTokens()[0].Id, tokenPin, Tries, Profile, RandomSource.System);
        enrolled.Secret.Dispose();
        return enrolled.Record;
    }

    private TokenFault? Fault(Func<Host> start, ReadOnlyMemory<byte> record, byte[] tokenPin)
    {
        using var host = start();
        try
        {
            TokenSecret.Recover(record.Span, host.Client, tokenPin, Tries, Profile).Dispose();
            return null;
        }
        catch (TokenException failed)
        {
            Assert.NotEmpty(failed.Message);
            return failed.Fault;
        }
    }
}
