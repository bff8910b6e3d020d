using System.Diagnostics;
using System.Security.Cryptography;
using Holdfast.Cryptography;
using Holdfast.Protocol;
using Holdfast.Vault;

namespace Holdfast.TokenHost.Tests;

/// <summary>What every kind of token must do, by the real host in its own process.</summary>
public abstract class TokenTests : IDisposable
{
    private readonly TempFolder _folder = new();

    protected static byte[] Profile { get; } = RandomNumberGenerator.GetBytes(16);

    private protected abstract byte[] TokenPin { get; }

    private protected TokenPinTries Tries => new(_folder["tries"], TimeProvider.System);

    private protected abstract Host Start();

    public void Dispose()
    {
        _folder.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>The token's key for ECDH: made, or, of a card, found.</summary>
    private protected virtual TokenKey OpenAgreeKey(Host host)
    {
        OpenToken(host);
        return host.Client.Generate(KeyPurpose.Agree);
    }

    private protected virtual TokenKey OpenSignKey(Host host)
    {
        OpenToken(host);
        return host.Client.Generate(KeyPurpose.Sign);
    }

    /// <summary>The token that the test is about.</summary>
    private protected virtual TokenInfo Find(Host host) => Assert.Single(host.Client.ListTokens());

    private protected TokenInfo OpenToken(Host host)
    {
        var token = Find(host);
        host.Client.Open(token.Id, TokenPin, Tries);
        return token;
    }

    [Fact]
    public void EcdhIsWhatSoftwareComputes()
    {
        using var host = Start();
        var key = OpenAgreeKey(host);
        for (int i = 0; i < 16; i++)
        {
            using var other = DhKemNist.P256.Generate(RandomSource.System);
            using var expected = DhKemNist.P256.Agree(other.RevealPrivateKey(), key.Point.Span);
            using var seen = host.Client.Agree(other.PublicKey.Span);
            Assert.True(expected!.EqualsFixedTime(seen!.Reveal()));
            var raw = Assert.IsType<Agreed>(host.Ask(new Ecdh(other.PublicKey)));
            Assert.True(expected.EqualsFixedTime(raw.Shared.Span));
        }
    }

    [Fact]
    public void AHashIsSigned()
    {
        using var host = Start();
        var key = OpenSignKey(host);
        byte[] hash = RandomNumberGenerator.GetBytes(32);
        byte[] signature = host.Client.Sign(hash).ToArray();
        var point = new ECPoint { X = key.Point[1..33].ToArray(), Y = key.Point[33..].ToArray() };
        using var verifier = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = point });
        Assert.True(verifier.VerifyHash(hash, signature));
        hash[0] ^= 1;
        Assert.False(verifier.VerifyHash(hash, signature));
    }

    /// <summary>A point off the curve would tell the key bit by bit (Biehl, Meyer, Müller 2000).</summary>
    [Fact]
    public void APointOffTheCurveIsRefused()
    {
        using var host = Start();
        var key = OpenAgreeKey(host);
        byte[] off = key.Point.ToArray();
        off[64] ^= 1;
        Assert.Null(host.Client.Agree(off));
        Assert.IsType<TokenFailed>(host.Ask(new Ecdh(off)));
        off[0] = 2;
        Assert.Equal(TokenError.BadPoint, Assert.IsType<TokenFailed>(host.Ask(new Ecdh(off))).Error);
        Assert.IsType<Agreed>(host.Ask(new Ecdh(key.Point)));   // and goes on
    }

    [Fact]
    public void AnEnrolledTokenBringsTheSecretBack()
    {
        TokenEnrolment enrolled;
        using (var host = Start())
        {
            var token = Find(host);
            enrolled = TokenSecret.Enrol(host.Client, token.Id, TokenPin, Tries, Profile, RandomSource.System);
        }
        for (int i = 0; i < 2; i++)
        {
            using var host = Start();
            using var back = TokenSecret.Recover(enrolled.Record.Span, host.Client, TokenPin, Tries, Profile);
            Assert.True(back.EqualsFixedTime(enrolled.Secret.Reveal()));
        }
        Assert.Equal(0, Tries.Count);
    }

    [Fact]
    public void ARecordOpensInItsOwnPlaceOnly()
    {
        TokenEnrolment enrolled;
        using (var host = Start()) enrolled = TokenSecret.Enrol(
            host.Client, Find(host).Id, TokenPin, Tries, Profile, RandomSource.System);
        byte[] otherProfile = [.. Profile];
        otherProfile[3] ^= 1;
        Assert.Equal(TokenFault.BadRecord, Fault(enrolled.Record.ToArray(), otherProfile));
        byte[] record = enrolled.Record.ToArray();
        foreach (int place in (int[])[0, 5, record.Length - 1, record.Length - 40, record.Length - 100, record.Length - 120, record.Length - 180])
        {
            byte[] bent = [.. record];
            bent[place] ^= 1;
            Assert.True(Fault(bent, Profile) is TokenFault.BadRecord or TokenFault.NoToken or TokenFault.Lied or TokenFault.NoKey or TokenFault.DeviceFailed);
        }
        Assert.Equal(TokenFault.BadRecord, Fault(record[..^1], Profile));
        Assert.Equal(TokenFault.BadRecord, Fault([.. record, 0], Profile));
        Assert.Null(Fault(record, Profile));
    }

    [Fact]
    public void AKeyAgreesAsOftenAsItIsAsked()
    {
        using var host = Start();
        var key = OpenAgreeKey(host);
        var watch = Stopwatch.StartNew();
        const int Times = 50;
        for (int i = 0; i < Times; i++) Assert.IsType<Agreed>(host.Ask(new Ecdh(key.Point)));
        double one = watch.Elapsed.TotalMilliseconds / Times;
        watch.Restart();
        for (int i = 0; i < Times; i++) host.Client.Agree(key.Point.Span)!.Dispose();
        TestContext.Current.TestOutputHelper!.WriteLine($"{GetType().Name}: {one:0.00} ms an ECDH, {watch.Elapsed.TotalMilliseconds / Times:0.00} ms a blinded and challenged one");
    }

    private TokenFault? Fault(byte[] record, byte[] profile)
    {
        using var host = Start();
        try
        {
            using var back = TokenSecret.Recover(record, host.Client, TokenPin, Tries, profile);
            return null;
        }
        catch (TokenException failed)
        {
            Assert.NotEmpty(failed.Message);
            return failed.Fault;
        }
    }
}
