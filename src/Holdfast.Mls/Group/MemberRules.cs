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
        tree.CheckUniqueKeys();
        foreach (var leaf in leaves) LeafNodeRules.CheckFits(leaf, contextExtensions);
        LeafNodeRules.CheckCredentialTypes(leaves);
    }
}
