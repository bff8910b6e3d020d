using Holdfast.Cryptography;
using Xunit;

namespace Holdfast.Mls.Tests;

/// <summary>RFC 9420 §7.3, §12.4.2, §16.7: one key at two places, for each pair of places a key can stand at.</summary>
public sealed class KeyUniquenessTests : IDisposable
{
    private readonly Room _room = Room.Of(4);
    private readonly Client _newcomer;
    private readonly KeyPackageBundle _self;

    public KeyUniquenessTests()
    {
        foreach (var member in _room.Members.ToList()) _room.Commit(member, new CommitOptions());   // no parent is blank
        _newcomer = _room.NewClient("new");
        _self = _newcomer.NewKeyPackage();
    }

    private Client Rogue => _room[1];

    private RatchetTree Tree => _room[0].Group.State.Tree;

    private LeafNode Another => Tree.Leaf(new LeafIndex(2))!;

    private ReadOnlyMemory<byte> ParentKey => Tree.EncryptionKey(new NodeIndex(3));

    public void Dispose()
    {
        _self.Dispose();
        _room.Dispose();
    }

    [Fact]
    public void InATreeThatIsJoined()
    {
        var (leaf, place) = (Tree.Leaf(new LeafIndex(1))!, new LeafIndex(1));
        ReadOnlyMemory<byte>[] taken = [Another.EncryptionKey, Another.SignatureKey, ParentKey, leaf.SignatureKey];
        foreach (var key in taken) RefusedTree(Tree.With(place, leaf with { EncryptionKey = key }));
        taken = [Another.EncryptionKey, Another.SignatureKey, ParentKey, leaf.EncryptionKey];
        foreach (var key in taken) RefusedTree(Tree.With(place, leaf with { SignatureKey = key }));
        var parent = Tree.Parent(new NodeIndex(1))!;
        taken = [Another.EncryptionKey, Another.SignatureKey, ParentKey];
        foreach (var key in taken) RefusedTree(Tree.With(new NodeIndex(1), parent with { EncryptionKey = key }));
        Tree.Validate(_room[0].Group.Context);
    }

    [Fact]
    public void InAPath()
    {
        ReadOnlyMemory<byte>[] taken =
        [
            Another.EncryptionKey, Another.SignatureKey, ParentKey,
            Rogue.SignatureKey.PublicKey, Rogue.Group.State.OwnLeafNode.EncryptionKey,
        ];
        foreach (var key in taken)
        {
            RefusedPath(path => path with { Nodes = [path.Nodes[0] with { EncryptionKey = key }, .. path.Nodes.Skip(1)] });
            RefusedPath(path => path with { LeafNode = Resigned(path.LeafNode with { EncryptionKey = key }) });
        }
        RefusedPath(
            path => path with { Nodes = [path.Nodes[0] with { EncryptionKey = path.LeafNode.EncryptionKey }, .. path.Nodes.Skip(1)] });
        RefusedPath(path => path with { Nodes = [path.Nodes[0], path.Nodes[1] with { EncryptionKey = path.Nodes[0].EncryptionKey }] });
    }

    [Fact]
    public void InAnAdd()
    {
        var own = _self.KeyPackage;
        ReadOnlyMemory<byte>[] taken =
            [Another.EncryptionKey, Another.SignatureKey, ParentKey, _newcomer.SignatureKey.PublicKey, own.InitKey];
        foreach (var key in taken) RefusedAdd(own.With(_newcomer.SignatureKey, leaf => leaf with { EncryptionKey = key }));
        taken = [Another.EncryptionKey, ParentKey, _newcomer.SignatureKey.PublicKey, own.LeafNode.EncryptionKey];
        foreach (var key in taken) RefusedAdd((own with { InitKey = key }).Signed(_newcomer.SignatureKey));
    }

    /// <summary>A signature key is somebody else's where the private half is shared: both leaves can sign.</summary>
    [Fact]
    public void AMembersSignatureKeyInAnAdd()
    {
        using var stolen = KeyPackageBundle.Create(
            CipherSuite.Mandatory,
            _room[2].SignatureKey,
            new BasicCredential("thief"u8.ToArray()),
            _newcomer.Capabilities,
            _newcomer.Lifetime,
            [],
            [],
            _room.Random);
        RefusedAdd(stolen.KeyPackage);
    }

