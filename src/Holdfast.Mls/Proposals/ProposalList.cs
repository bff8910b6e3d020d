namespace Holdfast.Mls;

/// <summary>A proposal that a commit covers.</summary>
/// <param name="Proposal">What is proposed.</param>
/// <param name="Sender">Who proposes it.</param>
/// <param name="Reference">Its name if it was sent before, or null where the commit itself carries it.</param>
internal sealed record CommittedProposal(Proposal Proposal, Sender Sender, ProposalReference? Reference)
{
    internal ProposalOrRef Entry => (ProposalOrRef?)Reference ?? new ProposalByValue(Proposal);

    /// <summary>Where it stands in the list that was given or received, of how many, for who wants to know what was wrong.</summary>
    internal (int Place, int Count) Listed { get; init; }

    /// <summary>A rule that it breaks.</summary>
    internal string Broken(string rule) => Listed.Count > 1 ? $"proposal {Listed.Place} of {Listed.Count}: {rule}" : rule;
}

/// <summary>
/// The proposals one commit covers, in the commit's order (RFC 9420 §12.2–§12.4). A list is gathered by one of two
/// ways, then checked, then applied; only a list that passed its checks may be applied.
/// </summary>
internal sealed class ProposalList
{
    private IReadOnlyList<Extension>? _extensions;   // those that a checked list leads to

    private ProposalList(Sender committer, IReadOnlyList<CommittedProposal> items)
    {
        (Committer, Items) = (committer, items);
        Psks = [.. items.Select(item => item.Proposal).OfType<PreSharedKeyProposal>().Select(psk => psk.PreSharedKey)];
    }

    /// <summary>A member, or who joins by an external commit.</summary>
    internal Sender Committer { get; }

    /// <summary>Whether the commit is an external one (RFC 9420 §12.4.3.2).</summary>
    internal bool IsExternal => Committer.Type == SenderType.NewMemberCommit;

    internal IReadOnlyList<CommittedProposal> Items { get; }

    /// <summary>
    /// RFC 9420 §12.4: an empty commit needs a path, and so does one with an Update, Remove, ExternalInit or GroupContextExtensions.
    /// </summary>
    internal bool PathRequired => Items.Count == 0 || Items.Any(item => ProposalTable.NeedsPath(item.Proposal));

    /// <summary>RFC 9420 §8.4: the keys to be mixed in, in the order of their proposals.</summary>
    internal IReadOnlyList<PreSharedKeyId> Psks { get; }

    /// <summary>RFC 9420 §8.3: what an external commit's init secret comes out of, or null for a member's commit.</summary>
    internal ExternalInitProposal? ExternalInit => Items.Select(item => item.Proposal).OfType<ExternalInitProposal>().FirstOrDefault();

    /// <summary>RFC 9420 §12.1.5: the proposal that closes the group, or null.</summary>
    internal ReInitProposal? ReInit => Items.Select(item => item.Proposal).OfType<ReInitProposal>().FirstOrDefault();

    /// <summary>RFC 9420 §12.2: the leaf that who joins by an external commit takes away as its own, or null.</summary>
    internal LeafIndex? FormerSelf => !IsExternal ? null
        : Items.Select(item => item.Proposal).OfType<RemoveProposal>().Select(remove => (LeafIndex?)remove.Removed).FirstOrDefault();

    /// <summary>RFC 9420 §12.2: what an external commit by us carries, and which SelfRemoves of members it refers to.</summary>
    internal static ProposalList OfJoiner(IEnumerable<Proposal> proposals, IEnumerable<CommittedProposal> selfRemoves) => new(
        Sender.NewMemberCommit,
        [.. proposals.Select(proposal => new CommittedProposal(proposal, Sender.NewMemberCommit, null)), .. selfRemoves]);

    /// <summary>What a received commit covers: by value from the committer, by reference from whoever sent it this epoch.</summary>
    /// <exception cref="MlsException">A reference names nothing that we have, or stands there twice.</exception>
    internal static ProposalList Gather(Commit commit, Sender committer, EpochProposals pending)
    {
        var named = new HashSet<ProposalReference>();
        bool areDistinct = commit.Proposals.OfType<ProposalReference>().All(named.Add);
        MlsException.Require(areDistinct, MlsError.InvalidProposalList, "RFC 9420 §12.2: a commit refers to one proposal twice");
        int count = commit.Proposals.Count;
        return new ProposalList(
            committer, [.. commit.Proposals.Select((entry, i) => Resolve(entry, committer, pending) with { Listed = (i + 1, count) })]);
    }

    /// <summary>
    /// What to commit ourselves: all of our own, and of the pending ones those that agree with them and with each other.
    /// RFC 9420 §12.2: any Remove is preferred over Updates of that leaf, and the latest of several Updates.
    /// </summary>
    /// <exception cref="MlsException">Our own proposals break a rule of RFC 9420 §12.2.</exception>
    internal static ProposalList Choose(
        IReadOnlyList<Proposal> own, IEnumerable<PendingProposal> pending, LeafIndex committer, RatchetTree tree)
    {
        var conflicts = new ProposalConflicts(Sender.Member(committer), tree);
        var chosen = new List<CommittedProposal>();
        foreach (var item in Candidates(own, pending, Sender.Member(committer)).OrderBy(item => Precedence(item.Proposal)))
        {
            string? broken = conflicts.Admit(item);
            if (broken is null) chosen.Add(item);
            else MlsException.Require(item.Reference is not null, MlsError.InvalidProposalList, item.Broken(broken));
        }
        return new ProposalList(Sender.Member(committer), chosen);
    }

