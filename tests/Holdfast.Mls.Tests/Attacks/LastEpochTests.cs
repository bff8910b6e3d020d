using Xunit;

namespace Holdfast.Mls.Tests;

/// <summary>Whoever founds a group says what epoch it is in: at the end of the numbers nobody fails otherwise than by refusing.</summary>
public sealed class LastEpochTests : IDisposable
{
    private readonly Room _room = Room.Of(1);

    public void Dispose() => _room.Dispose();

    [Fact]
    public void AGroupInTheLastEpochIsNotJoined()
    {
        var (founder, victim) = (_room.NewClient("founder"), _room.NewClient("victim"));
        using var bundle = victim.NewKeyPackage();
        byte[] welcome = Found(founder, ulong.MaxValue - 1, bundle);
        Assert.Equal(MlsError.TooLarge, Assert.IsType<JoinOutcome.Rejected>(victim.TryJoin(welcome, bundle)).Error);
        byte[] info = founder.Group.GroupInfoMessage(withTree: true, withExternalKey: true);
        Assert.Equal(MlsError.TooLarge, Assert.IsType<ExternalJoinOutcome.Rejected>(victim.TryJoinExternally(info)).Error);
    }

    [Fact]
    public void InTheLastEpochNothingIsCommittedAndEverythingElseGoesOn()
    {
        var (founder, victim, third) = (_room.NewClient("founder"), _room.NewClient("victim"), _room.NewClient("third"));
        using var bundle = victim.NewKeyPackage();
        victim.Join(Found(founder, ulong.MaxValue - 2, bundle), bundle);
        var last = founder.Group.Commit(new CommitOptions(), _room.Random);
        byte[] before = founder.Say("before");
        victim.TakeCommit(last.Message);
        using (var after = last.Next.After(founder.Group)) Assert.Equal(ulong.MaxValue, after.Epoch);
        founder.Adopt(last.Next);
        Assert.Equal(ulong.MaxValue, victim.Group.Epoch);

        using var added = third.NewKeyPackage();
        byte[] commit = RogueCommit.Of(founder, new AddProposal(added.KeyPackage));
        victim.Refuse(commit, MlsError.TooLarge);
        victim.Refuse(RogueCommit.Of(founder, [], RogueCommit.Path(founder)), MlsError.TooLarge);   // which strands nobody either
        Assert.All(victim.Group.HandleBatch([commit]), outcome => Assert.IsType<Handled.Rejected>(outcome));
        var refused = Assert.Throws<MlsException>(() => victim.Group.Commit(new CommitOptions(), _room.Random));
        Assert.Equal(MlsError.TooLarge, refused.Error);
        Assert.Equal("before", victim.HearText(before));
        victim.Restart();
        Assert.Equal("still here", victim.HearText(founder.Say("still here")));
    }

    /// <summary>A founder's group in whatever epoch it says, to which it adds somebody.</summary>
    private static byte[] Found(Client founder, ulong epoch, KeyPackageBundle added)
    {
        using var self = founder.NewKeyPackage();
        var tree = RatchetTree.Create(founder.Suite, self.KeyPackage.LeafNode);
        var context = new GroupContext(
            ProtocolVersion.Mls10, founder.Suite.Id, founder.Random.PublicBytes(32), epoch, tree.TreeHash, TranscriptHash.Initial, []);
        using var keys = TreePrivateKeys.Create(founder.Suite, new LeafIndex(0), self.LeafKey);
        using var derived = DerivedEpoch.First(tree, context, founder.Policy.Ratchets, founder.Random);
        founder.Adopt(Group.Begin(tree, derived, keys, founder.SignatureKey, founder.Policy));
        var pending = founder.Group.Commit(new CommitOptions { Proposals = [new AddProposal(added.KeyPackage)] }, founder.Random);
        founder.Adopt(pending.Next);
        return pending.Welcome!;
    }
}
