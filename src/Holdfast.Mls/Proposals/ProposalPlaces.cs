namespace Holdfast.Mls;

/// <summary>RFC 9420 §6.1, §12.1.8, §12.2: the places where a proposal may stand.</summary>
[Flags]
internal enum ProposalPlaces
{
    /// <summary>Nowhere.</summary>
    None = 0,

    /// <summary>A member's commit carries it: the committer proposes it.</summary>
    InMembersCommit = 1,

    /// <summary>A member sends it, for a member's commit to refer to.</summary>
    FromMember = 2,

    /// <summary>One of the group's external senders sends it, for a member's commit to refer to.</summary>
    FromExternalSender = 4,

    /// <summary>Somebody who wants to be a member sends it, for a member's commit to refer to.</summary>
    FromNewMember = 8,

    /// <summary>An external commit carries it: who joins proposes it.</summary>
    InExternalCommit = 16,

    /// <summary>An external commit refers to it.</summary>
    BehindExternalCommit = 32,
}

/// <summary>
/// The allow-list: which proposal types may stand where, and which need a path (RFC 9420 §12.4, §17.4). What is not in this
/// table is forbidden, and no other place in the code decides it.
/// </summary>
internal static class ProposalTable
{
    private const ProposalPlaces FromMembers = ProposalPlaces.InMembersCommit | ProposalPlaces.FromMember;
    private const ProposalPlaces FromMembersAndSenders = FromMembers | ProposalPlaces.FromExternalSender;

    private static readonly Dictionary<ushort, Row> Rows = new()
    {
        [ProposalType.Add] = new(FromMembersAndSenders | ProposalPlaces.FromNewMember, NeedsPath: false),
        [ProposalType.Update] = new(ProposalPlaces.FromMember, NeedsPath: true),
        [ProposalType.Remove] = new(FromMembersAndSenders | ProposalPlaces.InExternalCommit, NeedsPath: true),
        [ProposalType.PreSharedKey] = new(FromMembersAndSenders | ProposalPlaces.InExternalCommit, NeedsPath: false),
        [ProposalType.ReInit] = new(FromMembersAndSenders, NeedsPath: false),
        [ProposalType.ExternalInit] = new(ProposalPlaces.InExternalCommit, NeedsPath: true),
        [ProposalType.GroupContextExtensions] = new(FromMembersAndSenders, NeedsPath: true),
        [CodePoints.AppDataUpdate] = new(FromMembersAndSenders | ProposalPlaces.InExternalCommit, NeedsPath: false),
        [CodePoints.AppEphemeral] = new(FromMembersAndSenders | ProposalPlaces.InExternalCommit, NeedsPath: false),
        [CodePoints.SelfRemove] = new(ProposalPlaces.FromMember | ProposalPlaces.BehindExternalCommit, NeedsPath: true),
    };

    /// <summary>Whether such a proposal may be sent by itself by that kind of sender (RFC 9420 §6.1, §12.1.8).</summary>
    internal static bool MaySend(Proposal proposal, SenderType sender) => Allows(proposal, SentBy(sender));

    /// <summary>Whether a commit by that committer may cover the proposal, by value or by reference as it does (RFC 9420 §12.2).</summary>
    internal static bool MayCommit(CommittedProposal item, Sender committer)
    {
        bool external = committer.Type == SenderType.NewMemberCommit;
        if (item.Reference is null)
            return Allows(item.Proposal, external ? ProposalPlaces.InExternalCommit : ProposalPlaces.InMembersCommit);
        return MaySend(item.Proposal, item.Sender.Type) && (!external || Allows(item.Proposal, ProposalPlaces.BehindExternalCommit));
    }

    /// <summary>RFC 9420 §12.4: whether a commit that covers it must have a path; what we do not know needs one.</summary>
    internal static bool NeedsPath(Proposal proposal) => !Rows.TryGetValue(proposal.Type, out var row) || row.NeedsPath;

    private static bool Allows(Proposal proposal, ProposalPlaces place) =>
        place != ProposalPlaces.None && Rows.TryGetValue(proposal.Type, out var row) && (row.Places & place) == place;

    private static ProposalPlaces SentBy(SenderType sender) => sender switch
    {
        SenderType.Member => ProposalPlaces.FromMember,
        SenderType.External => ProposalPlaces.FromExternalSender,
        SenderType.NewMemberProposal => ProposalPlaces.FromNewMember,
        _ => ProposalPlaces.None,
    };

    private sealed record Row(ProposalPlaces Places, bool NeedsPath);
}
