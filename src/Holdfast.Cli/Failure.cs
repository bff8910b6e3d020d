using Holdfast.Client;

namespace Holdfast.Cli;

/// <summary>The failures this face finds by itself, before or beside the agent's.</summary>
internal static class Failure
{
    public static FaceException Usage(string message) => new(ExitCode.Usage, "usage", message);

    public static FaceException Refused(string code, string message) => new(ExitCode.Failed, code, message);

    /// <summary>What was typed cannot be what was meant: mistyped, or not there.</summary>
    public static void RequireSense(string? problem)
    {
        if (problem is not null) throw new FaceException(ExitCode.Usage, FaceCode.Invalid, problem);
    }

    public static FaceException NoPasscode(string message) => new(ExitCode.Locked, FaceCode.Locked, message);

    /// <summary>The server's program is missing, does not start or makes no invite.</summary>
    public static FaceException Server(string message) => new(ExitCode.Failed, "server-failed", message);

    /// <summary>A passcode was chosen here, but no server has taken anybody in.</summary>
    /// <param name="profile">What to add to the command so that it means this profile.</param>
    public static FaceException NoAccount(string profile) => new(
        ExitCode.Failed, FaceCode.NotJoined,
        $"There is no account in this profile yet: type \"holdfast join INVITE --name NAME{profile}\" with an invite that has not been used.");

    /// <summary>There is nobody in this profile yet.</summary>
    public static FaceException NoProfile(Profile profile) => new(
        ExitCode.Failed, FaceCode.NotJoined, $"There is no profile in {profile.Directory} yet: type \"holdfast up\", or \"holdfast join INVITE --name NAME\" with an invite.");
}
