using Xunit;

namespace Holdfast.Mls.Tests;

/// <summary>RFC 9420 §12.2, §12.4: what our own commits take of what is proposed.</summary>
public sealed class OwnProposalListTests : RogueProposals
{
    [Fact]
    public void OurOwnCommitsKeepTheSameRules()
    {
        using var again = Room[2].NewKeyPackage();
        Proposal[][] lists =
        [
            [Update(Rogue)],
            [new RemoveProposal(Rogue.Group.OwnLeaf)],
            [new RemoveProposal(Other), new RemoveProposal(Other)],
            [new AddProposal(again.KeyPackage)],
            [new GroupContextExtensionsProposal([]), new GroupContextExtensionsProposal([])],
            [ReInit(), new RemoveProposal(Other)],
            [new ExternalInitProposal(new byte[32])],
        ];
        var before = Rogue.State();
        foreach (var list in lists)
        {
            var broken = Assert.Throws<MlsException>(() => Rogue.Group.Commit(new CommitOptions { Proposals = list }, Room.Random));
            Assert.Equal(MlsError.InvalidProposalList, broken.Error);
        }
        Assert.Equal(before, Rogue.State());
    }

    /// <summary>By its place in the list as it was given, whatever is weighed first.</summary>
    [Fact]
    public void WhichOfSeveralIsAtFaultIsSaid()
    {
        using var first = Room.NewClient("first").NewKeyPackage();
        using var second = Room.NewClient("second").NewKeyPackage();
        using var member = Room[2].NewKeyPackage();
        var bad = new AddProposal(second.KeyPackage with { Signature = default });
        Said("proposal 2 of 3: RFC 9420 §10.1", new AddProposal(first.KeyPackage), bad, new RemoveProposal(Other));
        Said("proposal 2 of 2: RFC 9420 §12.2", new AddProposal(first.KeyPackage), new AddProposal(member.KeyPackage));
        Said("RFC 9420 §10.1", bad);
        var message = RogueCommit.Of(Rogue, new AddProposal(first.KeyPackage), bad);
        Assert.StartsWith(
            "proposal 2 of 2: RFC 9420 §10.1", Victim.Refuse(message, MlsError.InvalidSignature).Rule, StringComparison.Ordinal);

        void Said(string rule, params Proposal[] list) => Assert.StartsWith(
            rule,
            Assert.Throws<MlsException>(() => Rogue.Group.Commit(new CommitOptions { Proposals = list }, Room.Random)).Rule,
            StringComparison.Ordinal);
    }

    [Fact]
    public void OurOwnCommitsPreferARemoveAndThenTheLatestUpdate()
    {
        Room.ProposeUpdate(Room[2]);
        Room.ProposeUpdate(Room[2]);
        Room.ProposeUpdate(Room[3]);
        Room.ProposeUpdate(Room[0]);   // not by its sender
        Room.Propose(Room[1], new RemoveProposal(Room[3].Group.OwnLeaf));
        var latest = ((UpdateProposal)Victim.Group.PendingProposals[1].Proposal).LeafNode.EncryptionKey;
        var change = Room.Commit(Room[0], new CommitOptions()).Change;
        Assert.Equal("member 3", Client.NameOf(Assert.Single(change.Removed).Leaf));
        Assert.Equal(latest.ToArray(), change.Updated.Single(member => member.Index == Other).After.EncryptionKey.ToArray());
        Room.Say(Room[2], "with the latest key");
    }

    [Fact]
    public void AProposalThatFitsNobodyDoesNotKeepOthersFromCommitting()
    {
        using var certified = NewKeyPackageOfUnknownCredential();
        var expiring = Room.NewClient("expiring");
        expiring.Lifetime = new Lifetime(1000, 2000);
        using var expired = expiring.NewKeyPackage();
        foreach (var keyPackage in new[] { certified.KeyPackage, expired.KeyPackage }) Room.Propose(Room[3], new AddProposal(keyPackage));
        Room.ProposeUpdate(Room[2]);
        var change = Room.Commit(Room[0], new CommitOptions { Now = DateTimeOffset.FromUnixTimeSeconds(2001) }).Change;
        Assert.Empty(change.Added);
        Assert.Contains(change.Updated, member => member.Index == Other);
        Assert.Empty(Victim.Group.PendingProposals);
    }
}
