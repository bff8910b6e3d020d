namespace Holdfast.Protocol;

/// <summary>Every bound on what crosses a wire, in one place.</summary>
public static class ProtocolLimits
{
    /// <summary>The version every structure of this build starts with.</summary>
    public const byte Version = 1;

    /// <summary>The most bytes of one WebSocket frame or REST body that is not a blob.</summary>
    public const int FrameBytes = 12 << 20;

    /// <summary>The most bytes of one frame of the pipe between Client and vault: an answer may hold several messages of the server's.</summary>
    public const int VaultFrameBytes = 4 * FrameBytes;

    /// <summary>
    /// The most bytes of one sealed log entry: a commit seals a path secret to each of a thousand devices whose keys nobody has
    /// joined in the tree yet, at 1,190 bytes each.
    /// </summary>
    public const int EntryBytes = 2 << 20;

    /// <summary>The most bytes of one inbox item: a Welcome to a conversation of a thousand devices, its tree filled, fits.</summary>
    public const int InboxItemBytes = 5 << 20;

    /// <summary>The most bytes of inbox items one answer carries: one that must wait leaves room for another.</summary>
    public const int InboxBytesPerRead = 2 * InboxItemBytes;

    /// <summary>The most inbox items one frame may be done with.</summary>
    public const int ItemsDone = 4096;

    /// <summary>The most inbox items one post may carry.</summary>
    public const int Deliveries = 2048;

    /// <summary>The most bytes of one key package.</summary>
    public const int KeyPackageBytes = 16 << 10;

    /// <summary>The fewest bytes of one key package: its two public keys alone have more.</summary>
    public const int KeyPackageBytesAtLeast = 32;

    /// <summary>
    /// How many posts of one conversation may be sealed that the server has not acknowledged: Client has no more sealed, and a vault that cannot
    /// know what a lost state has sealed passes over as many keys.
    /// </summary>
    public const int UnacknowledgedPosts = 128;

    /// <summary>The most one-time key packages a device keeps at the server.</summary>
    public const int KeyPackagesPerDevice = 100;

    /// <summary>For so many days the server hands out a one-time key package; its lifetime is longer (RFC 9420 §7.2).</summary>
    public const int KeyPackageDays = 60;

    /// <summary>The most entries one answer carries.</summary>
    public const int EntriesPerRead = 1024;

    /// <summary>The most bytes of entries one answer carries.</summary>
    public const int EntriesBytesPerRead = 2 << 20;

    /// <summary>The most bytes of one blob.</summary>
    public const long BlobBytes = 16L << 30;

    /// <summary>The most bytes of a display name, a conversation's title or a file name.</summary>
    public const int NameBytes = 256;

    /// <summary>The most bytes of what is searched for.</summary>
    public const int SearchBytes = 512;

    /// <summary>The most words of what is searched for: each costs a look-up.</summary>
    public const int SearchWords = 16;

    /// <summary>The most bytes of the sentence that says why a message was not sent.</summary>
    public const int ReasonBytes = 4096;

    /// <summary>The most bytes of one text message.</summary>
    public const int TextBytes = 256 << 10;

    /// <summary>The most bytes of one message's encoded content: the longest text and room for what goes with it.</summary>
    public const int ContentBytes = TextBytes + (16 << 10);

    /// <summary>How deeply parts of content may be nested: draft-ietf-mimi-content §6.3.</summary>
    public const int ContentDepth = 4;

    /// <summary>The most parts of one message's content, at all levels together.</summary>
    public const int ContentParts = 64;

    /// <summary>The most extensions of one message's content.</summary>
    public const int ContentExtensions = 32;

    /// <summary>The most bytes of a topic: draft-ietf-mimi-content §9.1.</summary>
    public const int ContentTopicBytes = 4096;

    /// <summary>The most bytes of a media type, a URL, a key or a description in content.</summary>
    public const int ContentFieldBytes = 2048;

    /// <summary>The most bytes of the cards that one message introduces people with: far below <see cref="ContentBytes"/>.</summary>
    public const int CardsBytes = 128 << 10;

    /// <summary>The most members one call may name.</summary>
    public const int MembersPerCall = 1024;

    /// <summary>The most bytes of a leaf's public encryption key: that of MLKEM768-X25519.</summary>
    public const int EncryptionKeyBytes = 1216;

    /// <summary>The size of an Ed25519 public key in bytes.</summary>
    public const int PublicKeyBytes = 32;

    /// <summary>The size of an Ed25519 signature in bytes.</summary>
    public const int SignatureBytes = 64;

    /// <summary>The size of a SHA-256 digest in bytes.</summary>
    public const int DigestBytes = 32;

    /// <summary>The size of a nonce or session token in bytes.</summary>
    public const int NonceBytes = 32;

    /// <summary>The size of an attachment's one-file key in bytes.</summary>
    public const int FileKeyBytes = 32;

    /// <summary>The size of the token that deletes an attachment's blob in bytes.</summary>
    public const int DeleteTokenBytes = 32;

    /// <summary>The most bytes of the checkpoint that a message has room for in its authenticated data.</summary>
    public const int CheckpointBytes = 64;

    /// <summary>The most days an invite lasts.</summary>
    public const int InviteDays = 30;

    /// <summary>The most accounts one invite is good for.</summary>
    public const int InviteUses = 100;

    /// <summary>The most bytes of a passcode.</summary>
    public const int PasscodeBytes = 1024;
}
