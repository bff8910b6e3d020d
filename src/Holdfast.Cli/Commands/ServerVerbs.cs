using System.CommandLine;
using System.Globalization;
using Holdfast.Cli.Processes;
using Holdfast.Cli.Rendering;
using Holdfast.Client;

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

    private static readonly Option<string?> Database = new("--database")
    {
        Description = "In place of a folder: a PostgreSQL that servers share, as postgres://USER@HOST:PORT/NAME.", HelpName = "ADDRESS",
    };

    private static readonly Option<string?> Listen = new("--listen") { Description = "Where it listens, as https://HOST:PORT.", HelpName = "URL" };
    private static readonly Option<string?> Certificate = new("--tls-cert") { Description = "A certificate (default: one of its own).", HelpName = "FILE" };
    private static readonly Option<string?> Key = new("--tls-key") { Description = "The certificate's key.", HelpName = "FILE" };

    private static readonly Option<string?> Metrics = new("--metrics") { Description = "Where it tells totals, as http://127.0.0.1:9464 (default: nowhere).", HelpName = "URL" };
    private static readonly Option<string?> Proxies = new("--trusted-proxy") { Description = "Proxies whose word for an address is taken.", HelpName = "NETWORK,..." };
    private static readonly Option<string?> LogFormat = new("--log-format") { Description = "Diagnostics as text or json (default text).", HelpName = "FORMAT" };
    private static readonly Option<string?> To = new("--to") { Description = "Where to: a file, or the address of a database.", HelpName = "PLACE", Required = true };
    private static readonly Option<string?> From = new("--from") { Description = "The backup.", HelpName = "FILE", Required = true };
    private static readonly Option<string?> SteppedBack = new("--database") { Description = "The database.", HelpName = "ADDRESS", Required = true };
    private static readonly Option<bool> Tls12 = new("--tls12") { Description = "Speak TLS 1.2, too." };

    private static readonly Option<ulong?> Drain = CommonOptions.Number("--drain-seconds", "SECONDS", "How long ending may take (default 5).", 1, 600);
    private static readonly Option<ulong?> Connections = CommonOptions.Number("--max-connections", "N", "How many connections (default 20000).", 1, 1_000_000);
    private static readonly Option<ulong?> PerAddress =
        CommonOptions.Number("--connections-per-address", "N", "How many of one address (default 500).", 1, 1_000_000);
    private static readonly Option<ulong?> Sends = CommonOptions.Number("--sends-per-second", "N", "How many posts of one device (default 1000).", 1, 1_000_000);
    private static readonly Option<ulong?> Blobs = CommonOptions.Number("--blob-gib-per-day", "N", "GiB of files of one account (default 64).", 1, 1_000_000);
    private static readonly Option<ulong?> Retention = CommonOptions.Number("--retention-days", "DAYS", "How long it keeps what was sent (default 30).", 1, 3650);
    private static readonly Option<ulong?> Count = CommonOptions.Number("--count", "N", "How many invites (default 1).", 1, 10_000);

    public static Command Build() => Verb.Group("server", "Run a server, and invite its first people.",
        Verb.Make("run", "Run the server alone. Its first start prints the owner's invite.", RunAsync, Data, Database, Listen, PublicUrl, Certificate, Key,
            Retention, Drain, Metrics, Proxies, Tls12, Connections, PerAddress, Sends, Blobs, LogFormat),
        Verb.Make("invite", "Make invites beside the server, as its operator.", InviteAsync, Data, Database, Count, InviteVerb.Expires),
        Verb.Make("backup", "Copy all that the server has into one new file, also while it runs.", BackupAsync, Data, To),
        Verb.Make("restore", "Make a new folder from a backup.", RestoreAsync, Data, From),
        Verb.Make("stats", "How much the server has and when it goes: totals, never who.", StatsAsync, Data),
        Verb.Make("move", "Copy all that a stopped server has into an empty PostgreSQL.", MoveAsync, Data, To),
        Verb.Make("stepped-back", "Run it once after PostgreSQL's own tools have brought back an older state.", StepBackAsync, SteppedBack));

    /// <summary>Where the server has what it has.</summary>
    /// <exception cref="FaceException">Both were named.</exception>
    private static string[] PlaceOf(Invocation invocation)
    {
        if (invocation.Of(Database) is not { } address) return [Data.Name, DataOf(invocation)];
        return invocation.Of(Data) is null
            ? [Database.Name, address]
            : throw Failure.Usage("--data and --database exclude each other: a server has one of them. See \"holdfast server --help\".");
    }

    private static Task BackupAsync(Invocation invocation, CancellationToken cancellationToken) =>
        ServerExecutable.BecomeAsync(["backup", Data.Name, DataOf(invocation), To.Name, invocation.Of(To)!], cancellationToken);

    private static Task RestoreAsync(Invocation invocation, CancellationToken cancellationToken) =>
        ServerExecutable.BecomeAsync(["restore", Data.Name, DataOf(invocation), From.Name, invocation.Of(From)!], cancellationToken);

    private static Task StatsAsync(Invocation invocation, CancellationToken cancellationToken) => ServerExecutable.BecomeAsync(
        ["stats", Data.Name, DataOf(invocation), .. invocation.Screen.IsJson ? (string[])["--json"] : []], cancellationToken);

    private static Task MoveAsync(Invocation invocation, CancellationToken cancellationToken) =>
        ServerExecutable.BecomeAsync(["move", Data.Name, DataOf(invocation), To.Name, invocation.Of(To)!], cancellationToken);

    private static Task StepBackAsync(Invocation invocation, CancellationToken cancellationToken) =>
        ServerExecutable.BecomeAsync(["stepped-back", Database.Name, invocation.Of(SteppedBack)!], cancellationToken);

    /// <summary>The server's folder.</summary>
    public static string DataOf(Invocation invocation) =>
        Path.GetFullPath(invocation.Of(Data) ?? Path.Combine(CommonOptions.DataFolder(Data.Name), "server"));

    private static async Task RunAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        List<string> arguments = ["run", .. PlaceOf(invocation)];
        foreach (var option in (ReadOnlySpan<Option<string?>>)[Listen, PublicUrl, Certificate, Key, Metrics, Proxies, LogFormat])
            if (invocation.Of(option) is { } value) arguments.AddRange([option.Name, value]);
        foreach (var option in (ReadOnlySpan<Option<ulong?>>)[Retention, Drain, Connections, PerAddress, Sends, Blobs])
            if (invocation.Of(option) is { } number) arguments.AddRange([option.Name, number.ToString(CultureInfo.InvariantCulture)]);
        if (invocation.Of(Tls12)) arguments.Add(Tls12.Name);
        await ServerExecutable.BecomeAsync(arguments, cancellationToken);
    }

    private static async Task InviteAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        var invites = await ServerExecutable.InviteAsync(
            PlaceOf(invocation), invocation.Of(Count) ?? 1, invocation.Of(InviteVerb.Expires), cancellationToken);
        invocation.Screen.WriteAll(invocation.Screen.IsJson ? invites.Select(AnswerJson.Invite) : invites);
    }
}
