using Holdfast.Codec;
using Xunit;

namespace Holdfast.Mls.Tests;

public sealed class SenderTests
{
    [Fact]
    public void EverySenderReadsBackAsWrittenAndCanBePrinted()
    {
        Sender[] senders = [Sender.Member(new LeafIndex(7)), Sender.External(7), Sender.NewMemberProposal, Sender.NewMemberCommit];
        foreach (var sender in senders) Assert.Equal(sender, Tls.Decode<Sender>(Tls.Encode(sender)));
        Assert.Equal(senders.Length, senders.Select(sender => sender.ToString()).Distinct().Count());
    }

    [Fact]
    public void OnlyAMemberHasALeafAndOnlyAnExternalSenderAnIndex()
    {
        Assert.Throws<InvalidOperationException>(() => Sender.External(1).Leaf);
        Assert.Throws<InvalidOperationException>(() => Sender.NewMemberCommit.Leaf);
        Assert.Throws<InvalidOperationException>(() => Sender.Member(new LeafIndex(1)).ExternalIndex);
    }

    [Theory, InlineData("00"), InlineData("05"), InlineData("ff"), InlineData("01000000"), InlineData("0300"), InlineData("")]
    public void UnknownAndTruncatedSendersAreRefused(string hex) =>
        Assert.Throws<CodecException>(() => Tls.Decode<Sender>(Convert.FromHexString(hex)));
}
