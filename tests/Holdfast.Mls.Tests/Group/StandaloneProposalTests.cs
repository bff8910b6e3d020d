using Holdfast.Codec;
using Holdfast.Cryptography;
using Xunit;

namespace Holdfast.Mls.Tests;

/// <summary>
/// RFC 9420 §12.1, §6: each kind of proposal sent by itself, in the clear and encrypted, and committed by another member.
/// </summary>
public sealed class StandaloneProposalTests
{
    [Theory, InlineData(WireFormat.PublicMessage), InlineData(WireFormat.PrivateMessage)]
    public void EveryKindIsProposedByOneAndCommittedByAnother(WireFormat format)
    {
        using var room = Room.Of(4, prepare: client => client.Policy = client.Policy with { HandshakeFormat = format });
        var newcomer = room.NewClient("new");
        newcomer.Policy = room[0].Policy;
        using var self = newcomer.NewKeyPackage();
        Propose(new AddProposal(self.KeyPackage));
        Propose(new RemoveProposal(room[3].Group.OwnLeaf));
        Propose(new PreSharedKeyProposal(room.ShareKey("external")));
        Propose(
            new PreSharedKeyProposal(PreSharedKeyId.Resumption(room[1].Suite, room[1].Group.GroupId, room[1].Group.Epoch, room.Random)));
        Propose(new GroupContextExtensionsProposal([new Extension(Client.KnownExtension, "e"u8.ToArray())]));
        room.ProposeUpdate(room[2]);
        Assert.Equal(6, room[0].Group.PendingProposals.Count);
        var lacking = Assert.IsType<Handled.CommitApplied>(room[1].Group.Handle(Dropped(room)));
        lacking.Next.Dispose();
        Assert.Equal(2, lacking.Change.Psks.Count);
        Assert.Single(lacking.Change.Added);
        Assert.Single(lacking.Change.Removed);
        Assert.Equal([room[2].Group.OwnLeaf, room[0].Group.OwnLeaf], lacking.Change.Updated.Select(member => member.Index));
        Assert.True(lacking.Change.ExtensionsChanged);
        room.Commit(room[2], new CommitOptions { IncludePending = false });
        Propose(new ReInitProposal("next"u8.ToArray(), ProtocolVersion.Mls10, 1, []));
        Assert.NotNull(room.Commit(room[0], new CommitOptions()).Change.ReInit);

        void Propose(Proposal proposal)
        {
            var message = room[1].Propose(proposal);
            Assert.Equal(format, Tls.Decode<MlsMessage>(message).WireFormat);
            foreach (var other in room.Others(room[1])) other.TakeProposal(message);
        }
    }

    [Fact]
    public void AResumptionKeyOfAnotherGroupProvesThatAllWereThere()
    {
        using var elsewhere = Room.Of(1);
        using var room = Room.Of(3);
        using var shared = Secret.CopyOf(elsewhere[0].Group.ResumptionPsk.Reveal());
        foreach (var member in room.Members)
        {
            member.Policy = member.Policy with
            {
                Psks = id => id is ResumptionPskId of && of.GroupId.Span.SequenceEqual(elsewhere[0].Group.GroupId.Span) ? shared : null,
            };
            member.Restart();
        }
        var psk = PreSharedKeyId.Resumption(room[0].Suite, elsewhere[0].Group.GroupId, elsewhere[0].Group.Epoch, room.Random);
        var committed = room.Commit(room[1], new CommitOptions { Proposals = [new PreSharedKeyProposal(psk)] });
        Assert.Equal(psk, Assert.Single(committed.Change.Psks));
    }

    private static byte[] Dropped(Room room)
    {
        using var dropped = new DroppedCommit(room[0].Group.Commit(new CommitOptions(), room.Random));
        return dropped.Commit.Message;
    }
}
