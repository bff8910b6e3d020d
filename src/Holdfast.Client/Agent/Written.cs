using Holdfast.Protocol;

namespace Holdfast.Client;

/// <summary>What is wrong with what a person wrote, told by the face before anything is started or asked.</summary>
public static class Written
{
    /// <summary>What is wrong with an invite's line, in a sentence, or null.</summary>
    public static string? InviteProblem(string text) => Invite.TryParse(text, out _, out string? problem) ? null : problem;

    /// <summary>What is wrong with a name, in a sentence, or null.</summary>
    public static string? NameProblem(string name) => DisplayName.Problem(name);
}
