namespace Holdfast.Mls;

/// <summary>What RFC 9420 leaves open and an implementation has to bound: one place for every limit.</summary>
public static class MlsLimits
{
    /// <summary>The most leaves a ratchet tree may have, blank ones included; a power of two.</summary>
    public const int MaxLeaves = 1 << 16;

    /// <summary>The most nodes an encoded ratchet tree may have.</summary>
    public const int MaxNodes = (2 * MaxLeaves) - 1;

    /// <summary>The longest public key or encapsulation, in bytes: room for hybrid post-quantum keys.</summary>
    public const int MaxKeySize = 1 << 13;

    /// <summary>The longest signature, in bytes: room for post-quantum signatures.</summary>
    public const int MaxSignatureSize = 1 << 14;

    /// <summary>The longest hash, MAC, nonce or secret, in bytes.</summary>
    public const int MaxHashSize = 255;

    /// <summary>The longest group id, in bytes.</summary>
    public const int MaxGroupIdSize = 1024;

    /// <summary>The longest credential identity or certificate, in bytes.</summary>
    public const int MaxIdentitySize = 1 << 16;

    /// <summary>The longest chain of certificates.</summary>
    public const int MaxCertificates = 16;

    /// <summary>The most bytes of a chain of certificates.</summary>
    public const int MaxCertificateChainSize = 1 << 17;

    /// <summary>The most values in one list of a capabilities structure.</summary>
    public const int MaxCapabilities = 256;

    /// <summary>The most extensions in one list.</summary>
    public const int MaxExtensions = 64;

    /// <summary>The most components in one dictionary or list of draft-ietf-mls-extensions.</summary>
    public const int MaxComponents = 1024;

    /// <summary>The most proposals in a commit: every member may be added or removed at once.</summary>
    public const int MaxProposals = MaxLeaves;

    /// <summary>The most pre-shared keys in one commit, and so in one Welcome.</summary>
    public const int MaxPreSharedKeys = 256;

    /// <summary>The most levels of a tree, and so the most nodes in an update path.</summary>
    public const int MaxPathLength = 16;

    /// <summary>The longest message of any kind, in bytes.</summary>
    public const int MaxMessageSize = 1 << 26;

    /// <summary>The largest block that application messages are padded to a multiple of, in bytes.</summary>
    public const int MaxPaddingBlock = 1 << 20;

    /// <summary>The longest authenticated data of a message, in bytes.</summary>
    public const int MaxAuthenticatedDataSize = 1 << 16;

    /// <summary>The most proposals kept in one epoch until somebody commits.</summary>
    public const int MaxPendingProposals = 4096;

    /// <summary>How many of those may come from outside the group, so that outsiders leave room for the members.</summary>
    public const int MaxPendingProposalsFromOutside = 256;

    /// <summary>The most external senders of a group (RFC 9420 §12.1.8.1).</summary>
    public const int MaxExternalSenders = 64;
}
