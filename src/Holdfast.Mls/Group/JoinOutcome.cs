namespace Holdfast.Mls;

/// <summary>What came of a Welcome.</summary>
public abstract record JoinOutcome
{
    private JoinOutcome()
    {
    }

    /// <summary>We are a member.</summary>
    /// <param name="Group">The group.</param>
    /// <param name="Inviter">The leaf of the member that signed the GroupInfo.</param>
    /// <param name="GroupInfoExtensions">What the inviter told joiners besides the ratchet tree.</param>
    public sealed record Joined(Group Group, LeafIndex Inviter, IReadOnlyList<Extension> GroupInfoExtensions) : JoinOutcome
    {
        /// <summary>The group of ours that this one takes the place of or branches from (RFC 9420 §11.2, §11.3), or null.</summary>
        public GroupLink? Link { get; init; }
    }


    /// <summary>The Welcome was not followed.</summary>
    /// <param name="Error">The kind of fault.</param>
    /// <param name="Rule">The rule it breaks, for diagnostics.</param>
    public sealed record Rejected(MlsError Error, string Rule) : JoinOutcome;
}
