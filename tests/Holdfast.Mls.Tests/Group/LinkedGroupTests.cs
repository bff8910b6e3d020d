using Holdfast.Cryptography;
using Xunit;

namespace Holdfast.Mls.Tests;

/// <summary>RFC 9420 §11.2, §11.3, §12.4.3.1: what is asked of a group that is tied to another, in whichever way.</summary>
public sealed class LinkedGroupTests : LinkedGroups
{
    [Fact]
    public void AWelcomeOfALinkedGroupNeedsTheOldOne()
    {
        Close(ReInit());
        var (maker, others) = Successors(NextSuite, Room[0], Room[1], Room[2]);
        var linked = Own(Room[0].Group.Reinitialize(maker.Options(others), Room.Random));
        using var unrelated = Room.Of(1, seed: 2);
        Assert.NotEqual(Room[1].Group.GroupId.ToArray(), unrelated[0].Group.GroupId.ToArray());
        Assert.Equal(MlsError.UnknownPsk, Assert.IsType<JoinOutcome.Rejected>(others[0].Join(linked, null)).Error);
        Assert.Equal(MlsError.UnknownPsk, Assert.IsType<JoinOutcome.Rejected>(others[0].Join(linked, _ => null)).Error);
        var rejected = Assert.IsType<JoinOutcome.Rejected>(others[0].Join(linked, _ => unrelated[0].Group));
        Assert.Equal(MlsError.UnknownPsk, rejected.Error);
        Assert.Contains("is not ours", rejected.Rule, StringComparison.Ordinal);
    }

    [Fact]
    public void ALinkedGroupIsJoinedInItsFirstEpoch()
    {
        var (maker, others) = Successors(CipherSuite.Mandatory, Room[0], Room[1]);
        var linked = Room[0].Group.Branch("sub"u8.ToArray(), [], maker.Options([]), Room.Random);
        maker.Client.Adopt(linked.Group);
        var psk = new ResumptionPskId(ResumptionPskUsage.Branch, Room[0].Group.GroupId, Room[0].Group.Epoch, Room.Random.PublicBytes(32));
        var options = new CommitOptions { Proposals = [new AddProposal(others[0].Self.KeyPackage), new PreSharedKeyProposal(psk)] };
        using var second = new DroppedCommit(
            new CommitCreation(maker.Client.Group, options, Room.Random, new LinkPsk(psk, Room[0].Group.ResumptionPsk)).Create());
        var outcome = others[0].Join(new LinkedGroup(second.Commit.Next, second.Commit.Welcome), _ => Room[1].Group);
        Assert.Contains("joined in epoch 1", Assert.IsType<JoinOutcome.Rejected>(outcome).Rule, StringComparison.Ordinal);
    }

    [Fact]
    public void ALinkedGroupMixesInOtherKeysToo()
    {
        var (maker, others) = Successors(CipherSuite.Mandatory, Room[0], Room[1]);
        using var door = Secret.Random(32, Room.Random);
        foreach (var place in (Place[])[maker, .. others]) place.Client.Psks["door"] = Secret.CopyOf(door.Reveal());
        using var founded = Group.Create(
            maker.Self.Suite, "sub"u8.ToArray(), maker.Self, maker.Client.SignatureKey, [], maker.Client.Policy, Room.Random);
        var old = Room[0].Group;
        var link = new ResumptionPskId(ResumptionPskUsage.Branch, old.GroupId, old.Epoch, Room.Random.PublicBytes(32));
        var options = new CommitOptions
        {
            Proposals =
            [
                new AddProposal(others[0].Self.KeyPackage), new PreSharedKeyProposal(link),
                new PreSharedKeyProposal(new ExternalPskId("door"u8.ToArray(), Room.Random.PublicBytes(32))),
            ],
        };
        var first = new CommitCreation(founded, options, Room.Random, new LinkPsk(link, old.ResumptionPsk)).Create();
        first.Current.Dispose();
        maker.Client.Adopt(first.Next);
        others[0].Client.Adopt(
            Assert.IsType<JoinOutcome.Joined>(others[0].Join(new LinkedGroup(first.Next, first.Welcome), _ => Room[1].Group)).Group);
        Assert.Equal("through the door", others[0].Client.HearText(maker.Client.Say("through the door")));
    }

    [Fact]
    public void AWelcomeNamesOneOldGroup()
    {
        var id = new ResumptionPskId(ResumptionPskUsage.Branch, Room[0].Group.GroupId, 1, new byte[32]);
        var two = new PreSharedKeyId[] { id, id with { Usage = ResumptionPskUsage.Reinit } };
        Assert.Equal(MlsError.InvalidLink, Assert.Throws<MlsException>(() => Predecessor.Of(two, _ => Room[0].Group)).Error);
    }
}
