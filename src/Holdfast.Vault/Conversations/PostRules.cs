using Holdfast.Mls;
using Holdfast.Protocol;

namespace Holdfast.Vault;

/// <summary>
/// What is judged of a post once it opens, beyond MLS. Of a handshake every member must judge this alike, so nothing that only some of
/// them remember may count: a commit that one member passes over, and another does not, would part them.
/// </summary>
/// <param name="vault">The vault.</param>
/// <param name="conversation">The conversation, of which only what never changes is looked at: its log, and whom it is with.</param>
internal sealed class PostRules(OpenVault vault, Conversation conversation)
{
    /// <summary>
    /// Whether a post is what it declares itself to be. A message whose id is taken is refused, so that none takes another's place.
    /// </summary>
    internal bool Fits(LogEntry entry, PostKind kind, ReadOnlyMemory<byte> authenticated) =>
        entry.Kind == kind && AuthenticatedData.Names(authenticated, entry.Id)
        && (kind != PostKind.Application || vault.History.Find(conversation.Log, entry.Id) is null);

    /// <summary>
    /// Whether there may be a group of these: nobody sits in it as two (<see cref="Seating.Doubled"/>), and a conversation of two stays one. A
    /// commit that leads elsewhere is no commit, whoever made it.
    /// </summary>
    internal bool MaySeat(IReadOnlyList<SeatedDevice> next) => Seating.Doubled(next) is null && (conversation.Title is not null
        || MemberChange.PeopleOf(next).TrueForAll(pin => pin == vault.Profile.Pin || pin == conversation.Peer));

    /// <summary>
    /// The one thing that may be proposed to others. Anything else would be carried out, and signed, by whoever commits next, without
    /// having been asked. A commit that names what is not pending is a commit for nobody.
    /// </summary>
    internal static bool IsLeave(Handled.ProposalReceived proposed) =>
        proposed.Proposal is RemoveProposal remove && proposed.Sender == Sender.Member(remove.Removed);
}
