using Holdfast.Cryptography;
using Xunit;

namespace Holdfast.Mls.Tests;

/// <summary>RFC 9420 §7.5, §12.4.2: paths that are bad for everybody are refused; one that is bad for some strands those.</summary>
public sealed class PathTests : IDisposable
{
    private readonly Room _room = Room.Of(8);

    private Client Rogue => _room[0];

    public void Dispose() => _room.Dispose();

    [Fact]
    public void OneWrongCiphertextStrandsItsVictimAndNobodyElse()
    {
        foreach (var member in _room.Members) _room.Commit(member, new CommitOptions());   // no blank parents
        // The lowest node of the path is encrypted to leaf 1 alone.
        var message = RogueCommit.WithSpoiltPath(Rogue, path => path with
        {
            Nodes = [path.Nodes[0] with { EncryptedPathSecret = [path.Nodes[1].EncryptedPathSecret[0]] }, .. path.Nodes.Skip(1)],
        });
        foreach (var member in _room.Others(Rogue))   // a member who shuts one other out
        {
            var handled = member.Group.Handle(message);
            if (member == _room[1])
            {
                var stranded = Assert.IsType<Handled.Stranded>(handled);
                Assert.Equal("member 0", Client.NameOf(stranded.SenderLeaf));
            }
            else
            {
                Assert.IsType<Handled.CommitApplied>(handled).Next.Dispose();
            }
        }
    }

    [Fact]
    public void AStrandedMemberIsAsItWasAndCanBeAddedAnew()
    {
        var victim = _room[1];
        var message = RogueCommit.WithSpoiltPath(_room[7], path => path with
        {
            Nodes = [.. path.Nodes.Select(node => node with
            {
                EncryptedPathSecret = [.. node.EncryptedPathSecret.Select(sealedSecret => sealedSecret with { Ciphertext = new byte[48] })],
            })],
        });
        var before = victim.State();
        Assert.IsType<Handled.Stranded>(victim.Group.Handle(message));
        Assert.Equal(before, victim.State());
        using var self = victim.NewKeyPackage();
        var proposals = new Proposal[] { new RemoveProposal(victim.Group.OwnLeaf), new AddProposal(self.KeyPackage) };
        var pending = _room[2].Group.Commit(new CommitOptions { Proposals = proposals }, _room.Random);
        using var dropped = new DroppedCommit(pending);
        victim.Join(pending.Welcome!, self);
        Assert.Equal(pending.Next.EpochAuthenticator.ToArray(), victim.Group.EpochAuthenticator.ToArray());
    }

    [Fact]
    public void AWrongConfirmationTagIsSeenByAllWhereNoSecretIsSealed()
    {
        using var self = _room.NewClient("new").NewKeyPackage();
        var message = RogueCommit.Of(Rogue, new AddProposal(self.KeyPackage));
        foreach (var member in _room.Others(Rogue)) member.Refuse(message, MlsError.InvalidConfirmationTag);
    }

    [Fact]
    public void AWrongConfirmationTagOnAGoodPathIsSeenByAll()
    {
        var message = RogueCommit.Of(Rogue, [], RogueCommit.Path(Rogue));
        foreach (var member in _room.Others(Rogue)) member.Refuse(message, MlsError.InvalidConfirmationTag);
    }

    [Fact]
    public void RejectsAPathOfAnotherLength()
    {
        var path = RogueCommit.Path(Rogue);
        Refused(path with { Nodes = [.. path.Nodes.Skip(1)] }, MlsError.InvalidPath);
        Refused(path with { Nodes = [.. path.Nodes, path.Nodes[0]] }, MlsError.InvalidPath);
    }

    [Fact]
    public void RejectsAPathWithACiphertextTooFewOrTooMany()
    {
        var path = RogueCommit.Path(Rogue);
        var (first, rest) = (path.Nodes[0], path.Nodes.Skip(1));
        Refused(path with { Nodes = [first with { EncryptedPathSecret = [] }, .. rest] }, MlsError.InvalidPath);
        var doubled = first with { EncryptedPathSecret = [.. first.EncryptedPathSecret, .. first.EncryptedPathSecret] };
        Refused(path with { Nodes = [doubled, .. rest] }, MlsError.InvalidPath);
    }

