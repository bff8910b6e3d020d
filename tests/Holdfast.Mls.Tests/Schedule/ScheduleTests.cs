using Holdfast.Codec;
using Holdfast.Cryptography;
using Xunit;

namespace Holdfast.Mls.Tests;

public sealed class ScheduleTests
{
    private static readonly CipherSuite Suite = CipherSuite.Mandatory;

    [Fact]
    public void JoinerAndMembersAgreeOnTheExternalInitSecret()
    {
        using var secrets = EpochSecrets.Derive(Suite, Secret.Random(32, RandomSource.System), out _);
        using var pair = secrets.ExternalKeyPair();
        using var joiners = ExternalInit.Create(Suite, pair.PublicKey.Span, RandomSource.System, out byte[] kemOutput)!;
        using var members = ExternalInit.Process(Suite, pair, kemOutput)!;
        Assert.Equal(joiners.Reveal(), members.Reveal());

        kemOutput[0] ^= 1;
        using var others = ExternalInit.Process(Suite, pair, kemOutput);
        Assert.False(others is not null && others.EqualsFixedTime(joiners.Reveal()));
        Assert.Null(ExternalInit.Process(Suite, pair, kemOutput.AsSpan(1)));
    }

    [Fact]
    public void AnExternalKeyThatContributesNothingIsRefused() =>
        Assert.Null(ExternalInit.Create(Suite, new byte[32], RandomSource.System, out _));

    [Fact]
    public void NoPreSharedKeysGiveZeros()
    {
        using var none = PskSecret.Compute(Suite, []);
        Assert.Equal(new byte[32], none.Reveal());
        using var noPath = KeySchedule.NoCommitSecret(Suite);
        Assert.Equal(new byte[32], noPath.Reveal());
    }

    [Fact]
    public void EveryPartOfAPreSharedKeysIdChangesTheSecret()
    {
        byte[] one = [1], other = [2];
        PreSharedKeyId[] ids =
        [
            new ExternalPskId(one, one),
            new ExternalPskId(one, other),
            new ExternalPskId(other, one),
            new ResumptionPskId(ResumptionPskUsage.Application, one, 1, one),
            new ResumptionPskId(ResumptionPskUsage.Reinit, one, 1, one),
            new ResumptionPskId(ResumptionPskUsage.Branch, one, 1, one),
            new ResumptionPskId(ResumptionPskUsage.Branch, other, 1, one),
            new ResumptionPskId(ResumptionPskUsage.Branch, one, 2, one),
            new ResumptionPskId(ResumptionPskUsage.Branch, one, 1, other),
        ];
        using var key = new Secret(32);
        string[] secrets = [.. ids.Select(id => Hex([new PreSharedKey(id, key)]))];
        Assert.Equal(ids.Length, secrets.Distinct().Count());
    }

    [Fact]
    public void TheOrderOfPreSharedKeysMatters()
    {
        using var key = new Secret(32);
        var first = new PreSharedKey(new ExternalPskId("a"u8.ToArray(), default), key);
        var second = new PreSharedKey(new ExternalPskId("b"u8.ToArray(), default), key);
        Assert.NotEqual(Hex([first, second]), Hex([second, first]));
    }

    [Fact]
    public void MorePreSharedKeysThanTheLimitAreRefused()
    {
        using var key = new Secret(32);
        var one = new PreSharedKey(new ExternalPskId(default, default), key);
        var refused = Assert.Throws<MlsException>(
            () => PskSecret.Compute(Suite, [.. Enumerable.Repeat(one, MlsLimits.MaxPreSharedKeys + 1)]));
        Assert.Equal(MlsError.TooLarge, refused.Error);
    }

    [Fact]
    public void ExportsDifferByLabelAndContext()
    {
        using var secrets = EpochSecrets.Derive(Suite, Secret.Random(32, RandomSource.System), out _);
        string[] exports =
        [
            .. from label in (string[])["one", "two"]
               from context in (byte[][])[[], [1], [2]]
               select Convert.ToHexString(secrets.Export(label, context, 32).Reveal()),
        ];
        Assert.Equal(exports.Length, exports.Distinct().Count());
    }

    [Fact]
    public void OnlyCommitsEnterTheTranscript()
    {
        var framed = new FramedContent(default, 0, Sender.Member(new LeafIndex(0)), default, new ApplicationContent(default));
        var content = new AuthenticatedContent(WireFormat.PrivateMessage, framed, new FramedContentAuthData(default));
        Assert.Throws<ArgumentException>(() => TranscriptHash.Confirmed(Suite, [], content));
    }

    [Fact]
    public void TruncatedEpochSecretsAreRefused()
    {
        using var secrets = EpochSecrets.Derive(Suite, Secret.Random(32, RandomSource.System), out _);
        using var writer = new TlsWriter();
        secrets.Encode(writer);
        byte[] saved = writer.ToArray();
        for (int length = 0; length < saved.Length; length++)
        {
            Assert.Throws<CodecException>(() =>
            {
                var reader = new TlsReader(saved.AsSpan(0, length));
                EpochSecrets.Decode(ref reader, Suite);
            });
        }
    }

    private static string Hex(IReadOnlyList<PreSharedKey> keys) => Convert.ToHexString(PskSecret.Compute(Suite, keys).Reveal());
}
