using System.Buffers.Binary;
using System.Globalization;
using Holdfast.Codec;
using Xunit;

namespace Holdfast.Protocol.Tests;

/// <summary>The unions of our wires: every case has a specimen, and every specimen survives its encoding.</summary>
public sealed class UnionTests
{
    [Fact] public void EveryClientFrameReadsBackAsWritten() => AssertComplete(Specimens.ClientFrames);

    [Fact] public void EveryServerFrameReadsBackAsWritten() => AssertComplete(Specimens.ServerFrames);

    [Fact] public void EveryVaultCallReadsBackAsWritten() => AssertComplete(Specimens.VaultCalls);

    [Fact] public void EveryVaultReplyReadsBackAsWritten() => AssertComplete(Specimens.VaultReplies);

    [Fact] public void EveryTokenCallReadsBackAsWritten() => AssertComplete(Specimens.TokenCalls);

    [Fact] public void EveryTokenReplyReadsBackAsWritten() => AssertComplete(Specimens.TokenReplies);

    [Fact]
    public void TheVaultHasFewCallsAndTheyAreTheOnesOnRecord()
    {
        string[] cases = [.. Names(Specimens.VaultCalls), .. Names(Specimens.VaultReplies)];
        Assert.InRange(cases.Length, 1, 64);
        Assert.Equal(File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "vault-calls.golden")), cases);
    }

    [Fact]
    public void AFrameOfThePipeSaysItsLength()
    {
        byte[] frame = VaultFrame.Wrap<VaultCall>(new LockVault());
        Assert.Equal(frame.Length - VaultFrame.HeaderBytes, VaultFrame.ReadLength(frame.AsSpan(0, VaultFrame.HeaderBytes)));
    }

    [Theory, InlineData(0u), InlineData(uint.MaxValue), InlineData((4u * ProtocolLimits.FrameBytes) + 1)]
    public void AFrameOfThePipeIsNeitherEmptyNorEndless(uint length)
    {
        var header = new byte[VaultFrame.HeaderBytes];
        BinaryPrimitives.WriteUInt32BigEndian(header, length);
        Assert.Throws<CodecException>(() => VaultFrame.ReadLength(header));
    }

    [Theory, InlineData(0u), InlineData(uint.MaxValue), InlineData(TokenLimits.FrameBytes + 1u)]
    public void AFrameOfATokenHostsPipeIsNeitherEmptyNorEndless(uint length)
    {
        byte[] header = new byte[TokenFrame.HeaderBytes], frame = TokenFrame.Wrap<TokenCall>(new ListKeys());
        BinaryPrimitives.WriteUInt32BigEndian(header, length);
        Assert.Throws<CodecException>(() => TokenFrame.ReadLength(header));
        Assert.IsType<ListKeys>(TokenFrame.Read<TokenCall>(frame.AsSpan(TokenFrame.HeaderBytes, TokenFrame.ReadLength(frame))));
    }

    [Fact]
    public void AnotherVersionOfTheTokenHostIsRefused() =>
        Assert.Throws<CodecException>(() => TokenFrame.Read<TokenCall>([TokenLimits.Version + 1, .. Tls.Encode<TokenCall>(new ListKeys())]));

    /// <summary>The most that one answer may list fits a frame.</summary>
    [Fact]
    public void TheLongestAnswersOfATokenHostFitAFrame()
    {
        var key = new TokenKey(new byte[TokenLimits.KeyHandleBytes], new byte[TokenLimits.PointBytes], 0, 0);
        string label = new('n', TokenLimits.LabelBytes);
        foreach (TokenReply reply in (TokenReply[])[
            new KeysListed([.. Enumerable.Repeat(key, TokenLimits.Keys)]),
            new TokensListed([.. Enumerable.Repeat(new TokenInfo(new byte[32], label, label, 0, true), TokenLimits.Tokens)])])
            Assert.NotEqual(0, TokenFrame.ReadLength(TokenFrame.Wrap(reply)));
    }

    [Fact]
    public void AFewThousandMembersWithTheLongestNamesFitAFrameOfThePipe()
    {
        var member = new MemberInfo(Pin.FromRandom(new byte[7]), new string('n', ProtocolLimits.NameBytes), default, false);
        byte[] frame = VaultFrame.Wrap<VaultReply>(new Members("suite", [.. Enumerable.Repeat(member, 10_000)]));
        int length = VaultFrame.ReadLength(frame.AsSpan(0, VaultFrame.HeaderBytes));
        Assert.Equal(10_000, Assert.IsType<Members>(Tls.Decode<VaultReply>(frame.AsSpan(VaultFrame.HeaderBytes, length))).Items.Count);
    }

    private static void AssertComplete<T>(IReadOnlyList<T> specimens) where T : ITlsStruct<T>
    {
        var cases = typeof(T).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(T)) && !type.IsAbstract).ToHashSet();
        Assert.True(cases.SetEquals(specimens.Select(specimen => specimen.GetType())), "a case without a specimen");
        Assert.Equal(cases.Count, specimens.Select(specimen => (Tls.Encode(specimen)[0], specimen.GetType())).Distinct().Count());
        Assert.Equal(cases.Count, specimens.Select(specimen => Tls.Encode(specimen)[0]).Distinct().Count());
        foreach (T specimen in specimens)
        {
            byte[] bytes = Tls.Encode(specimen);
            T back = Tls.Decode<T>(bytes);
            Assert.Equal(specimen.GetType(), back.GetType());
            Assert.Equal(bytes, Tls.Encode(back));
            Assert.Equal(Graph.Describe(specimen), Graph.Describe(back));
        }
    }

    private static IEnumerable<string> Names<T>(IEnumerable<T> specimens) where T : ITlsStruct<T> => specimens
        .Select(specimen => (Number: Tls.Encode(specimen)[0], specimen.GetType().Name)).Distinct().Order()
        .Select(found => string.Create(CultureInfo.InvariantCulture, $"{typeof(T).Name} {found.Number} {found.Name}"));
}
