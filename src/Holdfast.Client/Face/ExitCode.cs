namespace Holdfast.Client;

/// <summary>How a command ended: the exit codes of the command line.</summary>
public enum ExitCode
{
    /// <summary>Done.</summary>
    Done = 0,

    /// <summary>Refused or failed, with a reason.</summary>
    Failed = 1,

    /// <summary>The command was written wrongly.</summary>
    Usage = 2,

    /// <summary>The server cannot be reached.</summary>
    Unreachable = 3,

    /// <summary>The profile is locked, or the passcode is wrong.</summary>
    Locked = 4,
}