    [Fact]
    public void RejectsAPathWhoseLeafIsNotSignedForIt()
    {
        var path = RogueCommit.Path(Rogue);
        Refused(path with { LeafNode = path.LeafNode with { Signature = new byte[64] } }, MlsError.InvalidSignature);
        Refused(path with { LeafNode = RogueCommit.Path(Rogue).LeafNode }, MlsError.InvalidPath);   // another path's parent hash
    }

    [Fact]
    public void RejectsAPathWhoseLeafHasAnotherSource()
    {
        var state = Rogue.Group.State;
        var leaf = (RogueCommit.Path(Rogue).LeafNode with { Source = LeafNodeSource.Update, ParentHash = default })
            .Sign(CipherSuite.Mandatory, Rogue.SignatureKey, state.Context.GroupId.Span, state.OwnLeaf);
        Refused(RogueCommit.Path(Rogue) with { LeafNode = leaf }, MlsError.InvalidLeafNode);
    }

    [Fact]
    public void RejectsAPathThatKeepsTheLeafsKey()
    {
        var state = Rogue.Group.State;
        var path = RogueCommit.Path(Rogue);
        var leaf = (path.LeafNode with { EncryptionKey = state.OwnLeafNode.EncryptionKey })
            .Sign(CipherSuite.Mandatory, Rogue.SignatureKey, state.Context.GroupId.Span, state.OwnLeaf);
        Refused(path with { LeafNode = leaf }, MlsError.InvalidLeafNode);
    }

    [Fact]
    public void RejectsAPathWhoseLeafTheApplicationRefuses()
    {
        var impostor = new BasicCredential("somebody else"u8.ToArray());
        foreach (var member in _room.Others(Rogue)) member.Refused.Add("somebody else");
        Refused(RogueCommit.Path(Rogue, leaf => leaf with { Credential = impostor }), MlsError.RefusedCredential);
    }

    [Fact]
    public void RejectsAPathWhoseLeafNoLongerFitsTheGroup()
    {
        var bare = new Capabilities([1], [1], [], [], []);
        Refused(RogueCommit.Path(Rogue, leaf => leaf with { Capabilities = bare }), MlsError.InvalidLeafNode);
        _room.Commit(_room[1], new CommitOptions
        {
            Proposals = [new GroupContextExtensionsProposal([new Extension(Client.KnownExtension, "a"u8.ToArray())])],
        });
        var without = new Capabilities([1], [1], [], [], [CredentialType.Basic]);
        Refused(RogueCommit.Path(Rogue, leaf => leaf with { Capabilities = without }), MlsError.InvalidLeafNode);
    }

    [Fact]
    public void RejectsMessagesWhereverTheyAreDamaged()
    {
        var honest = Rogue.Group.Commit(new CommitOptions(), _room.Random);
        using var dropped = new DroppedCommit(honest);
        var before = _room[1].State();
        for (int i = 0; i < honest.Message.Length; i += 7)
        {
            byte[] damaged = [.. honest.Message];
            damaged[i] ^= 0x10;
            Assert.IsType<Handled.Rejected>(_room[1].Group.Handle(damaged));
            Assert.IsType<Handled.Rejected>(_room[1].Group.Handle(honest.Message.AsSpan(0, i)));
        }
        Assert.Equal(before, _room[1].State());
        Assert.IsType<Handled.CommitApplied>(_room[1].Group.Handle(honest.Message)).Next.Dispose();
    }

    private void Refused(UpdatePath path, MlsError error)
    {
        var message = RogueCommit.Of(Rogue, [], path);
        foreach (var member in _room.Others(Rogue)) member.Refuse(message, error);
        _room.Commit(Rogue, new CommitOptions());
    }
}
