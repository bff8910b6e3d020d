namespace Holdfast.Mls;

/// <summary>
/// RFC 9420 §12.2, §7.3: whether the members of a tree fit each other and the group. Each leaf's own signature was checked
/// when the leaf came.
/// </summary>
internal static class MemberRules
{
    /// <exception cref="MlsException">A rule is broken.</exception>
    internal static void Check(RatchetTree tree, IReadOnlyList<Extension> contextExtensions)
    {
        var leaves = tree.Leaves.Select(entry => entry.Leaf).ToList();
        CheckKeys(tree, leaves);
        foreach (var leaf in leaves) LeafNodeRules.CheckFits(leaf, contextExtensions);
        LeafNodeRules.CheckCredentialTypes(leaves);
        ComponentRules.CheckMembers(leaves, contextExtensions);
    }

    /// <summary>RFC 9420 §7.3, §12.4.3.1: no signature key stands at two leaves, no encryption key at two nodes.</summary>
    private static void CheckKeys(RatchetTree tree, List<LeafNode> leaves)
    {
        var signature = new HashSet<ReadOnlyMemory<byte>>(Bytes.Comparer);
        MlsException.Require(
            leaves.All(leaf => signature.Add(leaf.SignatureKey)), MlsError.InvalidLeafNode, "RFC 9420 §7.3: a signature key stands at two leaves");
        var encryption = new HashSet<ReadOnlyMemory<byte>>(Bytes.Comparer);
        MlsException.Require(
            tree.Root.All().All(node => node.IsBlank || encryption.Add(node.EncryptionKey)),
            MlsError.InvalidTree,
            "RFC 9420 §7.3, §12.4.3.1: an encryption key stands at two nodes");
    }
}
