namespace Holdfast.Mls;

/// <summary>What came of an attempt to join from outside.</summary>
public abstract record ExternalJoinOutcome
{
    private ExternalJoinOutcome()
    {
    }

    /// <summary>The commit by which we join, not accepted yet (RFC 9420 §14).</summary>
    /// <param name="Message">The external commit, an MLSMessage with a PublicMessage: whoever carries it sees our leaf.</param>
    /// <param name="Next">
    /// The group, in the epoch that the commit begins: stored before the message leaves, the group once the commit is accepted, and
    /// else dropped.
    /// </param>
    /// <param name="Removed">Our former self that the commit removes, or null.</param>
    /// <param name="GroupInfoExtensions">What the GroupInfo said besides the ratchet tree and the external key.</param>
    public sealed record Prepared(byte[] Message, Group Next, Member? Removed, IReadOnlyList<Extension> GroupInfoExtensions)
        : ExternalJoinOutcome;

    /// <summary>The GroupInfo was not followed.</summary>
    /// <param name="Error">The kind of fault.</param>
    /// <param name="Rule">The rule it breaks, for diagnostics.</param>
    public sealed record Rejected(MlsError Error, string Rule) : ExternalJoinOutcome;
}
