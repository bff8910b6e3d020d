namespace Holdfast.Protocol;

/// <summary>Why the server refused: stable numbers, also the <c>code</c> of REST problems in kebab-case.</summary>
public enum RefusalCode : byte
{
    /// <summary>The bytes are not a frame of this protocol.</summary>
    Malformed = 1,

    /// <summary>The frame or body is over a limit.</summary>
    TooLarge = 2,

    /// <summary>The first frame must be a login, or the session has ended.</summary>
    NotLoggedIn = 3,

    /// <summary>No such device, or its signature is wrong: the two look alike.</summary>
    BadLogin = 4,

    /// <summary>The login counter has been seen: this profile is a copy, or was restored from one.</summary>
    Cloned = 5,

    /// <summary>No such log, or the access key is none of its, or its signature is wrong: the three look alike.</summary>
    NoAccess = 6,

    /// <summary>The access key may no longer post: a later one was added long enough ago.</summary>
    KeyExpired = 7,

    /// <summary>The log exists with another first key.</summary>
    LogExists = 8,

    /// <summary>The invite was never given out, is used up or has expired: the three look alike.</summary>
    BadInvite = 9,

    /// <summary>Nobody has this PIN.</summary>
    UnknownPin = 10,

    /// <summary>Too many requests of this kind: try again later.</summary>
    TooMany = 11,

    /// <summary>The server's disk is full or failing; nothing was stored.</summary>
    StorageFailed = 12,

    /// <summary>No such blob, or the delete token is wrong.</summary>
    UnknownBlob = 13,

    /// <summary>The upload's offset or size does not fit what is stored.</summary>
    BlobConflict = 14,

    /// <summary>A delivery names a device that does not exist.</summary>
    UnknownDevice = 15,

    /// <summary>The server is ending: connect again in a moment.</summary>
    ShuttingDown = 16,

    /// <summary>This is the connection of a locked device: it reads, and changes nothing.</summary>
    ReadOnly = 17,
}
