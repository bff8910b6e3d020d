using Xunit;

namespace Holdfast.Mls.Tests;

/// <summary>RFC 9420 §12.2, §12.4: which proposals may not be committed together, or by this committer.</summary>
public sealed class ProposalListTests : RogueProposals
{
    [Fact]
    public void RejectsAnUpdateByTheCommitter()
    {
        Refused("no committer may propose itself", Update(Rogue));
        Room.ProposeUpdate(Rogue);
        Refused("an Update by the committer", [Pending(0)]);
    }

    [Fact]
    public void RejectsARemoveOfTheCommitter() => Refused("a Remove of the committer", new RemoveProposal(Rogue.Group.OwnLeaf));

    [Fact]
    public void RejectsTwoRemovesOfOneLeaf() =>
        Refused("two Updates or Removes of one leaf", new RemoveProposal(Other), new RemoveProposal(Other));

    [Fact]
    public void RejectsAnUpdateAndARemoveOfOneLeaf()
    {
        Room.ProposeUpdate(Room[2]);
        Refused("two Updates or Removes of one leaf", [Pending(0), new ProposalByValue(new RemoveProposal(Other))]);
    }

    [Fact]
    public void RejectsTwoUpdatesOfOneLeaf()
    {
        Room.ProposeUpdate(Room[2]);
        Room.ProposeUpdate(Room[2]);
        Refused("two Updates or Removes of one leaf", [Pending(0), Pending(1)]);
    }

    [Fact]
    public void RejectsTheSameProposalTwice()
    {
        Room.ProposeUpdate(Room[2]);
        Refused("a commit refers to one proposal twice", [Pending(0), Pending(0)]);
    }

    [Fact]
    public void RejectsTwoAddsOfOneClient()
    {
        using var first = Room.NewClient("new").NewKeyPackage();
        Refused("is a member already or is added twice", new AddProposal(first.KeyPackage), new AddProposal(first.KeyPackage));
    }

    [Fact]
    public void RejectsTwoKeyPackagesOfOneClient()
    {
        var client = Room.NewClient("new");
        using var first = client.NewKeyPackage();
        using var second = client.NewKeyPackage();
        Refused("is a member already or is added twice", new AddProposal(first.KeyPackage), new AddProposal(second.KeyPackage));
    }

    [Fact]
    public void RejectsAnAddOfAMember()
    {
        using var again = Room[2].NewKeyPackage();
        Refused("is a member already or is added twice", new AddProposal(again.KeyPackage));
    }

    [Fact]
    public void AMemberMayBeRemovedAndAddedAnewInOneCommit()
    {
        var client = Room[2];
        using var self = client.NewKeyPackage();
        var proposals = new Proposal[] { new AddProposal(self.KeyPackage), new RemoveProposal(Other) };
        Room.Commit(Room[1], new CommitOptions { Proposals = proposals }, (client, self));
        Room.Say(client, "back");
    }

    [Fact]
    public void RejectsTwoOfOnePreSharedKey()
    {
        var psk = new PreSharedKeyProposal(Room.ShareKey("door"));
        Refused("two PreSharedKey proposals of one PSK", psk, psk);
    }

    [Fact]
    public void RejectsTwoGroupContextExtensions() => Refused(
        "two GroupContextExtensions", new GroupContextExtensionsProposal([]), new GroupContextExtensionsProposal([]));

    [Fact]
    public void RejectsAReInitWithOthers()
    {
        Refused("a ReInit together with another", ReInit(), new RemoveProposal(Other));
        Refused("a ReInit together with another", new PreSharedKeyProposal(Room.ShareKey("k")), ReInit());
        Refused("a ReInit together with another", ReInit(), ReInit());
    }

    [Fact]
    public void RejectsAnExternalInit() =>
        Refused("no committer may propose itself", new ExternalInitProposal(new byte[32]));

    [Fact]
    public void RejectsAProposalThatNobodySent() =>
        Refused("refers to a proposal we do not have", [new ProposalReference(new byte[32])], MlsError.UnknownProposal);

    [Fact]
    public void RejectsAProposalOfAnEarlierEpoch()
    {
        Room.ProposeUpdate(Room[2]);
        var stale = Pending(0);
        Room.Commit(Room[3], new CommitOptions { IncludePending = false });
        Refused("refers to a proposal we do not have", [stale], MlsError.UnknownProposal);
    }

    [Fact]
    public void RejectsEmptyUpdatingRemovingAndReplacingCommitsWithoutAPath()
    {
        Room.ProposeUpdate(Room[2]);
        Refused("this commit must have a path", [], MlsError.PathRequired);
        Refused("this commit must have a path", [Pending(0)], MlsError.PathRequired);
        Refused("this commit must have a path", [new ProposalByValue(new RemoveProposal(Other))], MlsError.PathRequired);
        Refused("this commit must have a path", [new ProposalByValue(new GroupContextExtensionsProposal([]))], MlsError.PathRequired);
    }
}
