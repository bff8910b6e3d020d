namespace Holdfast.Mls;

/// <summary>What came of a received message. Where a case has a next group, that replaces the one that was asked.</summary>
public abstract record Handled
{
    private Handled()
    {
    }

    /// <summary>An application message.</summary>
    /// <param name="Sender">The sender's leaf.</param>
    /// <param name="SenderLeaf">Who held that leaf in the message's epoch, which need not be who holds it now.</param>
    /// <param name="Epoch">The message's epoch.</param>
    /// <param name="AuthenticatedData">What was sent along in the clear.</param>
    /// <param name="Plaintext">The message.</param>
    /// <param name="Next">The group with the message's key deleted.</param>
    public sealed record ApplicationReceived(
        LeafIndex Sender, LeafNode SenderLeaf, ulong Epoch, ReadOnlyMemory<byte> AuthenticatedData, byte[] Plaintext, Group Next) : Handled;

    /// <summary>A proposal, now among <see cref="Group.PendingProposals"/>.</summary>
    /// <param name="Sender">A member, or somebody outside whom the policy lets propose (RFC 9420 §12.1.8).</param>
    /// <param name="SenderLeaf">The leaf of a sender who is a member, or null.</param>
    /// <param name="Proposal">What is proposed.</param>
    /// <param name="AuthenticatedData">What was sent along in the clear.</param>
    /// <param name="Next">The group that knows the proposal.</param>
    public sealed record ProposalReceived(
        Sender Sender, LeafNode? SenderLeaf, Proposal Proposal, ReadOnlyMemory<byte> AuthenticatedData, Group Next) : Handled;

    /// <summary>A commit that began a new epoch.</summary>
    /// <param name="Sender">The committer's leaf; of who joins by an external commit, the new one.</param>
    /// <param name="SenderLeaf">Who held it when committing.</param>
    /// <param name="Change">What the commit changed.</param>
    /// <param name="AuthenticatedData">What was sent along in the clear.</param>
    /// <param name="Next">The group in its new epoch.</param>
    public sealed record CommitApplied(
        LeafIndex Sender, LeafNode SenderLeaf, EpochChange Change, ReadOnlyMemory<byte> AuthenticatedData, Group Next) : Handled;

    /// <summary>A valid commit that removes us (RFC 9420 §12.4.2): there is no next epoch.</summary>
    /// <param name="Sender">The committer's leaf; of who joins by an external commit, the new one.</param>
    /// <param name="SenderLeaf">Who holds it.</param>
    /// <param name="Change">What the commit changed.</param>
    /// <param name="AuthenticatedData">What was sent along in the clear.</param>
    public sealed record RemovedFromGroup(
        LeafIndex Sender, LeafNode SenderLeaf, EpochChange Change, ReadOnlyMemory<byte> AuthenticatedData) : Handled;

    /// <summary>
    /// A commit that passes every check all members can make, so it stands, but its secrets are bad for us (RFC 9420
    /// §16.12): we cannot follow and must be added again, or join from outside. With <see cref="MlsError.UnknownPsk"/> nothing is lost:
    /// find the key and handle the same message again.
    /// </summary>
    /// <param name="Sender">The committer's leaf; of who joins by an external commit, the new one.</param>
    /// <param name="SenderLeaf">Who holds it.</param>
    /// <param name="Change">What the commit changes for the others.</param>
    /// <param name="AuthenticatedData">What was sent along in the clear.</param>
    /// <param name="Error">The kind of fault.</param>
    /// <param name="Rule">What was wrong with our secrets.</param>
    public sealed record Stranded(
        LeafIndex Sender,
        LeafNode SenderLeaf,
        EpochChange Change,
        ReadOnlyMemory<byte> AuthenticatedData,
        MlsError Error,
        string Rule) : Handled;

    /// <summary>A message that changes nothing.</summary>
    /// <param name="Error">The kind of fault.</param>
    /// <param name="Rule">The rule it breaks, for diagnostics.</param>
    public sealed record Rejected(MlsError Error, string Rule) : Handled;
}
