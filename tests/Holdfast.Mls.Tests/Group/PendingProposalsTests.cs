using Xunit;

namespace Holdfast.Mls.Tests;

/// <summary>What is pending and what comes of it, where members propose what is meant to be in the way.</summary>
public sealed class PendingProposalsTests
{
    private const ushort Another = 0xF0F1;

    /// <summary>
    /// Each is valid alone: an extension that all support, and a client that does not support it. Whoever proposes them is to go.
    /// </summary>
    [Theory, InlineData(1), InlineData(40)]
    public void NobodyStaysInByProposingWhatDoesNotGoTogether(int clients)
    {
        using var room = Room.Of(5, prepare: static client => client.Capabilities = client.Capabilities with { Extensions = [Client.KnownExtension, Another] });
        var mallory = room[3];
        room.Propose(mallory, new GroupContextExtensionsProposal([new Extension(Another, default)]));
        for (int i = 0; i < clients; i++)
        {
            using var bundle = Plain(room, $"stranger {i}").NewKeyPackage();
            room.Propose(mallory, new AddProposal(bundle.KeyPackage));
        }
        room.Propose(room[1], new RemoveProposal(mallory.Group.OwnLeaf));
        room.Propose(room[2], new RemoveProposal(room[4].Group.OwnLeaf));
        var pending = room[0].Group.Commit(new CommitOptions(), room.Random);
        Assert.Equal([3u, 4u], pending.Change.Removed.Select(static member => member.Index.Value).Order());
        Assert.True(pending.Change.ExtensionsChanged ^ (pending.Change.Added.Count > 0));
        room[1].TakeCommit(pending.Message);
    }

    [Fact]
    public void OfManyAllGoInThatGoTogether()
    {
        using var room = Room.Of(3, prepare: static client => client.Capabilities = client.Capabilities with { Extensions = [Client.KnownExtension, Another] });
        room.Propose(room[1], new GroupContextExtensionsProposal([new Extension(Another, default)]));
        for (int i = 0; i < 12; i++)
        {
            var client = i == 7 ? Plain(room, "plain") : room.NewClient($"fits {i}");
            if (i != 7) client.Capabilities = client.Capabilities with { Extensions = [Client.KnownExtension, Another] };
            using var bundle = client.NewKeyPackage();
            room.Propose(room[1], new AddProposal(bundle.KeyPackage));
        }
        var pending = room[0].Group.Commit(new CommitOptions(), room.Random);
        Assert.True(pending.Change.ExtensionsChanged);
        Assert.Equal(11, pending.Change.Added.Count);
        room[2].TakeCommit(pending.Message);
    }

    [Fact]
    public void AProposalIsFoundByItsReference()
    {
        var full = new EpochProposals([.. Enumerable.Range(0, MlsLimits.MaxPendingProposals).Select(Pending)]);
        Assert.Throws<MlsException>(() => full.With(Pending(-1)));
        Assert.Same(full.Entries[5], full.Find(Pending(5).Reference));
        Assert.Null(full.Find(Pending(-1).Reference));
    }

    private static Client Plain(Room room, string name)
    {
        var client = room.NewClient(name);
        client.Capabilities = client.Capabilities with { Extensions = [Client.KnownExtension] };
        return client;
    }

    private static PendingProposal Pending(int number) =>
        new(new ProposalReference(BitConverter.GetBytes(number)), Sender.Member(new LeafIndex(1)), new RemoveProposal(new LeafIndex(0)));
}
