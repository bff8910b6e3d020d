using CsCheck;
using Holdfast.Codec;
using Holdfast.Cryptography;
using Xunit;

namespace Holdfast.Mls.Tests;

public sealed class RatchetTreeTests
{
    private static readonly Gen<List<(int, int)>> Histories = Gen.Select(Gen.Int[0, 5], Gen.Int[0, 1000]).List[0, 12];

    [Fact]
    public void EveryHistoryLeavesAValidTreeThatMembersAgreeOn() =>
        Gen.Select(Gen.Int[1, 16], Histories).Sample(
            (members, history) =>
            {
                var group = TreeGroup.Random(members, history);
                group.Tree.Validate(group.Context);
            },
            iter: 60,
            threads: 1);

    [Fact]
    public void ATreeReadsBackAsWritten() =>
        Gen.Select(Gen.Int[1, 16], Histories).Sample(
            (members, history) =>
            {
                var tree = TreeGroup.Random(members, history).Tree;
                var again = TreeEdit.Read(tree.Encode());
                Assert.Equal(tree.Encode(), again.Encode());
                Assert.Equal(tree.TreeHash.ToArray(), again.TreeHash.ToArray());   // the one cached, the other computed anew
                Assert.Equal(tree.LeafCount, again.LeafCount);
            },
            iter: 20,
            threads: 1);

    [Fact]
    public void MembersHaveExactlyTheKeysTheTreeStillHas() =>
        Gen.Select(Gen.Int[2, 16], Histories).Sample(
            (members, history) =>
            {
                var group = TreeGroup.Random(members, history);
                foreach (var member in group.Members) CheckInvariant(group.Tree, group.KeysOf(member));
            },
            iter: 20,
            threads: 1);

    [Fact]
    public void AnAddTakesTheLeftmostBlankLeaf()
    {
        var group = TreeGroup.Full(7);
        group.Remove(new LeafIndex(2));
        group.Remove(new LeafIndex(5));
        Assert.Equal(new LeafIndex(2), group.Add());
        Assert.Equal(new LeafIndex(5), group.Add());
        Assert.Equal(new LeafIndex(7), group.Add());
        Assert.Equal(8, group.Tree.LeafCount);
        Assert.Equal(new LeafIndex(8), group.Add());
        Assert.Equal(16, group.Tree.LeafCount);
    }

    [Fact]
    public void ATreeShrinksToItsLastMember()
    {
        var group = TreeGroup.Full(9);
        Assert.Equal(16, group.Tree.LeafCount);
        group.Remove(new LeafIndex(8));
        Assert.Equal(8, group.Tree.LeafCount);
        foreach (uint leaf in (uint[])[1, 2, 3, 5, 6, 7]) group.Remove(new LeafIndex(leaf));
        Assert.Equal(8, group.Tree.LeafCount);
        group.Remove(new LeafIndex(4));
        Assert.Equal(1, group.Tree.LeafCount);
        group.Tree.Validate(group.Context);
    }

    [Fact]
    public void AnOldTreeIsUntouchedByWhatComesAfter()
    {
        var group = TreeGroup.Full(5);
        var old = group.Tree;
        byte[] before = old.Encode();
        group.CommitWithAdd(new LeafIndex(1));
        group.Remove(new LeafIndex(0));
        Assert.Equal(before, old.Encode());
        Assert.Equal(TreeEdit.Read(before).TreeHash.ToArray(), old.TreeHash.ToArray());
    }

    [Fact]
    public void ALeafReservedForAnExternalCommitterIsBlankAndUnmergedNowhere()
    {
        var group = TreeGroup.Full(4);
        var (tree, index) = group.Tree.ReserveLeaf();
        Assert.Equal(new LeafIndex(4), index);
        Assert.Equal(8, tree.LeafCount);
        Assert.Null(tree.Leaf(index));
        Assert.Equal(group.Tree.Encode(), tree.Encode());
    }

    [Fact]
    public void PlacesOutsideTheTreeAreBlank()
    {
        var tree = TreeGroup.Full(3).Tree;
        Assert.Null(tree.Leaf(new LeafIndex(3)));
        Assert.Null(tree.Leaf(new LeafIndex(4)));
        Assert.Null(tree.Leaf(new LeafIndex(uint.MaxValue)));
        Assert.Null(tree.Parent(new NodeIndex(uint.MaxValue)));
        Assert.Throws<ArgumentOutOfRangeException>(() => tree.Remove(new LeafIndex(4)));
    }

    [Fact]
    public void PrivateKeysReadBackAsWritten()
    {
        var group = TreeGroup.Full(6);
        var changes = new RecordChanges(new StateDigest());
        using var records = changes.Records;
        TreePrivateKeys.Compare(null, group.KeysOf(new LeafIndex(3)), changes);
        records.Put([(byte)RecordType.Root], RecordStore.RootOf(records));
        using var again = TreePrivateKeys.Restore(new StateReading(records), group.Tree, new LeafIndex(3));
        Assert.Equal(new LeafIndex(3), again.OwnLeaf);
        Assert.Throws<CodecException>(() => TreePrivateKeys.Restore(new StateReading(records), group.Tree, new LeafIndex(2)));
        CheckInvariant(group.Tree, again);
    }

    [Fact]
    public void AJoinerRefusesAPathSecretThatIsNotTheTrees()
    {
        var group = TreeGroup.Full(4);
        var (bundle, _) = TreeGroup.NewMember("joiner");
        var own = new LeafIndex(3);
        var tree = group.Tree.Update(own, bundle.KeyPackage.LeafNode);
        using var secret = Secret.Random(32, RandomSource.System);
        TreeEdit.Refuses(
            MlsError.InvalidPathSecret, "a node that is blank", () => TreePrivateKeys.Join(tree, own, bundle.LeafKey, default, secret));
        TreeEdit.Refuses(
            MlsError.InvalidPathSecret, "§7.5", () => TreePrivateKeys.Join(group.Tree, own, bundle.LeafKey, default, secret));
        foreach (int size in (int[])[0, 31, 33])
        {
            using var wrongSize = new Secret(size);
            TreeEdit.Refuses(
                MlsError.InvalidPathSecret, "§7.4", () => TreePrivateKeys.Join(group.Tree, own, bundle.LeafKey, default, wrongSize));
        }
        foreach (uint committer in (uint[])[4, uint.MaxValue])
        {
            TreeEdit.Refuses(
                MlsError.InvalidTree,
                "committer",
                () => TreePrivateKeys.Join(group.Tree, own, bundle.LeafKey, new LeafIndex(committer), secret));
        }
    }

    /// <summary>RFC 9420 §4.2: a member has the key of every node above it at which it is not unmerged, and no other.</summary>
    private static void CheckInvariant(RatchetTree tree, TreePrivateKeys keys)
    {
        var above = TreeMath.DirectPath(keys.OwnLeaf.Node, tree.LeafCount).Prepend(keys.OwnLeaf.Node).ToHashSet();
        foreach (var node in tree.Root.All())
        {
            bool expected = !node.IsBlank && above.Contains(node.Index)
                && !(node.Parent?.UnmergedLeaves.Contains(keys.OwnLeaf) ?? false);
            Assert.Equal(expected, keys.Has(node.Index));
            if (!expected) continue;
            using var key = keys.Open(node.Index);
            Assert.Equal(node.EncryptionKey.ToArray(), key.PublicKey.ToArray());
        }
    }
}
