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
        tree.CheckUniqueKeys();
        LeafTraits[] kinds = [.. tree.Index.Traits.Keys];
        foreach (var kind in kinds) LeafNodeRules.CheckFits(kind.Capabilities, contextExtensions);
        LeafNodeRules.CheckCredentialTypes(kinds);
        ComponentRules.CheckMembers(tree.Leaves.Select(static entry => entry.Leaf), contextExtensions);
    }
}
