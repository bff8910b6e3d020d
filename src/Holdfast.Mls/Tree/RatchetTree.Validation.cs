using System.Runtime.InteropServices;

namespace Holdfast.Mls;

/// <summary>RFC 9420 §12.4.3.1, §7.9.2: whether a tree from a stranger is one that members made.</summary>
public sealed partial class RatchetTree
{
    /// <summary>So many nodes are checked by one thread before it looks for more.</summary>
    private const int Piece = 32;

    /// <summary>
    /// RFC 9420 §12.4.3.1: every check a joiner makes on a tree that <see cref="Decode"/> has found well formed, unmerged leaves
    /// among it. Credentials and lifetimes are the caller's to judge.
    /// </summary>
    /// <exception cref="MlsException">A rule is broken.</exception>
    public void Validate(GroupContext context) => Validate(context, Parallelism.OneThread);

    /// <inheritdoc cref="Validate(GroupContext)"/>
    public void Validate(GroupContext context, Parallelism parallelism)
    {
        HashBelow(parallelism);
        MlsException.Require(
            TreeHash.Span.SequenceEqual(context.TreeHash.Span),
            MlsError.InvalidTree,
            "RFC 9420 §12.4.3.1: the tree is not the one of the tree_hash");
        CheckUniqueKeys();
        CheckKinds(Leaves.Select(static entry => entry.Leaf));
        CheckKeys(parallelism);
        CheckParentHashes(parallelism);
        LeafNodeRules.CheckAll(this, context, parallelism);
    }

    /// <summary>RFC 9420 §12.4.3.1: each unmerged leaf is a member below, and unmerged at every parent between.</summary>
    internal void CheckUnmergedLeaves()
    {
        foreach (var node in _root.All())
        {
            foreach (var leaf in node.Parent?.UnmergedLeaves ?? []) CheckUnmergedLeaf(node, leaf);
        }
    }

    /// <summary>RFC 9420 §7: what stands where a public key should is one.</summary>
    internal void CheckKeys(Parallelism? parallelism = null)
    {
        TreeNode[] nodes = [.. _root.All().Where(static node => !node.IsBlank)];
        (parallelism ?? Parallelism.OneThread).For(nodes.Length, Piece, i => MlsException.Require(
            Suite.Hpke.Kem.IsValidPublicKey(nodes[i].EncryptionKey.Span),
            MlsError.InvalidKey,
            "RFC 9420 §7: a node's key is no public key"));
    }

    /// <summary>RFC 9420 §7.3, §12.4.3.1: no encryption key stands at two nodes, no signature key at two leaves.</summary>
    internal void CheckUniqueKeys()
    {
        MlsException.Require(
            Index.Encryption.Repeated == 0, MlsError.InvalidTree, "RFC 9420 §7.3, §12.4.3.1: an encryption key stands at two nodes");
        MlsException.Require(
            Index.Signature.Repeated == 0, MlsError.InvalidLeafNode, "RFC 9420 §7.3: a signature key stands at two leaves");
    }

    /// <summary>RFC 9420 §16.7: no key of these leaves is both an encryption key and a signature key in the tree.</summary>
    internal void CheckKinds(IEnumerable<LeafNode> leaves) => MlsException.Require(
        leaves.All(leaf => Index.Signature.Find(leaf.EncryptionKey) is null && Index.Encryption.Find(leaf.SignatureKey) is null),
        MlsError.InvalidLeafNode,
        "RFC 9420 §16.7: a signature key is an encryption key too");

    /// <summary>Whether a key stands anywhere in the tree, whatever it is for.</summary>
    internal bool HasKey(ReadOnlyMemory<byte> key) => Index.Encryption.Find(key) is not null || Index.Signature.Find(key) is not null;

    /// <summary>RFC 9420 §7.9.2: each parent was set together with exactly one node below it, and so in the end with a leaf.</summary>
    internal void CheckParentHashes(Parallelism? parallelism = null)
    {
        TreeNode[] parents = [.. _root.All().Where(static node => node.Parent is not null)];
        (parallelism ?? Parallelism.OneThread).For(parents.Length, Piece, i => CheckParentHash(parents[i]));
    }

