namespace Holdfast.Server.Limits;

/// <summary>What nobody may do without end.</summary>
internal enum Limited
{
    /// <summary>A device: submitting posts.</summary>
    Sends,

    /// <summary>A device: making logs.</summary>
    Logs,

    /// <summary>A device: filing inbox items.</summary>
    Deliveries,

    /// <summary>A device: making blobs.</summary>
    Blobs,

    /// <summary>A device: submitting commits.</summary>
    Commits,

    /// <summary>An account: claiming key packages.</summary>
    Claims,

    /// <summary>An account: asking for PINs that nobody has.</summary>
    UnknownPins,

    /// <summary>An account: registering invites.</summary>
    Invites,

    /// <summary>An account: bytes of blobs.</summary>
    BlobBytes,

    /// <summary>An address: opening sockets.</summary>
    Sockets,

    /// <summary>An address: opening devices' connections.</summary>
    Connects,

    /// <summary>An address: connections, or sockets, open at once.</summary>
    Open,

    /// <summary>An address: logins that fail.</summary>
    FailedLogins,

    /// <summary>An address: registrations that fail.</summary>
    WrongInvites,

    /// <summary>The server: connections open at once.</summary>
    Capacity,

    /// <summary>The server: more than it can write.</summary>
    Overload,
}
