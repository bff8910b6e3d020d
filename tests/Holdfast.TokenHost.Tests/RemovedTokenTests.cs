using Holdfast.Cryptography;
using Holdfast.Protocol;
using Holdfast.Vault;

namespace Holdfast.TokenHost.Tests;

/// <summary>A token that goes while it is used.</summary>
public sealed class RemovedTokenTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void ATpmThatGoesIsAnError()
    {
        using var token = new SoftTpm();
        using var host = new Host(token.Settings);
        host.Client.Open(Assert.Single(host.Client.ListTokens()).Id, SoftTpm.TokenPin, new TokenPinTries(_folder["tries"], TimeProvider.System));
        var key = host.Client.Generate(KeyPurpose.Agree);
        using var remover = new Timer(_ => token.Remove(), null, 50, Timeout.Infinite);
        Assert.Equal(TokenFault.NoToken, Assert.Throws<TokenException>(AgreeForEver).Fault);

        void AgreeForEver()
        {
            while (true) host.Client.Agree(key.Point.Span)!.Dispose();
        }
    }

    /// <summary>SoftHSM holds what it has read; whoever comes after finds no token.</summary>
    [Fact]
    public void ATokenThatIsGoneIsNotThere()
    {
        using var token = new SoftHsm();
        byte[] profile = new byte[16];
        var tries = new TokenPinTries(_folder["tries"], TimeProvider.System);
        TokenEnrolment enrolled;
        using (var host = new Host(token.Settings))
            enrolled = TokenSecret.Enrol(host.Client, Assert.Single(host.Client.ListTokens()).Id, SoftHsm.TokenPin, tries, profile, RandomSource.System);
        Directory.Move(token.Tokens, token.Tokens + ".away");
        Directory.CreateDirectory(token.Tokens);
        using (var host = new Host(token.Settings))
            Assert.Equal(TokenFault.NoToken, Assert.Throws<TokenException>(() => Recover(host).Dispose()).Fault);
        Directory.Delete(token.Tokens);
        Directory.Move(token.Tokens + ".away", token.Tokens);
        using var again = new Host(token.Settings);
        using var back = Recover(again);
        Assert.True(back.EqualsFixedTime(enrolled.Secret.Reveal()));

        Secret Recover(Host host) => TokenSecret.Recover(enrolled.Record.Span, host.Client, SoftHsm.TokenPin, tries, profile);
    }

    /// <summary>Pulled out in the middle of an agreement: an error, and all is well when it is back.</summary>
    [Fact]
    public void ACardPulledOutInUseIsAnErrorAndNothingElse()
    {
        using var token = new SoftPiv();
        byte[] profile = new byte[16];
        var tries = new TokenPinTries(_folder["tries"], TimeProvider.System);
        TokenEnrolment enrolled;
        using (var host = new Host(token.Settings))
            enrolled = TokenSecret.Enrol(host.Client, host.Client.ListTokens()[0].Id, SoftPiv.TokenPin, tries, profile, RandomSource.System);
        using (var host = new Host(token.Settings))
        {
            token.Card.VanishesInUse = true;
            var failed = Assert.Throws<TokenException>(() => Recover(host).Dispose());
            Assert.True(failed.Fault is TokenFault.NoToken or TokenFault.DeviceFailed, failed.Message);
            Assert.Equal(0, tries.Count);
        }
        token.PutBack();
        using var again = new Host(token.Settings);
        using var back = Recover(again);
        Assert.True(back.EqualsFixedTime(enrolled.Secret.Reveal()));

        Secret Recover(Host host) => TokenSecret.Recover(enrolled.Record.Span, host.Client, SoftPiv.TokenPin, tries, profile);
    }

    [Theory, InlineData(false), InlineData(true)]
    public void WhatIsNotThereIsUnreachable(bool isTpm)
    {
        using var host = new Host(new(isTpm, _folder["nothing"], [], new Dictionary<string, string>()));
        Assert.Equal(TokenFault.Unreachable, Assert.Throws<TokenException>(() => host.Client.ListTokens()).Fault);
    }

    /// <summary>Relative paths are looked for, and may be found elsewhere than was meant.</summary>
    [Fact]
    public void ARelativeModuleIsRefused()
    {
        using var host = new Host(new(false, "libsofthsm2.so", [], new Dictionary<string, string>()));
        Assert.Equal(TokenFault.HostEnded, Assert.Throws<TokenException>(() => host.Client.Describe()).Fault);
    }
}
