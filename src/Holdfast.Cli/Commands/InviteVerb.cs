using System.CommandLine;
using Holdfast.Cli.Rendering;
using Holdfast.Client;

namespace Holdfast.Cli.Commands;

/// <summary><c>holdfast invite</c>: a member invites.</summary>
internal static class InviteVerb
{
    /// <summary>How long an invite lasts where nothing else is said.</summary>
    public const ulong UsualDays = 7;

    public static Option<ulong?> Count { get; } = CommonOptions.Number("--count", "N", "How many invites (default 1).", 1, InviteCommand.MostInvites);

    public static Option<ulong?> Expires { get; } =
        CommonOptions.Number("--expires", "DAYS", $"After how many days they expire (default {UsualDays}).", 1, InviteCommand.MostDays);

    public static Command Build() => Verb.Make("invite", "Invite someone: prints one line to hand over, good for one person.", RunAsync, Count, Expires);

    private static async Task RunAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        await using var link = await invocation.OpenAsync(cancellationToken);
        var command = new InviteCommand((int)(invocation.Of(Count) ?? 1), (int)(invocation.Of(Expires) ?? UsualDays));
        await foreach (var answer in link.AskAsync(command, cancellationToken))
            if (answer is InviteAnswer invite) invocation.Screen.Write(invocation.Screen.IsJson ? AnswerJson.Of(invite) : invite.Link);
    }
}
