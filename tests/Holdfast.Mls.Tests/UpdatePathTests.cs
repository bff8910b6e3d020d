using Holdfast.Codec;
using Xunit;

namespace Holdfast.Mls.Tests;

/// <summary>Every check on a received path (RFC 9420 §7.5, §7.6, §12.4.2), broken.</summary>
public sealed class UpdatePathTests
{
    private static readonly HashSet<LeafIndex> NoneAdded = [];

    private readonly TreeGroup _group = TreeGroup.Full(6);
    private readonly UpdatePath _path;
    private readonly RatchetTree _after;

    public UpdatePathTests()
    {
        var (created, path) = _group.Prepare(default);
        (_path, _after) = (path, created.Tree);
    }

    [Fact]
    public void AGoodPathIsMerged() =>
        Assert.Equal(_after.TreeHash.ToArray(), _group.Tree.Merge(default, _path, NoneAdded).TreeHash.ToArray());

    [Fact]
    public void APathOfAnotherLengthIsRefused()
    {
        Refuses(MlsError.InvalidPath, "one node for each", _path with { Nodes = [.. _path.Nodes.SkipLast(1)] });
        Refuses(MlsError.InvalidPath, "one node for each", _path with { Nodes = [.. _path.Nodes, _path.Nodes[0]] });
        Refuses(MlsError.InvalidPath, "one node for each", _path with { Nodes = [] });
    }

    [Fact]
    public void AnotherNumberOfCiphertextsIsRefused()
    {
        var node = _path.Nodes[1];
        Refuses(MlsError.InvalidPath, "encrypted once", With(1, node with { EncryptedPathSecret = [] }));
        Refuses(
            MlsError.InvalidPath,
            "encrypted once",
            With(1, node with { EncryptedPathSecret = [.. node.EncryptedPathSecret, node.EncryptedPathSecret[0]] }));
    }

    [Fact]
    public void AnotherParentHashIsRefused()
    {
        foreach (byte[] hash in (byte[][])[TreeEdit.Flipped(_path.LeafNode.ParentHash), []])
            Refuses(MlsError.InvalidPath, "§7.9.2", _path with { LeafNode = _path.LeafNode with { ParentHash = hash } });
    }

    [Fact]
    public void AKeyThatIsInTheTreeIsRefused()
    {
        foreach (var node in _group.Tree.Root.All().Where(node => !node.IsBlank))
        {
            Refuses(MlsError.InvalidPath, "already in the tree", With(1, _path.Nodes[1] with { EncryptionKey = node.EncryptionKey }));
            var leaf = _path.LeafNode with { EncryptionKey = node.EncryptionKey };
            Refuses(MlsError.InvalidPath, "already in the tree", _path with { LeafNode = leaf });
        }
    }

    [Fact]
    public void TheSameKeyTwiceIsRefused()
    {
        Refuses(MlsError.InvalidPath, "twice", With(1, _path.Nodes[1] with { EncryptionKey = _path.Nodes[0].EncryptionKey }));
        Refuses(MlsError.InvalidPath, "twice", With(1, _path.Nodes[1] with { EncryptionKey = _path.LeafNode.EncryptionKey }));
    }

    [Theory, MemberData(nameof(TreeValidationTests.LowOrderKeys), MemberType = typeof(TreeValidationTests))]
    public void AKeyOfLowOrderIsRefused(string hex)
    {
        byte[] key = Convert.FromHexString(hex);
        Refuses(MlsError.InvalidKey, "no public key", With(0, _path.Nodes[0] with { EncryptionKey = key }));
        var leaf = (_path.LeafNode with { EncryptionKey = key })
            .Sign(TreeGroup.Suite, _group.SignerOf(default), TreeGroup.GroupId, default);
        TreeEdit.Refuses(
            MlsError.InvalidKey, "no public key", () => LeafNodeRules.Check(TreeGroup.Suite, leaf, TreeGroup.GroupId, default));
    }

