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
    }

    /// <summary>
    /// That nobody who is added has an init key that stands in the tree or is another's too: what is sealed to one of them would open
    /// to another. RFC 9420 asks it only of each client for its own (§10, §10.1).
    /// </summary>
    /// <exception cref="MlsException">One has.</exception>
    internal static void CheckInitKeys(RatchetTree tree, IEnumerable<KeyPackage> added)
    {
        var init = new HashSet<ReadOnlyMemory<byte>>(Bytes.Comparer);
        MlsException.Require(
            added.All(keyPackage => init.Add(keyPackage.InitKey)), MlsError.InvalidKeyPackage, "RFC 9420 §10: two who are added have one init key");
        if (init.Count == 0) return;
        MlsException.Require(
            tree.Root.All().All(node => !init.Contains(node.EncryptionKey) && (node.Leaf is null || !init.Contains(node.Leaf.SignatureKey))),
            MlsError.InvalidKeyPackage,
            "RFC 9420 §10: the init key of one who is added stands in the tree");
    }

    /// <summary>RFC 9420 §7.3, §12.4.3.1, §16.7: no key stands at two places of the tree, whatever it is for.</summary>
    private static void CheckKeys(RatchetTree tree, List<LeafNode> leaves)
    {
        var keys = new HashSet<ReadOnlyMemory<byte>>(Bytes.Comparer);
        MlsException.Require(
            leaves.All(leaf => keys.Add(leaf.SignatureKey)), MlsError.InvalidLeafNode, "RFC 9420 §7.3: a signature key stands at two leaves");
        MlsException.Require(
            tree.Root.All().All(node => node.IsBlank || keys.Add(node.EncryptionKey)),
            MlsError.InvalidTree,
            "RFC 9420 §7.3, §12.4.3.1, §16.7: an encryption key stands at two nodes, or is a signature key");
    }
}
