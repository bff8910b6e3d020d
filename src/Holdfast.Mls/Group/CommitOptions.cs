using Holdfast.Cryptography;

namespace Holdfast.Mls;

/// <summary>What to commit, and how.</summary>
public sealed record CommitOptions
{
    /// <summary>The committer's own proposals, which the commit carries by value.</summary>
    public IReadOnlyList<Proposal> Proposals { get; init; } = [];

    /// <summary>
    /// Whether the proposals received in this epoch are committed too, by reference, as far as they agree (RFC 9420 §12.2); by default
    /// true. Those that are left out are gone with the epoch.
    /// </summary>
    public bool IncludePending { get; init; } = true;

    /// <summary>Whether the committer renews its own keys even where RFC 9420 §12.4 does not require it; by default true.</summary>
    public bool ForcePath { get; init; } = true;

    /// <summary>Whether the Welcome carries the ratchet tree (RFC 9420 §12.4.3.3), as by default, or the application brings it.</summary>
    public bool TreeInWelcome { get; init; } = true;

    /// <summary>
    /// Whether the Welcome's GroupInfo names the key for external commits too (RFC 9420 §12.4.3.2 external_pub); by default false.
    /// </summary>
    public bool ExternalKeyInWelcome { get; init; }

    /// <summary>Extensions of the Welcome's GroupInfo, for the joiners only.</summary>
    public IReadOnlyList<Extension> GroupInfoExtensions { get; init; } = [];

    /// <summary>Sent along in the clear, bound to the commit.</summary>
    public ReadOnlyMemory<byte> AuthenticatedData { get; init; }

    /// <summary>What changes in the committer's own leaf besides its key; needs a path.</summary>
    public LeafChanges LeafChanges { get; init; } = new();

    /// <summary>The time against which lifetimes of added leaves are checked (RFC 9420 §7.3); null for no check.</summary>
    public DateTimeOffset? Now { get; init; }
}

/// <summary>Fields of the own leaf that get a new value; null leaves a field as it is.</summary>
public sealed record LeafChanges
{
    /// <summary>The new credential.</summary>
    public Credential? Credential { get; init; }

    /// <summary>The new capabilities.</summary>
    public Capabilities? Capabilities { get; init; }

    /// <summary>The new extensions.</summary>
    public IReadOnlyList<Extension>? Extensions { get; init; }

    /// <summary>The new signature key, which stays the caller's; possible in a commit only.</summary>
    public SignatureKey? SignatureKey { get; init; }

    /// <summary>A leaf with these changes; its signature is then the caller's to renew.</summary>
    internal LeafNode ApplyTo(LeafNode leaf) => leaf with
    {
        Credential = Credential ?? leaf.Credential,
        Capabilities = Capabilities ?? leaf.Capabilities,
        Extensions = Extensions ?? leaf.Extensions,
    };
}
