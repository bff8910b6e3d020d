using CsCheck;
using Holdfast.Client;
using Holdfast.Codec;
using Holdfast.Cryptography;
using Holdfast.Protocol;
using Holdfast.Vault;

namespace Holdfast.TokenHost.Tests;

/// <summary>Bytes in the place of a host's answers, and bytes in the place of the vault's questions.</summary>
public sealed class HostileAnswersTests(SoftHsm token) : IClassFixture<SoftHsm>, IDisposable
{
    private static readonly byte[] Point = DhKemNist.P256.Generate(RandomSource.System).PublicKey.ToArray();

    private static readonly IReadOnlyList<TokenReply> Replies =
    [
        new TokenFailed(TokenError.NoKey, 7), new HostDescribed(HostWalls.Files, new byte[32]), new HostDescribed(HostWalls.None, default),
        new TokensListed([new TokenInfo(new byte[32], "label", "model", TokenPinState.Low, true)]), new TokenOpened(),
        new KeysListed([new TokenKey(new byte[4], Point, KeyTraits.Derive, KeyTraits.Derive)]),
        new KeyOpened(new TokenKey(new byte[16], Point, (KeyTraits)0x1fff, KeyTraits.Derive)), new KeyAltered(KeyTraits.None, false), new Agreed(Point.AsMemory(1, 32)),
        new HashSigned(new byte[64]),
    ];

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>Any bytes, and true answers bent, cut and lengthened: a declared exception, and no secret.</summary>
    [Fact]
    public void AnyAnswerIsReadOrRefused()
    {
        var tries = new TokenPinTries(_folder["tries"], TimeProvider.System);
        var honest = Gen.Int[0, Replies.Count - 1].Select(i => TokenFrame.Wrap(Replies[i])[TokenFrame.HeaderBytes..]);
        var bent = Gen.Select(honest, Gen.Int[0, 400], Gen.Byte, Gen.Int[-3, 3]).Select((body, place, bits, longer) =>
        {
            byte[] changed = [.. body];
            changed[place % changed.Length] ^= bits;
            Array.Resize(ref changed, Math.Max(changed.Length + longer, 0));
            return changed;
        });
        Gen.OneOf(honest, bent, bent, Gen.Byte.Array[0, 200]).Array[1, 8].Sample(
            answers =>
            {
                int next = 0, asked = 0;
                var client = new TokenClient(
                    new Told(_ =>
                    {
                        asked++;
                        return next < answers.Length ? [.. answers[next++]] : null;
                    }),
                    RandomSource.System);
                try
                {
                    tries.Forget();
                    TokenSecret.Enrol(client, new byte[32], new byte[4], tries, new byte[16], RandomSource.System).Secret.Dispose();
                    Assert.Fail("nobody computed anything, and a secret was enrolled");
                }
                catch (TokenException failed)
                {
                    if (failed.Fault is not (TokenFault.Lied or TokenFault.HostEnded)) return;
                    int before = asked;
                    Assert.Equal(TokenFault.HostEnded, Assert.Throws<TokenException>(() => client.ListTokens()).Fault);
                    Assert.Equal(before, asked);   // who lied once is asked nothing more
                }
            },
            iter: 3000, threads: 1);
    }

    /// <summary>Each answer to a question that was not asked.</summary>
    [Fact]
    public void AnAnswerToAnotherQuestionIsALie()
    {
        foreach (var reply in Replies.Where(reply => reply is not (TokenFailed or TokensListed)))
        {
            var client = new TokenClient(new Told(_ => TokenFrame.Wrap(reply)[TokenFrame.HeaderBytes..]), RandomSource.System);
            Assert.Equal(TokenFault.Lied, Assert.Throws<TokenException>(() => client.ListTokens()).Fault);
        }
    }

    /// <summary>What a host could do instead of answering: each ends it, and no memory is taken for what it announces.</summary>
    [Theory]
    [InlineData(@"printf '\377\377\377\377'; sleep 600")]
    [InlineData(@"printf '\0\0\0\0'; sleep 600")]
    [InlineData(@"printf '\0\1\0\0'; sleep 600")]
    [InlineData(@"printf '\0\0\0\4\1'; exec sleep 600")]
    [InlineData("exit 0")]
    [InlineData("kill -9 $$")]
    [InlineData("exec sleep 600")]
    [InlineData("exec <&-; exec sleep 600")]
    public void AHostThatDoesNotAnswerIsEnded(string script)
    {
        using var host = TokenHostProcess.Start(Programs.Script(_folder["host"], script), token.Settings, TimeSpan.FromSeconds(1));
        byte[] frame = TokenFrame.Wrap<TokenCall>(new DescribeHost());
        Assert.Null(host.Exchange(frame));
        Assert.Null(host.Exchange(frame));   // and stays gone
        Programs.Await(() => Programs.IsGone(host.Id), "the host is gone");
    }

    /// <summary>The host itself, asked nonsense at every stage: it says so, and goes on.</summary>
    [Fact]
    public void AHostAnswersAnyQuestion()
    {
        using var host = new Host(token.Settings);
        TokenCall[] calls =
        [
            new ListKeys(), new GenerateKey(KeyPurpose.Agree, new byte[16]), new OpenKey(new byte[3]), new TryToAlter(), new Ecdh(Point), new SignHash(new byte[32]),
            new OpenToken(new byte[32], new byte[4]),
        ];
        foreach (var call in calls) Assert.Equal(TokenError.BadCall, Assert.IsType<TokenFailed>(host.Ask(call)).Error);   // not before there are tokens
        var info = Assert.Single(host.Client.ListTokens());
        Assert.Equal(TokenError.NoToken, Assert.IsType<TokenFailed>(host.Ask(new OpenToken(new byte[32], new byte[4]))).Error);
        host.Client.Open(info.Id, SoftHsm.TokenPin, new TokenPinTries(_folder["tries"], TimeProvider.System));
        Assert.Equal(TokenError.NoKey, Assert.IsType<TokenFailed>(host.Ask(new OpenKey(new byte[3]))).Error);
        var key = host.Client.Generate(KeyPurpose.Agree);
        Assert.IsType<TokenFailed>(host.Ask(new SignHash(new byte[32])));   // a key has one purpose
        Gen.OneOf(Gen.Int[0, calls.Length - 1].Select(i => Tls.Encode(calls[i])), Gen.Byte.Array[1, 100]).Select(Gen.Int[0, 300], Gen.Byte).Sample(
            (body, place, bits) =>
            {
                byte[] frame = [0, 0, 0, (byte)(body.Length + 1), TokenLimits.Version, .. body];
                if (body[0] is 3 or 5) return;   // no login that could lock, and not a thousand keys
                frame[4 + (place % (frame.Length - 4))] ^= bits;
                if (frame[5] is 3 or 5) return;
                Assert.NotNull(host.Exchange(frame));
            },
            iter: 1500, threads: 1);
        Assert.IsType<KeyOpened>(host.Ask(new OpenKey(key.Handle)));
        Assert.IsType<Agreed>(host.Ask(new Ecdh(Point)));
    }

    /// <summary>A frame that is none ends the host: nothing behind it could be trusted.</summary>
    [Theory, InlineData("ffffffff"), InlineData("00000000"), InlineData("7fffffff")]
    public void AFrameOutOfStepEndsTheHost(string header)
    {
        using var host = new Host(token.Settings);
        Assert.Null(host.Exchange(Convert.FromHexString(header)));
    }
}
