using Holdfast.Cryptography;

namespace Holdfast.Mls.Tests.Differential;

/// <summary>Where ts-mls 1.6.4 is known to be wrong, told as narrowly as can be.</summary>
internal static class KnownFaults
{
    /// <summary>
    /// RFC 9420 §12.4.3.1 asks that a leaf unmerged at a node be unmerged at every node between; ts-mls asks that all the
    /// nodes above it have the same list, and so refuses trees where a leaf was added below one of two parents.
    /// </summary>
    internal static bool RefusesUnmergedLeaves(CipherSuite suite, byte[] encodedTree, string? refusal) =>
        refusal == "non-blank intermediate node must list leaf node in its unmerged_leaves"
            && HasUnequalLists(RatchetTree.Decode(suite, encodedTree));

    /// <summary>
    /// RFC 9420 §7.4: the commit secret comes after the last path secret of the filtered direct path; ts-mls takes the root's
    /// even where the root is not on it, which is where one half of the tree is blank. Histories keep clear of such trees.
    /// </summary>
    internal static bool DerivesOneSecretTooMany(IEnumerable<uint> leaves)
    {
        var there = leaves.ToList();
        int leafCount = TreeMath.FullLeafCount((int)there.Max() + 1);
        return leafCount > 1 && there.TrueForAll(leaf => leaf >= leafCount / 2);
    }

    /// <summary>
    /// RFC 9420 §12.4.2: ts-mls looks whether its own leaf is blank to see that it was removed, and so overlooks it where the
    /// same commit puts a new member there. It is not given such commits.
    /// </summary>
    internal static bool OverlooksItsRemoval(Peer peer, IReadOnlyList<Wish> committed) =>
        peer is TheirPeer && committed.OfType<Wish.Add>().Any() && committed.Contains(new Wish.Remove(peer.Standing().Leaf));

    private static bool HasUnequalLists(RatchetTree tree)
    {
        for (uint place = 1; place < TreeMath.NodeCount(tree.LeafCount); place += 2)
        {
            var parent = tree.Parent(new NodeIndex(place));
            foreach (var leaf in parent?.UnmergedLeaves ?? [])
            {
                for (var node = leaf.Node; node != TreeMath.Root(tree.LeafCount);)
                {
                    node = node.Parent;
                    if (tree.Parent(node) is { } above && !above.UnmergedLeaves.SequenceEqual(parent!.UnmergedLeaves)) return true;
                }
            }
        }
        return false;
    }
}