    /// <summary>The group context's extensions as this list leaves them.</summary>
    internal IReadOnlyList<Extension> ExtensionsAfter(IReadOnlyList<Extension> before) =>
        Items.Select(item => item.Proposal).OfType<GroupContextExtensionsProposal>().FirstOrDefault()?.Extensions ?? before;

    /// <summary>RFC 9420 §12.2: that the list is valid, but for what only the tree it leads to can show.</summary>
    /// <param name="epoch">The epoch that the commit ends.</param>
    /// <param name="policy">The application's rules.</param>
    /// <param name="now">The time against which lifetimes are checked, or null.</param>
    /// <param name="link">Our own first commit of a group that continues another may mix in that one's key (RFC 9420 §11.2, §11.3).</param>
    /// <exception cref="MlsException">The list breaks a rule.</exception>
    internal void Check(PublicEpoch epoch, GroupPolicy policy, DateTimeOffset? now, LinkPsk? link = null)
    {
        CheckConflicts(epoch.Tree);
        MlsException.Require(
            Psks.Count <= MlsLimits.MaxPreSharedKeys, MlsError.TooLarge, "a commit mixes in more pre-shared keys than we allow");
        ComponentRules.CheckSupport(Items, epoch.Tree);
        var rules = new ProposalRules(epoch, policy, now, link);
        var extensions = ExtensionsAfter(epoch.Context.Extensions);   // RFC 9420 §12.3: the new ones judge the other proposals
        rules.JudgeKeyPackages([.. Items.Select(static item => item.Proposal).OfType<AddProposal>()]);
        foreach (var item in Items) Check(item, rules, extensions);
        _extensions = AppDataUpdates.Apply(extensions, Items.Select(item => item.Proposal), policy.Components);
    }

    private static void Check(CommittedProposal item, ProposalRules rules, IReadOnlyList<Extension> extensions)
    {
        try { rules.Check(item.Proposal, item.Sender, extensions); }
        catch (MlsException broken) { throw new MlsException(broken.Error, item.Broken(broken.Rule)); }
    }

    private void CheckConflicts(RatchetTree tree)
    {
        var conflicts = new ProposalConflicts(Committer, tree);
        foreach (var item in Items.OrderBy(item => Precedence(item.Proposal)))
        {
            if (conflicts.Admit(item) is { } broken) throw new MlsException(MlsError.InvalidProposalList, item.Broken(broken));
        }
        if (conflicts.Missing() is { } missing) throw new MlsException(MlsError.InvalidProposalList, missing);
    }

    /// <summary>
    /// RFC 9420 §12.3: applies a checked list: extensions, then Updates, SelfRemoves, Removes and Adds. Who joins by an external commit
    /// then gets the leftmost blank leaf (§12.4.2).
    /// </summary>
    internal AppliedProposals Apply(PublicEpoch epoch)
    {
        var applied = new AppliedProposals(epoch.Tree) { Extensions = _extensions ?? ExtensionsAfter(epoch.Context.Extensions) };
        foreach (var item in Items) if (item.Proposal is UpdateProposal update) applied.Update(item.Sender.Leaf, update.LeafNode);
        foreach (var item in Items) if (item.Proposal is SelfRemoveProposal) applied.Remove(item.Sender.Leaf);
        foreach (var item in Items) if (item.Proposal is RemoveProposal remove) applied.Remove(remove.Removed);
        foreach (var item in Items) if (item.Proposal is AddProposal add) applied.Add(add.KeyPackage);
        applied.Committer = IsExternal ? applied.ReserveLeaf() : Committer.Leaf;
        return applied;
    }

    private static IEnumerable<CommittedProposal> Candidates(
        IReadOnlyList<Proposal> own, IEnumerable<PendingProposal> pending, Sender committer)
    {
        for (int i = 0; i < own.Count; i++) yield return new CommittedProposal(own[i], committer, null) { Listed = (i + 1, own.Count) };
        var updates = pending.Where(entry => entry.Proposal is UpdateProposal).Reverse();
        var others = pending.Where(entry => entry.Proposal is not UpdateProposal);
        foreach (var entry in updates.Concat(others)) yield return new CommittedProposal(entry.Proposal, entry.Sender, entry.Reference);
    }

    private static CommittedProposal Resolve(ProposalOrRef entry, Sender committer, EpochProposals pending)
    {
        if (entry is ProposalByValue own) return new CommittedProposal(own.Proposal, committer, null);
        var known = pending.Find((ProposalReference)entry)
            ?? throw new MlsException(MlsError.UnknownProposal, "RFC 9420 §12.4: a commit refers to a proposal we do not have");
        return new CommittedProposal(known.Proposal, known.Sender, known.Reference);
    }

    /// <summary>
    /// The order in which proposals are weighed against each other: what frees a leaf comes before what needs it, and RFC 9420
    /// §12.2: all others are preferred over a ReInit.
    /// </summary>
    private static int Precedence(Proposal proposal) => proposal switch
    {
        SelfRemoveProposal => -1,   // mls-extensions: beside it a Remove of the same leaf is invalid
        RemoveProposal => 0,
        UpdateProposal => 1,
        AddProposal => 2,
        ReInitProposal => 4,
        _ => 3,
    };
}
