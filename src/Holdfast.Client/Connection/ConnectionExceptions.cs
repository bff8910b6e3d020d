using Holdfast.Protocol;

namespace Holdfast.Client;

/// <summary>The server refused a request; it changed nothing.</summary>
internal sealed class RefusedException(RefusalCode code) : Exception($"the server refused: {code}")
{
    internal RefusalCode Code => code;

    /// <summary>Whether the same request may succeed later.</summary>
    internal bool MayPass => code is RefusalCode.TooMany or RefusalCode.StorageFailed or RefusalCode.ShuttingDown or RefusalCode.NotLoggedIn;

    /// <summary>Whether it passes by itself within moments: whoever waits goes on waiting.</summary>
    internal bool IsBrief => MayPass && code != RefusalCode.StorageFailed;

    /// <summary>What a person is told.</summary>
    internal string Sentence => code switch
    {
        RefusalCode.BadInvite => "The invite is unknown, used up or expired: ask for a new one.",
        RefusalCode.UnknownPin => "Nobody on this server has this PIN: compare it with what you were given.",
        RefusalCode.TooMany => "The server has had too many requests of this kind: try again later.",
        RefusalCode.StorageFailed => "The server cannot store anything at the moment: its disk is full or failing. Tell whoever runs it, and try again later.",
        RefusalCode.ShuttingDown or RefusalCode.NotLoggedIn => "The server is restarting: try again in a moment.",
        RefusalCode.TooLarge => "This is larger than the server takes: send less at a time.",
        RefusalCode.UnknownBlob => "The file is no longer on the server: ask whoever sent it to send it again.",
        RefusalCode.UnknownDevice => "One of their devices is no longer on the server.",
        RefusalCode.BadLogin => "The server does not know this device: ask whoever runs it whether it was set up anew.",
        RefusalCode.Cloned => "This profile was used elsewhere after this state of it: it is a copy, or was restored from a backup, and sends nothing. To go on with this one: holdfast recover.",
        _ => $"The server refused ({code}).",
    };
}

/// <summary>A server's address is not an https address.</summary>
internal sealed class ServerAddressException() : Exception("the server's address is not an https address");

/// <summary>There is no connection, or it ended before the answer came.</summary>
internal sealed class SessionEndedException() : Exception("the connection has ended");

/// <summary>The server could not be reached.</summary>
/// <param name="server">Its address.</param>
/// <param name="isOther">Whether something answered that does not have the pinned key.</param>
internal sealed class UnreachableException(Uri server, bool isOther = false) : Exception("the server cannot be reached")
{
    /// <summary>Its address, as in the invite.</summary>
    internal string Server => server.GetLeftPart(UriPartial.Authority);

    /// <summary>Whether something answered that does not have the pinned key.</summary>
    internal bool IsOther => isOther;
}
