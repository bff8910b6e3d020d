namespace Holdfast.Mls;

/// <summary>A member: an occupied leaf.</summary>
/// <param name="Index">Where it sits.</param>
/// <param name="Leaf">Who sits there.</param>
public sealed record Member(LeafIndex Index, LeafNode Leaf);

/// <summary>A member whose leaf was replaced.</summary>
/// <param name="Index">Where it sits.</param>
/// <param name="Before">The leaf that was.</param>
/// <param name="After">The leaf that is.</param>
public sealed record UpdatedMember(LeafIndex Index, LeafNode Before, LeafNode After);

/// <summary>What a commit does to the group that people would want to be shown.</summary>
/// <param name="Added">Who is new.</param>
/// <param name="Removed">Who left.</param>
/// <param name="Updated">Whose leaf changed, the committer's by its path included.</param>
/// <param name="ExtensionsChanged">Whether the group context's extensions were replaced.</param>
/// <param name="Psks">The pre-shared keys that went into the new epoch.</param>
public sealed record EpochChange(
    IReadOnlyList<Member> Added,
    IReadOnlyList<Member> Removed,
    IReadOnlyList<UpdatedMember> Updated,
    bool ExtensionsChanged,
    IReadOnlyList<PreSharedKeyId> Psks)
{
    /// <summary>
    /// Who came in by an external commit (RFC 9420 §12.4.3.2), let in by nobody; among <see cref="Added"/> too. Null otherwise.
    /// </summary>
    public Member? ExternalJoiner { get; init; }

    /// <summary>Data for components that goes with this commit, in its order (draft-ietf-mls-extensions AppEphemeral).</summary>
    public IReadOnlyList<AppEphemeralProposal> Ephemeral { get; init; } = [];

    /// <summary>What closes the group in favour of a new one (RFC 9420 §11.2), or null.</summary>
    public ReInitProposal? ReInit { get; init; }
}
