namespace Holdfast.Mls;

/// <summary>
/// A commit that has been made and not yet accepted (RFC 9420 §14). Before the message leaves, <see cref="Current"/> is adopted, and
/// it, <see cref="Next"/>, the message and the welcome are stored: without Next nobody follows a commit of their own. Once the delivery
/// service has accepted it, <see cref="Group.After"/> of Next takes the place of the group. If another's commit won, go on from Current
/// and drop Next and the welcome; only before the message has left may Current be dropped too, or a key is used twice.
/// </summary>
/// <param name="Message">The commit, an MLSMessage.</param>
/// <param name="Welcome">The Welcome for all that are added, an MLSMessage; null where nobody is.</param>
/// <param name="Current">This epoch, with the handshake ratchet one step on: a generation is spent even by a commit that is lost.</param>
/// <param name="Next">The group as it is after the commit.</param>
/// <param name="Change">What the commit changes.</param>
public sealed record PendingCommit(byte[] Message, byte[]? Welcome, Group Current, Group Next, EpochChange Change)
{
    /// <summary>The next epoch's ratchet tree (RFC 9420 §12.4.3.3), for a Welcome that does not carry it.</summary>
    public byte[] RatchetTree => Next.EncodeTree();

    /// <summary>Where the commit leads, also once that has been disposed.</summary>
    public override string ToString() => $"PendingCommit({Next})";
}

/// <summary>
/// A message that has been protected, and the group with its ratchet one step on: keep that before the message leaves. Two messages
/// made from one group have one key between them, and only the first to arrive can be read.
/// </summary>
/// <param name="Message">An MLSMessage.</param>
/// <param name="Next">The group that must replace the one the message was made with.</param>
public sealed record Protected(byte[] Message, Group Next);

/// <summary>Messages that were protected one after the other, and the group behind the last: as with <see cref="Protected"/>.</summary>
/// <param name="Messages">An MLSMessage each, in their order.</param>
/// <param name="Next">The group that must replace the one they were made with.</param>
public sealed record ProtectedBatch(IReadOnlyList<byte[]> Messages, Group Next);
