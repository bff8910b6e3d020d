using Holdfast.Cryptography;

namespace Holdfast.Mls;

/// <summary>RFC 9420 §12.4.3.1, §12.4.3.2: what everybody checks who joins, by a Welcome or from outside.</summary>
internal static class GroupInfoRules
{
    /// <summary>The tree, from inside or beside; it and its members are ones we can be in a group with.</summary>
    /// <exception cref="MlsException">A rule is broken, or the application refuses a member.</exception>
    internal static RatchetTree CheckedTree(CipherSuite suite, GroupInfo groupInfo, ReadOnlyMemory<byte>? treeBeside, GroupPolicy policy)
    {
        MlsException.Require(
            groupInfo.GroupContext.Epoch < ulong.MaxValue, MlsError.TooLarge, "RFC 9420 §8.1: a group in the last epoch that can be counted");
        var encoded = Extension.Find(groupInfo.Extensions, ExtensionType.RatchetTree)?.Data ?? treeBeside ?? default;
        MlsException.Require(
            !encoded.IsEmpty, MlsError.MissingTree, "RFC 9420 §12.4.3.3: the ratchet tree is neither in the GroupInfo nor beside it");
        var tree = RatchetTree.Decode(suite, encoded.Span);
        CheckSignature(groupInfo, tree);
        tree.Validate(groupInfo.GroupContext, policy.Parallelism);
        foreach (var (_, leaf) in tree.Leaves) policy.CheckAccepts(leaf, null);
        policy.CheckAcceptsExternalSenders(groupInfo.GroupContext.Extensions);
        return tree;
    }

    private static void CheckSignature(GroupInfo groupInfo, RatchetTree tree)
    {
        var signer = tree.Leaf(groupInfo.Signer)
            ?? throw new MlsException(MlsError.UnknownSender, "RFC 9420 §12.4.3.1: the GroupInfo's signer is a blank leaf");
        MlsException.Require(
            tree.Suite.VerifyWithLabel(signer.SignatureKey.Span, Labels.GroupInfo, groupInfo.Tbs(), groupInfo.Signature.Span),
            MlsError.InvalidSignature,
            "RFC 9420 §12.4.3.1: the GroupInfo's signature does not verify");
    }
}
