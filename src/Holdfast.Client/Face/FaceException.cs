namespace Holdfast.Client;

/// <summary>A command that was not carried out, with what a person is told.</summary>
/// <param name="exit">The exit code.</param>
/// <param name="code">A stable word in kebab-case, one of <see cref="FaceCode"/>.</param>
/// <param name="message">Why and what to do, in a sentence without secrets.</param>
public sealed class FaceException(ExitCode exit, string code, string message) : Exception(message)
{
    /// <summary>The exit code.</summary>
    public ExitCode Exit => exit;

    /// <summary>A stable word in kebab-case.</summary>
    public string Code => code;

    /// <summary>What was asked for needs an unlocked profile.</summary>
    internal static FaceException Locked() => new(ExitCode.Locked, FaceCode.Locked, "The profile is locked: unlock it first.");

    /// <summary>There is nothing yet that could be opened, or no account in it.</summary>
    internal static FaceException NotJoined() =>
        new(ExitCode.Failed, FaceCode.NotJoined, "There is no account in this profile yet: join with an invite first.");

    /// <summary>A join where there is an account.</summary>
    public static FaceException AlreadyJoined() => new(
        ExitCode.Failed, FaceCode.AlreadyJoined,
        "There is an account in this profile already: make another in a folder of its own, with --profile DIR.");
}

/// <summary>The stable words that say why a command failed.</summary>
public static class FaceCode
{
    /// <summary>The profile is locked: unlock it first.</summary>
    public const string Locked = "locked";

    /// <summary>The passcode is wrong.</summary>
    public const string WrongPasscode = "wrong-passcode";

    /// <summary>The token PIN is wrong or missing, or no more are taken now.</summary>
    public const string WrongTokenPin = "wrong-token-pin";

    /// <summary>The token is not there, failed, did not answer or is not fit.</summary>
    public const string TokenFailed = "token-failed";

    /// <summary>Wrong passcodes have been tried: the next has to wait.</summary>
    public const string TooManyTries = "too-many-tries";

    /// <summary>So many old messages are not read back at once without the passcode.</summary>
    public const string QuotaReached = "quota-reached";

    /// <summary>There is no account in this profile yet.</summary>
    public const string NotJoined = "not-joined";

    /// <summary>There is an account in this profile already.</summary>
    public const string AlreadyJoined = "already-joined";

    /// <summary>The server cannot be reached.</summary>
    public const string Unreachable = "unreachable";

    /// <summary>The server cannot be reached; what was to be sent is kept and goes out when it can.</summary>
    public const string Queued = "queued";

    /// <summary>The server's key is not the one of the invite.</summary>
    public const string WrongServer = "wrong-server";

    /// <summary>No such conversation, person, message, attachment or file.</summary>
    public const string NotFound = "not-found";

    /// <summary>The name fits several; the message lists them.</summary>
    public const string Ambiguous = "ambiguous";

    /// <summary>One of our own contacts or conversations has this name.</summary>
    public const string NameTaken = "name-taken";

    /// <summary>The invite, name or PIN cannot be read.</summary>
    public const string Invalid = "invalid";

    /// <summary>The vault refused as things are.</summary>
    public const string Refused = "refused";

    /// <summary>This profile is a copy of one that went on elsewhere.</summary>
    public const string Cloned = "cloned";

    /// <summary>The disk is full or failing, here or at the server.</summary>
    public const string StorageFailed = "storage-failed";

    /// <summary>An attachment's bytes are not what its sender sealed.</summary>
    public const string Damaged = "damaged";

    /// <summary>The agent ended in the middle, or could not be started.</summary>
    public const string AgentEnded = "agent-ended";

    /// <summary>A mistake of ours.</summary>
    public const string Internal = "internal";
}
