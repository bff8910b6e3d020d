using Holdfast.Cryptography;
using Xunit;

namespace Holdfast.Mls.Tests;

/// <summary>RFC 9420 §11.2: a group is closed, and another takes its place.</summary>
public sealed class ReInitTests : LinkedGroups
{
    [Theory, InlineData(true, true), InlineData(false, false)]
    public void AGroupIsMadeAnewWithOtherParameters(bool byReference, bool treeInWelcome)
    {
        Close(ReInit(), byReference);
        var (maker, others) = Successors(NextSuite, Room[1], Room[0], Room[2]);
        var linked = Room[1].Group.Reinitialize(maker.Options(others) with { TreeInWelcome = treeInWelcome }, Room.Random);
        var tree = linked.RatchetTree;
        maker.Client.Adopt(linked.Group);
        foreach (var (other, old) in others.Zip([Room[0], Room[2]]))
        {
            var joined = Assert.IsType<JoinOutcome.Joined>(other.Join(linked, _ => old.Group, treeInWelcome ? null : tree));
            other.Client.Adopt(joined.Group);
            Assert.Equal(ResumptionPskUsage.Reinit, joined.Link?.Usage);
            Assert.Equal(old.Group.GroupId.ToArray(), joined.Link?.GroupId.ToArray());
            Assert.Equal("hello", other.Client.HearText(maker.Client.Say("hello")));
        }
        Assert.Equal(NextSuite, maker.Client.Group.Suite);
        Assert.Equal(1ul, maker.Client.Group.Epoch);
        Assert.Equal("next"u8.ToArray(), maker.Client.Group.GroupId.ToArray());
    }

    [Fact]
    public void NothingMoreIsSentInAGroupThatWasClosed()
    {
        var late = Room[2].Say("sent before");
        Close(ReInit());
        Assert.Equal("sent before", Room[0].HearText(late));
        foreach (var member in Room.Members)
        {
            member.Restart();
            Assert.Equal("next"u8.ToArray(), member.Group.ReInit?.GroupId.ToArray());
            Assert.Throws<InvalidOperationException>(() => member.Say("no"));
            Assert.Throws<InvalidOperationException>(() => member.ProposeUpdate());
            Assert.Throws<InvalidOperationException>(() => member.Propose(new RemoveProposal(Room[1].Group.OwnLeaf)));
            Assert.Throws<InvalidOperationException>(() => member.Group.Commit(new CommitOptions(), Room.Random));
            Assert.Throws<InvalidOperationException>(() => member.Group.GroupInfoMessage(withTree: true));
        }
        Room[0].Refuse(RogueCommit.Of(Room[1]), MlsError.GroupClosed);
        Room[0].Refuse(RogueCommit.Propose(Room[1], new RemoveProposal(Room[2].Group.OwnLeaf)), MlsError.GroupClosed);
        Room[0].Refuse(
            RogueJoin.Of(Room.NewClient("new"), Room[0], [new ProposalByValue(RogueJoin.ExternalInit(Room[0]))]), MlsError.GroupClosed);
    }

    [Fact]
    public void AReInitIsCommittedAloneAndOthersComeFirst()
    {
        Room.Propose(Room[1], ReInit());
        Room.ProposeUpdate(Room[2]);
        Room[0].Refuse(
            RogueCommit.Of(Room[1], [.. Room[0].Group.PendingProposals.Select(pending => pending.Reference)]),
            MlsError.InvalidProposalList);
        var committed = Room.Commit(Room[0], new CommitOptions());
        Assert.Null(committed.Change.ReInit);
        Assert.Equal([Room[2].Group.OwnLeaf, Room[0].Group.OwnLeaf], committed.Change.Updated.Select(member => member.Index));
        Room.Say(Room[1], "it goes on");
        Room.ProposeUpdate(Room[2]);
        Close(ReInit());   // who asks for it by value means it: what is pending is left out
    }

    [Fact]
    public void RejectsAReInitToAnOlderVersion()
    {
        var older = ReInit() with { Version = ProtocolVersion.Reserved };
        Room[0].Refuse(RogueCommit.Propose(Room[1], older), MlsError.InvalidProposal);
        Room[0].Refuse(RogueCommit.Of(Room[1], older), MlsError.InvalidProposal);
    }

    [Fact]
    public void ASuccessorHasAllMembersAndNobodyElse()
    {
        Assert.Throws<InvalidOperationException>(() => Room[0].Group.Reinitialize(Seat(NextSuite, Room[0]).Options([]), Room.Random));
        Close(ReInit());
        var (maker, others) = Successors(NextSuite, Room[0], Room[1], Room[2]);
        var stranger = Seat(NextSuite, "stranger");
        Assert.Contains("is not in the new one", Refusal(maker, [others[0]]), StringComparison.Ordinal);
        Assert.Contains("no member of the old one", Refusal(maker, [.. others, stranger]), StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => Room[0].Group.Reinitialize(Seat(CipherSuite.Mandatory, Room[0]).Options([]), Room.Random));

        // And if the maker does not care, the others do.
        Refused("is not in the new one", maker, others[0], [others[0]]);
        Refused("no member of the old one", maker, others[0], [.. others, stranger]);

        string Refusal(Place by, Place[] all) =>
            Assert.Throws<MlsException>(() => Room[0].Group.Reinitialize(by.Options(all), Room.Random)).Rule;
    }

    [Fact]
    public void ASuccessorOfAVersionThatWeDoNotKnowIsNotMade()
    {
        Close(ReInit() with { Version = (ProtocolVersion)2 });
        var (maker, others) = Successors(NextSuite, Room[0], Room[1], Room[2]);
        TreeEdit.Refuses(
            MlsError.Unsupported, "a version we do not know", () => Room[0].Group.Reinitialize(maker.Options(others), Room.Random));
    }

    [Fact]
    public void ASuccessorIsWhatWasAgreedOn()
    {
        Close(ReInit());
        var (maker, others) = Successors(NextSuite, Room[0], Room[1], Room[2]);
        Refused("are not those of the ReInit", maker, others[0], others, groupId: "other");
        Refused("are not those of the ReInit", maker, others[0], others, extensions: []);
        var (sameSuite, sameOthers) = Successors(CipherSuite.Mandatory, Room[0], Room[1], Room[2]);
        Refused("are not those of the ReInit", sameSuite, sameOthers[0], sameOthers);
        Assert.IsType<JoinOutcome.Joined>(Join(maker, others[0], others)).Group.Dispose();   // the control
    }

    [Fact]
    public void ASuccessorFollowsAReInitOnly()
    {
        var (maker, others) = Successors(NextSuite, Room[0], Room[1], Room[2]);
        Refused("last commit has no ReInit", maker, others[0], others);
        var linked = Own(
            Room[0].Group.BeginLinked(
                ResumptionPskUsage.Reinit, "next"u8.ToArray(), ReInit().Extensions, maker.Options(others), Room.Random));
        Close(ReInit());
        var outcome = others[0].Join(linked, _ => Room[1].Group);   // its key is of the epoch before the ReInit
        Assert.Contains("last commit has no ReInit", Assert.IsType<JoinOutcome.Rejected>(outcome).Rule, StringComparison.Ordinal);
    }
}
