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
        CheckKeys(tree.Index);
        LeafTraits[] kinds = [.. tree.Index.Traits.Keys];
        foreach (var kind in kinds) LeafNodeRules.CheckFits(kind.Capabilities, contextExtensions);
        LeafNodeRules.CheckCredentialTypes(kinds);
    }

    /// <summary>RFC 9420 §7.3, §12.4.3.1: no signature key stands at two leaves, no encryption key at two nodes.</summary>
    private static void CheckKeys(TreeIndex index)
    {
        MlsException.Require(index.Signature.Repeated == 0, MlsError.InvalidLeafNode, "RFC 9420 §7.3: a signature key stands at two leaves");
        MlsException.Require(
            index.Encryption.Repeated == 0, MlsError.InvalidTree, "RFC 9420 §7.3, §12.4.3.1: an encryption key stands at two nodes");
    }
}
