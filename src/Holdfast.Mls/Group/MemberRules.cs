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
        LeafNodeRules.CheckTogether(tree, contextExtensions);
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
            added.All(keyPackage => init.Add(keyPackage.InitKey)),
            MlsError.InvalidKeyPackage,
            "RFC 9420 §10: two who are added have one init key");
        MlsException.Require(
            !init.Any(tree.HasKey),
            MlsError.InvalidKeyPackage,
            "RFC 9420 §10: the init key of one who is added stands in the tree");
    }
}
