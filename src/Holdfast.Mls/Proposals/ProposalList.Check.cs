namespace Holdfast.Mls;

internal sealed partial class ProposalList
{
    /// <summary>The group context's extensions as this list leaves them.</summary>
    internal IReadOnlyList<Extension> ExtensionsAfter(IReadOnlyList<Extension> before) =>
        Items.Select(item => item.Proposal).OfType<GroupContextExtensionsProposal>().FirstOrDefault()?.Extensions ?? before;

    /// <summary>RFC 9420 §12.2: that the list is valid, but for what only the tree it leads to can show.</summary>
    /// <exception cref="MlsException">The list breaks a rule.</exception>
    internal void Check(EpochState epoch, GroupPolicy policy, DateTimeOffset? now)
    {
        var conflicts = new ProposalConflicts(Committer, epoch.Tree);
        foreach (var item in Items.OrderBy(item => Precedence(item.Proposal)))
        {
            if (conflicts.Admit(item) is { } broken) throw new MlsException(MlsError.InvalidProposalList, broken);
        }
        MlsException.Require(
            Psks.Count <= MlsLimits.MaxPreSharedKeys, MlsError.TooLarge, "a commit mixes in more pre-shared keys than we allow");
        var rules = new ProposalRules(epoch, policy, now);
        var extensions = ExtensionsAfter(epoch.Context.Extensions);   // RFC 9420 §12.3: the new ones judge the other proposals
        foreach (var item in Items) rules.Check(item.Proposal, item.Sender, extensions);
    }
}
