namespace Holdfast.Mls;

/// <summary>Who joins by an external commit (RFC 9420 §12.4.3.2), and how.</summary>
public sealed record ExternalJoinOptions
{
    /// <summary>Who we are.</summary>
    public required Credential Credential { get; init; }

    /// <summary>What our client supports; the group's cipher suite and extensions must be among it.</summary>
    public required Capabilities Capabilities { get; init; }

    /// <summary>The extensions of our leaf.</summary>
    public IReadOnlyList<Extension> LeafExtensions { get; init; } = [];

    /// <summary>The ratchet tree (<see cref="Group.EncodeTree"/>), where the GroupInfo does not carry it.</summary>
    public ReadOnlyMemory<byte>? RatchetTree { get; init; }

    /// <summary>
    /// Whether the commit also removes the leaf that is our former self by <see cref="GroupPolicy.IsSameMember"/>: RFC 9420 calls it
    /// a "resync". Of several, it is the one that has our signature key. This is the way back for who has lost the group's state, if the
    /// members let them (<see cref="GroupPolicy.AcceptExternalJoin"/>); by default they do not.
    /// </summary>
    public bool Resync { get; init; }

    /// <summary>Pre-shared keys to mix in, which the policy's <see cref="GroupPolicy.Psks"/> finds (RFC 9420 §8.4).</summary>
    public IReadOnlyList<PreSharedKeyId> Psks { get; init; } = [];

    /// <summary>
    /// The SelfRemoves of this epoch that whoever gave us the GroupInfo has: draft-ietf-mls-extensions obliges us to commit them.
    /// Each is an MLSMessage with a PublicMessage; one that is not valid makes the join fail.
    /// </summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> SelfRemoves { get; init; } = [];

    /// <summary>Sent along in the clear, bound to the commit.</summary>
    public ReadOnlyMemory<byte> AuthenticatedData { get; init; }
}
