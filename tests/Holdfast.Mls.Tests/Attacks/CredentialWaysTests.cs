using Xunit;

namespace Holdfast.Mls.Tests;

/// <summary>RFC 9420 §5.3.1: the application judges each leaf on each way it comes into a group, and no way goes round it.</summary>
public sealed class CredentialWaysTests : IDisposable
{
    private static readonly BasicCredential Impostor = new("somebody else"u8.ToArray());

    private readonly Room _room = Room.Of(4);

    private Client Victim => _room[0];

    private Client Rogue => _room[1];

    public void Dispose() => _room.Dispose();

    [Fact]
    public void AnAdd()
    {
        RefuseImpostor();
        using var self = NewImpostor();
        Victim.Refuse(RogueCommit.Propose(Rogue, new AddProposal(self.KeyPackage)), MlsError.RefusedCredential);
        Victim.Refuse(RogueCommit.Of(Rogue, new AddProposal(self.KeyPackage)), MlsError.RefusedCredential);
        Assert.Throws<MlsException>(
            () => Victim.Group.Commit(new CommitOptions { Proposals = [new AddProposal(self.KeyPackage)] }, _room.Random));
    }

    [Fact]
    public void AnUpdate()
    {
        RefuseImpostor();
        Victim.Refuse(RogueCommit.Propose(Rogue, Update(Rogue)), MlsError.RefusedCredential);
    }

    /// <summary>A proposal that was acceptable when it came is judged again when it is committed.</summary>
    [Fact]
    public void AnUpdateThatIsCommittedLater()
    {
        byte[] message = RogueCommit.Propose(Rogue, Update(Rogue));
        foreach (var member in _room.Others(Rogue)) member.TakeProposal(message);
        byte[] commit = RogueCommit.Of(_room[2], [Victim.Group.PendingProposals[0].Reference], RogueCommit.Path(_room[2]));
        RefuseImpostor();
        Victim.Refuse(commit, MlsError.RefusedCredential);
    }

    [Fact]
    public void APath()
    {
        RefuseImpostor();
        Victim.Refuse(
            RogueCommit.Of(Rogue, [], RogueCommit.Path(Rogue, leaf => leaf with { Credential = Impostor })), MlsError.RefusedCredential);
    }

    [Fact]
    public void AGroupThatIsJoined()
    {
        var newcomer = _room.NewClient("new");
        using var self = newcomer.NewKeyPackage();
        using var pending = new DroppedCommit(
            Rogue.Group.Commit(new CommitOptions { Proposals = [new AddProposal(self.KeyPackage)] }, _room.Random));
        foreach (string name in _room.Members.Select(member => member.Name).Append("new"))
        {
            newcomer.Refused.Clear();
            newcomer.Refused.Add(name);
            var rejected = Assert.IsType<JoinOutcome.Rejected>(newcomer.TryJoin(pending.Commit.Welcome!, self));
            Assert.Equal(MlsError.RefusedCredential, rejected.Error);
        }
    }

    /// <summary>The judge of a replacement is told which leaf it replaces, so that it can ask for the same person.</summary>
    [Fact]
    public void TheJudgeOfAReplacementIsToldWhatIsReplaced()
    {
        var judged = new List<(string After, string? Before)>();
        var judge = Victim.Policy with
        {
            AcceptLeaf = (leaf, replaced) =>
            {
                judged.Add((Client.NameOf(leaf), replaced is null ? null : Client.NameOf(replaced)));
                return true;
            },
        };
        using var stored = Victim.Group.Serialize();
        Victim.Adopt(Group.Restore(stored.Reveal(), Victim.SignatureKey, judge));
        Victim.TakeProposal(RogueCommit.Propose(Rogue, Update(Rogue)));
        Assert.Equal([("somebody else", "member 1")], judged);
        judged.Clear();
        Victim.Refuse(
            RogueCommit.Of(_room[2], [], RogueCommit.Path(_room[2], leaf => leaf with { Credential = Impostor })),
            MlsError.InvalidConfirmationTag);
        Assert.Equal([("somebody else", "member 2")], judged);
    }

    [Fact]
    public void AProposalThatTheApplicationDoesNotAllowIsRefused()
    {
        using var stored = Victim.Group.Serialize();
        var strict = Victim.Policy with { AcceptProposal = static (proposal, _) => proposal is not RemoveProposal };
        Victim.Adopt(Group.Restore(stored.Reveal(), Victim.SignatureKey, strict));
        var remove = new RemoveProposal(_room[2].Group.OwnLeaf);
        Victim.Refuse(RogueCommit.Propose(Rogue, remove), MlsError.InvalidProposal);
        Victim.Refuse(RogueCommit.Of(Rogue, [new ProposalByValue(remove)], RogueCommit.Path(Rogue)), MlsError.InvalidProposal);
        Assert.Throws<MlsException>(() => Victim.Group.Propose(remove, _room.Random));
        Assert.Throws<MlsException>(() => Victim.Group.Propose(
            new GroupContextExtensionsProposal(
                [new Extension(Client.KnownExtension, default), new Extension(Client.KnownExtension, default)]),
            _room.Random));
        Victim.TakeProposal(RogueCommit.Propose(Rogue, new PreSharedKeyProposal(_room.ShareKey("door"))));
    }

    private void RefuseImpostor() => Victim.Refused.Add("somebody else");

    private KeyPackageBundle NewImpostor()
    {
        var client = _room.NewClient("somebody else");
        return client.NewKeyPackage();
    }

    /// <summary>An Update that is right in all but the name in it.</summary>
    private UpdateProposal Update(Client by)
    {
        var state = by.Group.State;
        using var key = state.Suite.Hpke.Kem.Generate(_room.Random);
        var leaf = state.OwnLeafNode with
        {
            Source = LeafNodeSource.Update,
            EncryptionKey = key.PublicKey,
            ParentHash = default,
            Lifetime = null,
            Credential = Impostor,
        };
        return new UpdateProposal(leaf.Sign(state.Suite, by.SignatureKey, state.Context.GroupId.Span, state.OwnLeaf));
    }
}
