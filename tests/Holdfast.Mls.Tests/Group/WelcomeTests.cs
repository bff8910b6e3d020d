using Xunit;

namespace Holdfast.Mls.Tests;

/// <summary>What a Welcome lets in, and what it does not.</summary>
public sealed class WelcomeTests
{
    [Fact]
    public void TheTreeMayTravelBesideTheWelcome()
    {
        using var room = Room.Of(3);
        room.Add(room[0], new CommitOptions { TreeInWelcome = false }, room.NewClient("new"));
        room.Say(room[3], "in");
    }

    [Fact]
    public void AWelcomeWithoutATreeIsRefusedUnlessTheTreeComesBeside()
    {
        using var room = Room.Of(2);
        var newcomer = room.NewClient("new");
        using var self = newcomer.NewKeyPackage();
        using var pending = new DroppedCommit(room[0].Group.Commit(
            new CommitOptions { Proposals = [new AddProposal(self.KeyPackage)], TreeInWelcome = false }, room.Random));
        Assert.Equal(MlsError.MissingTree, Rejected(newcomer.TryJoin(pending.Commit.Welcome!, self)));
        Assert.Equal(MlsError.InvalidTree, Rejected(newcomer.TryJoin(pending.Commit.Welcome!, self, room[0].Group.EncodeTree())));
        newcomer.Join(pending.Commit.Welcome!, self, pending.Commit.RatchetTree);
    }

    [Fact]
    public void JoinersLearnWhoLetThemInAndWhatTheyWereTold()
    {
        using var room = Room.Of(2);
        var newcomer = room.NewClient("new");
        using var self = newcomer.NewKeyPackage();
        var told = new Extension(0xF0F1, "position 7"u8.ToArray());
        using var pending = new DroppedCommit(room[1].Group.Commit(
            new CommitOptions { Proposals = [new AddProposal(self.KeyPackage)], GroupInfoExtensions = [told] }, room.Random));
        var joined = Assert.IsType<JoinOutcome.Joined>(newcomer.TryJoin(pending.Commit.Welcome!, self));
        newcomer.Adopt(joined.Group);
        Assert.Equal(room[1].Group.OwnLeaf, joined.Inviter);
        Assert.Equal("position 7"u8.ToArray(), Assert.Single(joined.GroupInfoExtensions).Data.ToArray());
    }

    [Fact]
    public void JoinersNeedTheKeysOfTheirWelcome()
    {
        using var room = Room.Of(2);
        var newcomer = room.NewClient("new");
        var psk = new PreSharedKeyProposal(room.ShareKey("door"));
        room.Add(room[0], new CommitOptions { Proposals = [psk] }, newcomer);
        room.Say(newcomer, "in");

        var other = room.NewClient("other");
        using var self = other.NewKeyPackage();
        using var pending = new DroppedCommit(room[0].Group.Commit(
            new CommitOptions { Proposals = [new AddProposal(self.KeyPackage), psk] }, room.Random));
        Assert.Equal(MlsError.UnknownPsk, Rejected(other.TryJoin(pending.Commit.Welcome!, self)));
    }

    [Fact]
    public void AWelcomeIsForTheKeyPackagesItNames()
    {
        using var room = Room.Of(2);
        var (newcomer, stranger) = (room.NewClient("new"), room.NewClient("stranger"));
        using var self = newcomer.NewKeyPackage();
        using var another = newcomer.NewKeyPackage();
        using var strangers = stranger.NewKeyPackage();
        using var pending = new DroppedCommit(room[0].Group.Commit(
            new CommitOptions { Proposals = [new AddProposal(self.KeyPackage)] }, room.Random));
        var welcome = pending.Commit.Welcome!;
        Assert.Equal(MlsError.NotForUs, Rejected(stranger.TryJoin(welcome, strangers)));
        Assert.Equal(MlsError.NotForUs, Rejected(newcomer.TryJoin(welcome, another)));
        Assert.Equal(MlsError.Malformed, Rejected(newcomer.TryJoin(pending.Commit.Message, self)));
        Assert.Throws<ArgumentException>(() => Group.Join(welcome, self, stranger.SignatureKey, null, stranger.Policy));
        newcomer.Join(welcome, self);
    }

    [Fact]
    public void ADamagedWelcomeIsRefusedWhereverItIsDamaged()
    {
        using var room = Room.Of(2);
        var newcomer = room.NewClient("new");
        using var self = newcomer.NewKeyPackage();
        using var pending = new DroppedCommit(room[0].Group.Commit(
            new CommitOptions { Proposals = [new AddProposal(self.KeyPackage)] }, room.Random));
        byte[] welcome = pending.Commit.Welcome!;
        for (int i = 0; i < welcome.Length; i += 5)
        {
            byte[] damaged = [.. welcome];
            damaged[i] ^= 0x10;
            Assert.IsType<JoinOutcome.Rejected>(newcomer.TryJoin(damaged, self));
            Assert.IsType<JoinOutcome.Rejected>(newcomer.TryJoin(welcome[..i], self));
        }
        newcomer.Join(welcome, self);
    }

    [Fact]
    public void AJoinerRefusesAGroupWithAMemberItsApplicationRefuses()
    {
        using var room = Room.Of(2);
        var newcomer = room.NewClient("new");
        newcomer.Refused.Add("member 1");
        using var self = newcomer.NewKeyPackage();
        using var pending = new DroppedCommit(room[0].Group.Commit(
            new CommitOptions { Proposals = [new AddProposal(self.KeyPackage)] }, room.Random));
        Assert.Equal(MlsError.RefusedCredential, Rejected(newcomer.TryJoin(pending.Commit.Welcome!, self)));
    }

    private static MlsError Rejected(JoinOutcome outcome) => Assert.IsType<JoinOutcome.Rejected>(outcome).Error;
}
