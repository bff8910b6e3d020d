using CsCheck;
using Holdfast.Codec;
using Xunit;

namespace Holdfast.Mls.Tests;

/// <summary>Every check that a joiner makes on a tree (RFC 9420 §12.4.3.1), broken.</summary>
public sealed class TreeValidationTests
{
    private const string ParentHashRule = "§7.9.2";

    private static readonly Gen<List<(int, int)>> Histories = Gen.Select(Gen.Int[0, 5], Gen.Int[0, 1000]).List[0, 8];

    /// <summary>X25519 points of low order (RFC 7748 §6.1): 0, 1, one of order 8, p − 1, p and p + 1.</summary>
    public static TheoryData<string> LowOrderKeys =>
    [
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    ];

    [Fact]
    public void EveryBrokenParentHashIsRefused() => Gen.Select(Gen.Int[2, 16], Histories).Sample(
        (members, history) =>
        {
            var group = TreeGroup.Random(members, history);
            group.Commit(group.Members[0]);   // so that there is at least one parent
            foreach (var place in group.Tree.Parents())
            {
                var parent = group.Tree.Parent(place)!;
                group.Tree.With(place, parent with { ParentHash = TreeEdit.Flipped(parent.ParentHash) })
                    .RefusesToValidate(MlsError.InvalidTree, ParentHashRule);
                if (parent.ParentHash.IsEmpty) continue;
                group.Tree.With(place, parent with { ParentHash = default }).RefusesToValidate(MlsError.InvalidTree, ParentHashRule);
            }
        },
        iter: 25,
        threads: 1);

    [Fact]
    public void ALeafWithAnotherParentHashIsRefused() => Gen.Select(Gen.Int[2, 16], Gen.Int[0, 15]).Sample(
        (members, who) =>
        {
            var group = TreeGroup.Full(members);
            var committer = group.Members[who % members];
            group.Commit(committer);
            var leaf = group.Tree.Leaf(committer)!;
            foreach (byte[] hash in (byte[][])[TreeEdit.Flipped(leaf.ParentHash), []])
            {
                var forged = (leaf with { ParentHash = hash })
                    .Sign(TreeGroup.Suite, group.SignerOf(committer), TreeGroup.GroupId, committer);
                group.Tree.With(committer, forged).RefusesToValidate(MlsError.InvalidTree, ParentHashRule);
            }
        },
        iter: 20,
        threads: 1);

    [Fact]
    public void AParentThatNobodySetIsRefused() => Gen.Select(Gen.Int[3, 16], Gen.Int[0, 1000]).Sample(
        (members, who) =>
        {
            var group = TreeGroup.Full(members);
            var place = group.Tree.Parents()[who % group.Tree.Parents().Count];
            using var key = TreeGroup.Suite.Hpke.Kem.Generate(Cryptography.RandomSource.System);
            group.Tree.With(place, group.Tree.Parent(place)! with { EncryptionKey = key.PublicKey })
                .RefusesToValidate(MlsError.InvalidTree, ParentHashRule);
        },
        iter: 20,
        threads: 1);

    [Fact]
    public void ALeafExchangedBesideAPathIsRefused()
    {
        var group = TreeGroup.Full(8);
        group.Commit(default);
        var victim = new LeafIndex(5);
        var (bundle, _) = TreeGroup.NewMember("intruder");
        group.Tree.With(victim, bundle.KeyPackage.LeafNode).RefusesToValidate(MlsError.InvalidTree, ParentHashRule);
    }

    [Fact]
    public void AnotherTreeHashIsRefused()
    {
        var group = TreeGroup.Full(4);
        var context = group.Context with { TreeHash = TreeEdit.Flipped(group.Tree.TreeHash) };
        TreeEdit.Refuses(MlsError.InvalidTree, "tree_hash", () => group.Tree.Validate(context));
    }

