using Holdfast.Protocol;

namespace Holdfast.Client;

/// <summary>What is wrong with what a person wrote, told by the face before anything is started or asked.</summary>
public static class Written
{
    /// <summary>How an invite's line begins.</summary>
    public const string InvitePrefix = Invite.Prefix;

    /// <summary>The longest message, in bytes of UTF-8.</summary>
    public const int MostTextBytes = ProtocolLimits.TextBytes;

    /// <summary>What is wrong with an invite's line, in a sentence, or null.</summary>
    public static string? InviteProblem(string text) => Invite.TryParse(text, out _, out string? problem) ? null : problem;

    /// <summary>Whether an invite's line leads to the server that has this key, in hexadecimal.</summary>
    public static bool IsInviteTo(string text, string serverKey) =>
        Invite.TryParse(text, out var invite, out _) && string.Equals(Convert.ToHexString(invite!.ServerKey.Span), serverKey, StringComparison.OrdinalIgnoreCase);

    /// <summary>What is wrong with a PIN or an invite's line, in a sentence, or null.</summary>
    public static string? PersonProblem(string text) => text.Trim().StartsWith(Invite.Prefix, StringComparison.OrdinalIgnoreCase)
        ? InviteProblem(text)
        : Pin.TryParse(text, out _, out string? problem) ? null : problem;

    /// <summary>What is wrong with an attachment's id, in a sentence, or null.</summary>
    public static string? AttachmentProblem(string text) =>
        MessageId.Parse(text) is null ? "An attachment's id has 32 hexadecimal digits: \"holdfast read\" shows it beside the file's name." : null;

    /// <summary>What is wrong with what is searched for, in a sentence, or null.</summary>
    public static string? SearchProblem(string words) =>
        string.IsNullOrWhiteSpace(words) ? "Type the words to search for." : SearchLimits.Problem(words);

    /// <summary>What is wrong with a name, in a sentence, or null.</summary>
    public static string? NameProblem(string name) => DisplayName.Problem(name);
}
