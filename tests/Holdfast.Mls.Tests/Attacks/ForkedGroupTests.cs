using Xunit;

namespace Holdfast.Mls.Tests;

/// <summary>
/// ATTACKS B-33: a delivery service shows one half of a group one commit and the other half another. From then on the halves have
/// nothing in common but the number of the epoch, and the epoch authenticator tells them apart.
/// </summary>
public sealed class ForkedGroupTests
{
    /// <summary>With a path, and without: then nothing fresh goes in, and only what was committed sets the two apart.</summary>
    [Theory, InlineData(true), InlineData(false)]
    public void TheBranchesReadNothingOfEachOther(bool path)
    {
        using var room = Room.Of(4);
        Client[][] branches = [[room[0], room[1]], [room[2], room[3]]];
        byte[][] commits = [.. branches.Select((branch, number) => Branch(room, branch, path, number))];
        Assert.Equal(room[0].Group.Epoch, room[2].Group.Epoch);
        Assert.NotEqual(room[0].Group.EpochAuthenticator.ToArray(), room[2].Group.EpochAuthenticator.ToArray());
        foreach (int number in (int[])[0, 1])
        {
            var (own, other) = (branches[number], branches[1 - number]);
            Assert.Equal(own[0].Group.EpochAuthenticator.ToArray(), own[1].Group.EpochAuthenticator.ToArray());
            byte[] said = own[0].Say("on our side");
            Assert.Equal("on our side", own[1].HearText(said));
            byte[][] theirs = [said, own[0].ProposeUpdate(), RogueCommit.Of(own[0], [], RogueCommit.Path(own[0]))];
            foreach (var member in other)
            {
                foreach (byte[] message in theirs) member.Refuse(message, MlsError.Undecryptable);
                var (by, removal) = (own[0].Group.OwnLeaf, new RemoveProposal(member.Group.OwnLeaf));
                byte[] open = Forgery.Public(own[0], new ProposalContent(removal), Sender.Member(by));
                member.Refuse(open, MlsError.InvalidMembershipTag);
                member.Refuse(commits[number], MlsError.WrongEpoch);
            }
            using var exported = own[0].Group.Export("access", "a"u8, 32);
            using var elsewhere = other[0].Group.Export("access", "a"u8, 32);
            Assert.NotEqual(exported.Reveal().ToArray(), elsewhere.Reveal().ToArray());
        }
    }

    private static byte[] Branch(Room room, Client[] members, bool path, int number)
    {
        using var self = room.NewClient($"new {number}").NewKeyPackage();
        var commit = members[0].Group.Commit(
            new CommitOptions { ForcePath = path, Proposals = [new AddProposal(self.KeyPackage)] }, room.Random);
        members[1].TakeCommit(commit.Message);
        commit.Current.Dispose();
        members[0].Adopt(commit.Next);
        return commit.Message;
    }
}