    /// <summary>RFC 9420 §7.8: a leaf and a parent that are right but for the type before them.</summary>
    [Theory, InlineData(0), InlineData(3), InlineData(255)]
    public void ANodeOfAnUnknownTypeIsRefused(byte type)
    {
        var group = TreeGroup.Full(2);
        group.Commit(default);
        byte[] good = group.Tree.Encode();
        foreach (byte[] node in (byte[][])[Tls.Encode(group.Tree.Leaf(default)!), Tls.Encode(group.Tree.Parent(new NodeIndex(1))!)])
        {
            byte[] forged = [.. good];
            forged[good.AsSpan().IndexOf(node) - 1] = type;
            var refused = Assert.Throws<CodecException>(() => RatchetTree.Decode(TreeGroup.Suite, forged));
            Assert.Contains("unknown NodeType", refused.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("sorted in increasing order", 3u, 2u)]
    [InlineData("sorted in increasing order", 2u, 2u)]
    [InlineData("not below", 4u)]
    [InlineData("not below", 9u)]
    [InlineData("not below", 200u)]
    [InlineData("not below", 100_000u)]
    [InlineData("not below", uint.MaxValue)]
    [InlineData("is blank", 1u)]
    [InlineData("not at one between", 2u)]
    public void UnmergedLeavesOutOfOrderAreRefused(string rule, params uint[] leaves)
    {
        var group = TreeGroup.Full(8);
        group.Remove(new LeafIndex(1));
        group.Commit(new LeafIndex(3));
        var parent = new NodeIndex(3);   // covers leaves 0 to 3
        var forged = group.Tree.Parent(parent)! with { UnmergedLeaves = [.. leaves.Select(leaf => new LeafIndex(leaf))] };
        TreeEdit.Refuses(MlsError.InvalidTree, rule, () => group.Tree.With(parent, forged));
    }

    [Fact]
    public void AMemberMissingFromUnmergedLeavesIsRefused()
    {
        var group = TreeGroup.Full(8);
        group.Remove(new LeafIndex(5));
        group.Commit(new LeafIndex(4));
        group.Add();
        group.Tree.Validate(group.Context);
        var root = TreeMath.Root(8);
        group.Tree.With(root, group.Tree.Parent(root)! with { UnmergedLeaves = [] })
            .RefusesToValidate(MlsError.InvalidTree, ParentHashRule);
    }

    [Fact]
    public void AnEncryptionKeyAtTwoNodesIsRefused()
    {
        var tree = TreeGroup.Full(4).Tree;
        var first = tree.Leaf(default)!;
        var second = tree.Leaf(new LeafIndex(1))! with { EncryptionKey = first.EncryptionKey };
        tree.With(new LeafIndex(1), second).RefusesToValidate(MlsError.InvalidTree, "an encryption key stands at two nodes");
        var parent = tree.Parent(new NodeIndex(1))! with { EncryptionKey = first.EncryptionKey };
        tree.With(new NodeIndex(1), parent).RefusesToValidate(MlsError.InvalidTree, "an encryption key stands at two nodes");
        var other = tree.Parent(new NodeIndex(1))! with { EncryptionKey = tree.EncryptionKey(new NodeIndex(3)) };
        tree.With(new NodeIndex(1), other).RefusesToValidate(MlsError.InvalidTree, "an encryption key stands at two nodes");
    }

    [Fact]
    public void ASignatureKeyAtTwoLeavesIsRefused()
    {
        var tree = TreeGroup.Full(4).Tree;
        var forged = tree.Leaf(new LeafIndex(1))! with { SignatureKey = tree.Leaf(default)!.SignatureKey };
        tree.With(new LeafIndex(1), forged).RefusesToValidate(MlsError.InvalidLeafNode, "a signature key stands at two leaves");
    }

    [Theory, MemberData(nameof(LowOrderKeys))]
    public void AKeyOfLowOrderIsRefusedAnywhereInATree(string hex)
    {
        byte[] key = Convert.FromHexString(hex);
        var tree = TreeGroup.Full(4).Tree;
        tree.With(default(LeafIndex), tree.Leaf(default)! with { EncryptionKey = key })
            .RefusesToValidate(MlsError.InvalidKey, "no public key");
        tree.With(new NodeIndex(3), tree.Parent(new NodeIndex(3))! with { EncryptionKey = key })
            .RefusesToValidate(MlsError.InvalidKey, "no public key");
    }

    [Fact]
    public void AKeyOfAnotherSizeIsRefused()
    {
        var tree = TreeGroup.Full(4).Tree;
        foreach (int size in (int[])[0, 31, 33])
        {
            tree.With(new NodeIndex(3), tree.Parent(new NodeIndex(3))! with { EncryptionKey = new byte[size] })
                .RefusesToValidate(MlsError.InvalidKey, "no public key");
        }
    }

    [Fact]
    public void ATrailingBlankNodeIsRefused()
    {
        byte[] tree = TreeGroup.Full(3).Tree.Encode();
        var reader = new Codec.TlsReader(tree);
        byte[] nodes = reader.ReadOpaque().ToArray();
        foreach (int blanks in (int[])[1, 2])
        {
            var writer = new Codec.TlsWriter();
            writer.WriteOpaque([.. nodes, .. new byte[blanks]]);
            TreeEdit.Refuses(MlsError.InvalidTree, "must not be blank", () => TreeEdit.Read(writer.ToArray()));
        }
        TreeEdit.Refuses(MlsError.InvalidTree, "must not be blank", () => TreeEdit.Read([0]));
    }

    [Fact]
    public void ALeafInAParentsPlaceIsRefused()
    {
        var tree = TreeGroup.Full(4).Tree;
        var leaf = new Codec.TlsWriter();
        leaf.WriteVector([tree.Leaf(default)!, tree.Leaf(new LeafIndex(1))!], (output, node) => Put(output, 1, node));
        TreeEdit.Refuses(MlsError.InvalidTree, "even places", () => TreeEdit.Read(leaf.ToArray()));
        var parent = new Codec.TlsWriter();
        parent.WriteVector([tree.Parent(new NodeIndex(1))!], (output, node) => Put(output, 2, node));
        TreeEdit.Refuses(MlsError.InvalidTree, "even places", () => TreeEdit.Read(parent.ToArray()));

        static void Put<T>(Codec.TlsWriter output, byte type, T node) where T : Codec.ITlsStruct<T>
        {
            output.WriteUInt8(1);
            output.WriteUInt8(type);
            output.Write(node);
        }
    }

    [Fact]
    public void ALeafSignedForAnotherPlaceOrGroupIsRefused()
    {
        var group = TreeGroup.Full(4);
        var leaf = group.Tree.Leaf(default)!;
        Assert.Equal(LeafNodeSource.Commit, leaf.Source);
        LeafNodeRules.Check(TreeGroup.Suite, leaf, TreeGroup.GroupId, default);
        TreeEdit.Refuses(
            MlsError.InvalidSignature, "§7.3", () => LeafNodeRules.Check(TreeGroup.Suite, leaf, TreeGroup.GroupId, new LeafIndex(1)));
        TreeEdit.Refuses(MlsError.InvalidSignature, "§7.3", () => LeafNodeRules.Check(TreeGroup.Suite, leaf, "other"u8, default));
        var last = new LeafIndex(3);   // whose leaf no later parent hash covers
        var forged = group.Tree.Leaf(last)!;
        group.Tree.With(last, forged with { Signature = TreeEdit.Flipped(forged.Signature) })
            .RefusesToValidate(MlsError.InvalidSignature, "§7.3");
    }
}
