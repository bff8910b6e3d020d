namespace Holdfast.Mls;

/// <summary>Who proposes, as the application is asked about it.</summary>
/// <param name="Sender">A member, an external sender, somebody who wants to be added, or somebody who joins by an external commit.</param>
/// <param name="Leaf">The leaf of a sender who is a member.</param>
/// <param name="ExternalSender">What the group's external_senders say of an external sender (RFC 9420 §12.1.8.1).</param>
/// <param name="Context">The epoch in which it is proposed.</param>
public sealed record Proposer(Sender Sender, LeafNode? Leaf, ExternalSender? ExternalSender, GroupContext Context);

/// <summary>Somebody who wants to join by an external commit, as the application is asked about it (RFC 9420 §12.4.3.2).</summary>
/// <param name="Joiner">The leaf and its place; its signature, credential and fitness have been checked.</param>
/// <param name="Replaces">The member that the joiner says it was and removes (a "resync"), or null.</param>
/// <param name="Psks">The pre-shared keys that the joiner must have to succeed.</param>
/// <param name="AuthenticatedData">What was sent along in the clear.</param>
/// <param name="Context">The epoch that the commit ends.</param>
public sealed record ExternalJoin(
    Member Joiner, Member? Replaces, IReadOnlyList<PreSharedKeyId> Psks, ReadOnlyMemory<byte> AuthenticatedData, GroupContext Context)
{
    /// <summary>
    /// Whether the joiner proves by a resumption key (RFC 9420 §8.6) that it was a member of this group in an earlier epoch: a
    /// stolen signature key alone does not do it. Whoever was expelled proves it, too: ask also that it <see cref="Replaces"/> its leaf.
    /// </summary>
    public bool ProvesEarlierMembership =>
        Psks.Any(id => id is ResumptionPskId resumption && resumption.GroupId.Span.SequenceEqual(Context.GroupId.Span));
}
