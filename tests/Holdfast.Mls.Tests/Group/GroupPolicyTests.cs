using Xunit;

namespace Holdfast.Mls.Tests;

/// <summary>A policy that cannot work is refused where it is written, not where a message is made or read.</summary>
public sealed class GroupPolicyTests
{
    [Theory, InlineData(-1), InlineData(int.MinValue)]
    public void WhatIsCountedIsNotNegative(int count)
    {
        Refused(() => new GroupPolicy { PastEpochs = count });
        Refused(() => new GroupPolicy { PastResumptionPsks = count });
        Refused(() => new GroupPolicy { PaddingBlock = count });
        Refused(() => new GroupPolicy { LongestLifetime = TimeSpan.FromTicks(count) });
        Refused(() => new RatchetLimits(count));
        Refused(() => new RatchetLimits(MaxKept: count));
        Refused(() => new RatchetLimits() with { MaxForward = count });
        Refused(() => new RatchetLimits() with { MaxKept = count });
    }

    [Fact]
    public void NothingIsACountToo()
    {
        var limits = new RatchetLimits(0, 0);
        Assert.Equal((0, 0), (limits.MaxForward, limits.MaxKept));
        var policy = new GroupPolicy { PastEpochs = 0, PastResumptionPsks = 0, LongestLifetime = TimeSpan.Zero, Ratchets = limits };
        Assert.Equal((0, 0, TimeSpan.Zero), (policy.PastEpochs, policy.PastResumptionPsks, policy.LongestLifetime));
    }

    [Fact]
    public void APaddingBlockIsOneThatAMessageHasRoomFor()
    {
        Refused(() => new GroupPolicy { PaddingBlock = MlsLimits.MaxPaddingBlock + 1 });
        Refused(() => new GroupPolicy { PaddingBlock = int.MaxValue });
        using var room = Room.Of(
            2, prepare: client => client.Policy = client.Policy with { PaddingBlock = MlsLimits.MaxPaddingBlock });
        Assert.Equal("padded", room[1].HearText(room[0].Say("padded")));
    }

    [Fact]
    public void HandshakesArePublicOrPrivateMessages()
    {
        foreach (var format in Enum.GetValues<WireFormat>().Append(default))
        {
            if (format is WireFormat.PublicMessage or WireFormat.PrivateMessage)
                Assert.Equal(format, new GroupPolicy { HandshakeFormat = format }.HandshakeFormat);
            else
                Refused(() => new GroupPolicy { HandshakeFormat = format });
        }
    }

    private static void Refused(Func<object> make) => Assert.Throws<ArgumentOutOfRangeException>(make);
}
