using System.CommandLine;
using System.Globalization;
using Holdfast.Cli.Processes;
using Holdfast.Cli.Rendering;

namespace Holdfast.Cli.Commands;

/// <summary><c>holdfast server</c>: what the operator runs beside the server.</summary>
internal static class ServerVerbs
{
    public static Option<string?> Data { get; } = new("--data")
    {
        Description = "The server's folder (default: in your data folder).", HelpName = "DIR",
    };

    public static Option<string?> PublicUrl { get; } = new("--public-url")
    {
        Description = "The address that invites carry (default: the one it listens on).", HelpName = "URL",
    };

    private static readonly Option<string?> Listen = new("--listen") { Description = "Where it listens, as https://HOST:PORT.", HelpName = "URL" };
    private static readonly Option<string?> Certificate = new("--tls-cert") { Description = "A certificate (default: one of its own).", HelpName = "FILE" };
    private static readonly Option<string?> Key = new("--tls-key") { Description = "The certificate's key.", HelpName = "FILE" };

    private static readonly Option<ulong?> Retention = CommonOptions.Number("--retention-days", "DAYS", "How long it keeps what was sent (default 30).", 1, 3650);
    private static readonly Option<ulong?> Count = CommonOptions.Number("--count", "N", "How many invites (default 1).", 1, 10_000);

    public static Command Build() => Verb.Group("server", "Run a server, and invite its first people.",
        Verb.Make("run", "Run the server alone. Its first start prints the owner's invite.", RunAsync, Data, Listen, PublicUrl, Certificate, Key, Retention),
        Verb.Make("invite", "Make invites beside the server, as its operator.", InviteAsync, Data, Count, InviteVerb.Expires));

    /// <summary>The server's folder.</summary>
    public static string DataOf(Invocation invocation) =>
        Path.GetFullPath(invocation.Of(Data) ?? Path.Combine(CommonOptions.DataFolder(Data.Name), "server"));

    private static async Task RunAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        List<string> arguments = ["run", Data.Name, DataOf(invocation)];
        foreach (var option in (ReadOnlySpan<Option<string?>>)[Listen, PublicUrl, Certificate, Key])
            if (invocation.Of(option) is { } value) arguments.AddRange([option.Name, value]);
        if (invocation.Of(Retention) is { } days) arguments.AddRange([Retention.Name, days.ToString(CultureInfo.InvariantCulture)]);
        await ServerExecutable.BecomeAsync(arguments, cancellationToken);
    }

    private static async Task InviteAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        var invites = await ServerExecutable.InviteAsync(
            DataOf(invocation), invocation.Of(Count) ?? 1, invocation.Of(InviteVerb.Expires), cancellationToken);
        invocation.Screen.WriteAll(invocation.Screen.IsJson ? invites.Select(AnswerJson.Invite) : invites);
    }
}