    private void CheckParentHash(TreeNode node)
    {
        int descendants = CountSetWith(node, node.Left, node.Right) + CountSetWith(node, node.Right, node.Left);
        MlsException.Require(descendants == 1, MlsError.InvalidTree, "RFC 9420 §7.9.2: a parent node is not parent-hash valid");
    }

    /// <summary>Computes the tree hashes of large parts at once; the rest of the way to the root is short.</summary>
    private void HashBelow(Parallelism parallelism)
    {
        if (!parallelism.IsOn || LeafCount < 4 * Piece) return;
        var parts = new List<TreeNode> { _root };
        while (parts.Count < 16) parts = [.. parts.SelectMany(static node => new[] { node.Left, node.Right })];
        parallelism.For(parts.Count, 1, i => parts[i].Hash(Suite.Hkdf));
    }

    private static void CheckUnmergedLeaf(TreeNode parent, LeafIndex leaf)
    {
        bool isBelow = leaf.Value < MlsLimits.MaxLeaves && parent.Index.Covers(leaf.Node);
        MlsException.Require(isBelow, MlsError.InvalidTree, "RFC 9420 §12.4.3.1: an unmerged leaf is not below its parent");
        var node = parent.Towards(leaf.Node);
        for (; !node.Index.IsLeaf; node = node.Towards(leaf.Node))
        {
            MlsException.Require(
                node.Parent is null || IndexOf(node.Parent.UnmergedLeaves, leaf) >= 0,
                MlsError.InvalidTree,
                "RFC 9420 §12.4.3.1: a leaf is unmerged at a parent and not at one between");
        }
        MlsException.Require(node.Leaf is not null, MlsError.InvalidTree, "RFC 9420 §12.4.3.1: an unmerged leaf is blank");
    }

    /// <summary>
    /// RFC 9420 §7.9.2: how many nodes D have a parent hash that is valid with respect to P = <paramref name="parent"/>, where
    /// D is below C = <paramref name="child"/> and S = <paramref name="sibling"/> is its sibling.
    /// </summary>
    private int CountSetWith(TreeNode parent, TreeNode child, TreeNode sibling)
    {
        var unmerged = parent.Parent!.UnmergedLeaves;
        var resolution = new List<NodeIndex>();
        child.AddResolution(resolution);
        var unmergedBelow = unmerged.Where(leaf => child.Index.Covers(leaf.Node)).Select(leaf => leaf.Node).ToHashSet();

        // The resolution without D has to be what is unmerged at P below C: so D is the only node that is not.
        var rest = resolution.Where(node => !unmergedBelow.Contains(node)).ToList();
        if (rest.Count != 1) return 0;
        var node = child.Find(rest[0]);
        var originalSibling = unmerged.Where(leaf => sibling.Index.Covers(leaf.Node)).ToList();
        byte[] expected = ParentHash(parent.Parent, sibling.HashWithout(Suite.Hkdf, CollectionsMarshal.AsSpan(originalSibling)));
        return ParentHashOf(node) is { } actual && actual.Span.SequenceEqual(expected) ? 1 : 0;
    }

    /// <summary>RFC 9420 §7.9.1: parents and the leaves of commits have a parent hash, other leaves have none.</summary>
    private static ReadOnlyMemory<byte>? ParentHashOf(TreeNode node) =>
        node.Parent is not null ? node.Parent.ParentHash
        : node.Leaf is { Source: LeafNodeSource.Commit } ? node.Leaf.ParentHash
        : null;

    private static int IndexOf(IReadOnlyList<LeafIndex> leaves, LeafIndex leaf)
    {
        int low = 0, high = leaves.Count - 1;
        while (low <= high)
        {
            int middle = (low + high) / 2;
            int order = leaves[middle].CompareTo(leaf);
            if (order == 0) return middle;
            if (order < 0) low = middle + 1;
            else high = middle - 1;
        }
        return -1;
    }
}