    /// <summary>Two members in league: one takes the other's signature key by a path.</summary>
    [Fact]
    public void AMembersSignatureKeyInAPath()
    {
        Rogue.Sign(_room[2].SignatureKey);
        var path = RogueCommit.Path(Rogue);
        Rogue.Sign(null);
        Refused(RogueCommit.Of(Rogue, [], path));
        Assert.Throws<MlsException>(() => Rogue.Group.Commit(
            new CommitOptions { LeafChanges = new LeafChanges { SignatureKey = _room[2].SignatureKey } }, _room.Random));
    }

    /// <summary>Each pair of a key package's own keys, before anything else is known of it.</summary>
    [Fact]
    public void InAKeyPackageByItself()
    {
        var own = _self.KeyPackage;
        foreach (var key in (ReadOnlyMemory<byte>[])[own.LeafNode.EncryptionKey, own.LeafNode.SignatureKey])
        {
            var forged = (own with { InitKey = key }).Signed(_newcomer.SignatureKey);
            TreeEdit.Refuses(
                MlsError.InvalidKeyPackage, "are the same", () => KeyPackageRules.Check(forged, ProtocolVersion.Mls10, _self.Suite));
        }
    }

    [Fact]
    public void InTwoAddsOfOneCommit()
    {
        var other = _room.NewClient("other");
        using var second = other.NewKeyPackage();
        var first = _self.KeyPackage;
        KeyPackage[] seconds =
        [
            (second.KeyPackage with { InitKey = first.InitKey }).Signed(other.SignatureKey),
            (second.KeyPackage with { InitKey = first.LeafNode.EncryptionKey }).Signed(other.SignatureKey),
            second.KeyPackage.With(other.SignatureKey, leaf => leaf with { EncryptionKey = first.LeafNode.EncryptionKey }),
            second.KeyPackage.With(other.SignatureKey, leaf => leaf with { EncryptionKey = first.InitKey }),
            second.KeyPackage.With(other.SignatureKey, leaf => leaf with { EncryptionKey = first.LeafNode.SignatureKey }),
        ];
        foreach (var forged in seconds)
        {
            Refused(RogueCommit.Of(Rogue, new AddProposal(first), new AddProposal(forged)));
            Assert.Throws<MlsException>(() => Rogue.Group.Commit(
                new CommitOptions { Proposals = [new AddProposal(first), new AddProposal(forged)] }, _room.Random));
        }
        _room.Add(Rogue, other, _newcomer);
    }

    private LeafNode Resigned(LeafNode leaf) =>
        leaf.Sign(CipherSuite.Mandatory, Rogue.SignatureKey, Rogue.Group.GroupId.Span, Rogue.Group.OwnLeaf);

    /// <summary>Refused for its keys, by those checks and by what a joiner does.</summary>
    private void RefusedTree(RatchetTree forged)
    {
        var refused = Assert.Throws<MlsException>(() =>
        {
            forged.CheckUniqueKeys();
            forged.CheckKinds(forged.Leaves.Select(entry => entry.Leaf));
        });
        Assert.True(refused.Error is MlsError.InvalidTree or MlsError.InvalidLeafNode);
        var whole = Assert.Throws<MlsException>(() => forged.Validate(_room[0].Group.Context with { TreeHash = forged.TreeHash }));
        Assert.Equal((refused.Error, refused.Rule), (whole.Error, whole.Rule));
    }

    private void RefusedPath(Func<UpdatePath, UpdatePath> forge) => Refused(RogueCommit.Of(Rogue, [], forge(RogueCommit.Path(Rogue))));

    private void RefusedAdd(KeyPackage forged)
    {
        Refused(RogueCommit.Of(Rogue, new AddProposal(forged)));
        var own = new CommitOptions { Proposals = [new AddProposal(forged)], ForcePath = false };   // a path would take parents' keys away
        Assert.Throws<MlsException>(() => Rogue.Group.Commit(own, _room.Random));
    }

    /// <summary>Refused for its keys: not because a signature or a tag is wrong.</summary>
    private void Refused(byte[] message)
    {
        var before = _room[0].State();
        var rejected = Assert.IsType<Handled.Rejected>(_room[0].Group.Handle(message));
        Assert.Matches("key|is a member already or is added twice", rejected.Rule);
        Assert.True(
            rejected.Error is MlsError.InvalidPath or MlsError.InvalidTree or MlsError.InvalidLeafNode or MlsError.InvalidKeyPackage
                or MlsError.InvalidProposalList or MlsError.InvalidKey,
            $"{rejected}");
        Assert.Equal(before, _room[0].State());
    }
}