    [Fact]
    public void ADamagedPathSecretStrandsOnlyThoseItIsMeantFor()
    {
        var sealedSecret = _path.Nodes[^1].EncryptedPathSecret[0] with
        {
            Ciphertext = TreeEdit.Flipped(_path.Nodes[^1].EncryptedPathSecret[0].Ciphertext),
        };
        var path = With(_path.Nodes.Count - 1, _path.Nodes[^1] with { EncryptedPathSecret = [sealedSecret] });
        var after = _group.Tree.Merge(default, path, NoneAdded);
        Open(new LeafIndex(1), path, after).Dispose();
        TreeEdit.Refuses(MlsError.InvalidPathSecret, "does not decrypt", () => Open(new LeafIndex(4), path, after));
    }

    [Fact]
    public void APathSecretOfAnotherKeyIsRefused()
    {
        var (other, otherPath) = _group.Prepare(default);
        var mixed = _path with
        {
            Nodes = [.. _path.Nodes.Zip(otherPath.Nodes, (mine, theirs) => mine with { EncryptedPathSecret = theirs.EncryptedPathSecret })],
        };
        var after = _group.Tree.Merge(default, mixed, NoneAdded);
        byte[] context = Tls.Encode(TreeGroup.ContextOf(other.Tree));   // the secrets are genuine, but for other keys
        TreeEdit.Refuses(
            MlsError.InvalidPathSecret,
            "does not give the public key",
            () => ReceivedPath.Open(_group.Tree, after, default, mixed, _group.KeysOf(new LeafIndex(3)), context, NoneAdded));
    }

    [Theory, InlineData(0), InlineData(31), InlineData(33)]
    public void APathSecretOfAnotherSizeIsRefused(int size)
    {
        byte[] context = Tls.Encode(TreeGroup.ContextOf(_after));
        var recipient = _group.Tree.Leaf(new LeafIndex(1))!.EncryptionKey;
        var sealedSecret = TreeGroup.Suite.EncryptWithLabel(
            recipient.Span, Labels.UpdatePathNode, context, new byte[size], Cryptography.RandomSource.System)!;
        var path = With(0, _path.Nodes[0] with { EncryptedPathSecret = [new(sealedSecret.Encapsulation, sealedSecret.Ciphertext)] });
        TreeEdit.Refuses(MlsError.InvalidPathSecret, "§7.4", () => Open(new LeafIndex(1), path, _after));
    }

    [Fact]
    public void AMemberAddedInTheSameCommitGetsNoPathSecretThere()
    {
        var (bundle, _) = TreeGroup.NewMember("added");
        var (tree, added) = _group.Tree.Add(bundle.KeyPackage.LeafNode);
        using var created = NewPath.Create(
            tree,
            _group.KeysOf(default),
            tree.Leaf(default)!,
            _group.SignerOf(default),
            TreeGroup.GroupId,
            Cryptography.RandomSource.System);
        byte[] context = Tls.Encode(TreeGroup.ContextOf(created.Tree));
        var without = created.Encrypt(context, new HashSet<LeafIndex> { added }, Cryptography.RandomSource.System);
        var with = created.Encrypt(context, NoneAdded, Cryptography.RandomSource.System);
        Assert.Equal(Count(with) - 1, Count(without));
        tree.Merge(default, without, new HashSet<LeafIndex> { added });
        TreeEdit.Refuses(MlsError.InvalidPath, "encrypted once", () => tree.Merge(default, with, new HashSet<LeafIndex> { added }));
        TreeEdit.Refuses(MlsError.InvalidPath, "encrypted once", () => tree.Merge(default, without, NoneAdded));

        static int Count(UpdatePath path) => path.Nodes.Sum(node => node.EncryptedPathSecret.Count);
    }

    private ReceivedPath Open(LeafIndex member, UpdatePath path, RatchetTree after) => ReceivedPath.Open(
        _group.Tree, after, default, path, _group.KeysOf(member), Tls.Encode(TreeGroup.ContextOf(_after)), NoneAdded);

    private UpdatePath With(int step, UpdatePathNode node) =>
        _path with { Nodes = [.. _path.Nodes.Select((old, place) => place == step ? node : old)] };

    private void Refuses(MlsError error, string rule, UpdatePath path) =>
        TreeEdit.Refuses(error, rule, () => _group.Tree.Merge(default, path, NoneAdded));
}
