namespace Holdfast.Mls;

/// <summary>
/// What a commit makes of the public state: proposals applied and the path merged (RFC 9420 §12.3, §12.4.2). All members
/// compute the same.
/// </summary>
/// <param name="Old">The epoch that ends.</param>
/// <param name="Proposals">What was committed.</param>
/// <param name="Applied">The tree and extensions after the proposals.</param>
/// <param name="Tree">The tree after the path too.</param>
/// <param name="PathLeaf">The committer's new leaf, where the commit has a path.</param>
internal sealed record EpochTransition(
    PublicEpoch Old, ProposalList Proposals, AppliedProposals Applied, RatchetTree Tree, LeafNode? PathLeaf)
{
    /// <summary>RFC 9420 §12.4.1: the new epoch's context, but with the old transcript hash.</summary>
    internal GroupContext ProvisionalContext => Old.Context with
    {
        Epoch = Old.Context.Epoch + 1,
        TreeHash = Tree.TreeHash,
        Extensions = Applied.Extensions,
    };

    /// <summary>What is to be shown of it: the committer's own leaf is new, or another than before, where there is a path.</summary>
    internal EpochChange Change => new(
        Joiner is { } joiner ? [joiner] : [.. Applied.Added.Select(entry => new Member(entry.Index, entry.KeyPackage.LeafNode))],
        Applied.Removed,
        Renewed is { } renewed ? [.. Applied.Updated, renewed] : Applied.Updated,
        Proposals.Items.Any(item => item.Proposal is GroupContextExtensionsProposal or AppDataUpdateProposal),
        Proposals.Psks)
    {
        ExternalJoiner = Joiner,
        Ephemeral = [.. Proposals.Items.Select(item => item.Proposal).OfType<AppEphemeralProposal>()],
        ReInit = Proposals.ReInit,
    };

    private Member? Joiner => Proposals.IsExternal && PathLeaf is not null ? new Member(Applied.Committer, PathLeaf) : null;

    private UpdatedMember? Renewed => Proposals.IsExternal || PathLeaf is null
        ? null
        : new UpdatedMember(Applied.Committer, Old.SenderLeaf(Applied.Committer), PathLeaf);

    /// <summary>Whether the member at that leaf is removed.</summary>
    internal bool Removes(LeafIndex leaf) => Applied.Removed.Any(member => member.Index == leaf);

    /// <summary>RFC 9420 §12.2: that there can be another epoch, and that the tree is one the group can have.</summary>
    /// <exception cref="MlsException">A member does not fit the others or the group; or epochs are counted no further.</exception>
    internal void CheckMembers()
    {
        MlsException.Require(Old.Context.Epoch < ulong.MaxValue, MlsError.TooLarge, "RFC 9420 §8.1: the last epoch that can be counted");
        MemberRules.Check(Tree, Applied.Extensions);
        var added = Applied.Added.Select(entry => entry.KeyPackage).ToList();
        List<LeafNode> leaves = [.. added.Select(keyPackage => keyPackage.LeafNode), .. Applied.Updated.Select(member => member.After)];
        if (PathLeaf is not null) leaves.Add(PathLeaf);
        Tree.CheckKinds(leaves);
        MemberRules.CheckInitKeys(Tree, added);
    }
}
