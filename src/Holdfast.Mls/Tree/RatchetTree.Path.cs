using Holdfast.Codec;

namespace Holdfast.Mls;

/// <summary>RFC 9420 §7.5, §7.9: putting a new path into the tree, and the parent hashes that tie it together.</summary>
public sealed partial class RatchetTree
{
    /// <summary>
    /// RFC 9420 §7.5: the tree after a member's new path, checked as far as every member can check it but for the leaf's own
    /// validity (<see cref="LeafNodeRules"/>).
    /// </summary>
    /// <param name="sender">The committer's leaf.</param>
    /// <param name="path">The new path.</param>
    /// <param name="added">The leaves that the same commit added: they get no path secret here.</param>
    /// <exception cref="MlsException">The path breaks a rule.</exception>
    public RatchetTree Merge(LeafIndex sender, UpdatePath path, IReadOnlySet<LeafIndex> added)
    {
        CheckShape(sender, path, added);
        CheckPathKeys(path);
        var (parents, parentHash) = NewParents(sender, [.. path.Nodes.Select(node => node.EncryptionKey)]);
        MlsException.Require(
            path.LeafNode.ParentHash.Span.SequenceEqual(parentHash),
            MlsError.InvalidPath,
            "RFC 9420 §7.9.2: the leaf's parent_hash is not that of its path");
        return WithPath(sender, path.LeafNode, parents);
    }

    /// <summary>RFC 9420 §7.5: the resolution a path secret is encrypted to, without the leaves that are new in the same commit.</summary>
    internal IReadOnlyList<NodeIndex> Recipients(NodeIndex copath, IReadOnlySet<LeafIndex> added) =>
        [.. Resolution(copath).Where(node => !node.IsLeaf || !added.Contains(node.Leaf))];

    /// <summary>How many those are: a new leaf is in the resolution of every node above it, for no parent there has it merged.</summary>
    private int CountRecipients(NodeIndex copath, IReadOnlySet<LeafIndex> added) =>
        _root.Find(copath).ResolutionCount - added.Count(leaf => copath.Covers(leaf.Node));

    /// <summary>RFC 9420 §7.5: the parents of a new path with those keys, and the parent hash for the leaf below them.</summary>
    internal (Dictionary<NodeIndex, ParentNode> Parents, byte[] LeafParentHash) NewParents(
        LeafIndex sender, IReadOnlyList<ReadOnlyMemory<byte>> keys)
    {
        var steps = FilteredDirectPath(sender);
        var parents = new Dictionary<NodeIndex, ParentNode>();
        byte[] hash = [];                                    // RFC 9420 §7.9: empty above the root
        for (int i = steps.Count - 1; i >= 0; i--)
        {
            var parent = new ParentNode(keys[i], hash, []);
            parents.Add(steps[i].Node, parent);
            hash = ParentHash(parent, _root.Find(steps[i].Copath).Hash(Suite.Hkdf));
        }
        return (parents, hash);
    }

    /// <summary>RFC 9420 §7.5: the tree with those parents on the leaf's direct path, all others there blank.</summary>
    internal RatchetTree WithPath(LeafIndex sender, LeafNode leaf, Dictionary<NodeIndex, ParentNode> parents) =>
        new(Suite, _root.Replace(sender.Node, leaf, node => parents.GetValueOrDefault(node.Index)), _indexed);

    /// <summary>RFC 9420 §7.9: the parent hash of <paramref name="parent"/>.</summary>
    /// <param name="parent">P in the RFC's words.</param>
    /// <param name="originalSiblingTreeHash">The tree hash of its child S, without the leaves unmerged at P.</param>
    private byte[] ParentHash(ParentNode parent, byte[] originalSiblingTreeHash)
    {
        using var writer = new TlsWriter();
        writer.WriteOpaque(parent.EncryptionKey.Span);
        writer.WriteOpaque(parent.ParentHash.Span);
        writer.WriteOpaque(originalSiblingTreeHash);
        return Suite.Hkdf.Hash(writer.Written);
    }

    private void CheckShape(LeafIndex sender, UpdatePath path, IReadOnlySet<LeafIndex> added)
    {
        var steps = FilteredDirectPath(sender);
        MlsException.Require(
            path.Nodes.Count == steps.Count,
            MlsError.InvalidPath,
            "RFC 9420 §7.6: a path has one node for each of the filtered direct path");
        for (int i = 0; i < steps.Count; i++)
        {
            MlsException.Require(
                path.Nodes[i].EncryptedPathSecret.Count == CountRecipients(steps[i].Copath, added),
                MlsError.InvalidPath,
                "RFC 9420 §7.6: a path secret is encrypted once to each node of the copath child's resolution");
        }
    }

    /// <summary>RFC 9420 §12.4.2: the new keys are keys, and appear in no node of the tree so far.</summary>
    private void CheckPathKeys(UpdatePath path)
    {
        var fresh = new HashSet<ReadOnlyMemory<byte>>(Bytes.Comparer) { path.LeafNode.EncryptionKey };
        foreach (var node in path.Nodes)
        {
            MlsException.Require(
                Suite.Hpke.Kem.IsValidPublicKey(node.EncryptionKey.Span),
                MlsError.InvalidKey,
                "RFC 9420 §7.6: a node's key is no public key");
            MlsException.Require(
                fresh.Add(node.EncryptionKey), MlsError.InvalidPath, "RFC 9420 §12.4.2: a path has the same key twice");
        }
        MlsException.Require(
            !fresh.Any(HasKey),
            MlsError.InvalidPath,
            "RFC 9420 §12.4.2: a path's key is already in the tree");
    }
}
