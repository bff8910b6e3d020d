using System.Globalization;
using System.Net;
using Holdfast.Protocol;
using Holdfast.Server.Invites;

namespace Holdfast.Server;

/// <summary>The command line was wrong; the message says how.</summary>
internal sealed class UsageException(string message) : Exception(message);

/// <summary>What was typed, understood.</summary>
/// <param name="Server">How the server runs.</param>
/// <param name="Invites">Null to run; else how many invites to make.</param>
/// <param name="InviteDays">For how many days these are good.</param>
/// <param name="EndsWithInput">Whether the server ends when its standard input does: however the process that started it dies.</param>
internal sealed record CommandLine(ServerOptions Server, int? Invites, int InviteDays, bool EndsWithInput)
{
    public const string Help =
        """
        holdfast-server run --data DIR [--listen https://127.0.0.1:7443] [--public-url URL]
                            [--tls-cert FILE --tls-key FILE] [--retention-days 30] [--drain-seconds 5]
                            [--metrics http://127.0.0.1:9464] [--end-with-input]
            Runs the server. The very first start prints the owner's invite. With --end-with-input it ends when its standard
            input is closed, and so with the program that started it. On SIGTERM it finishes what is under way and ends
            connections one after the other, within --drain-seconds; a second SIGTERM ends it at once. With --metrics it tells
            totals at /metrics there, in Prometheus' text format.

        holdfast-server invite --data DIR [--count N] [--expires DAYS]
            Prints new invites, one per line, each good for one account. Works beside a running server.

        """;

    private const int MostInvites = 10_000;
    private const int MostInviteDays = ProtocolLimits.InviteDays;
    private const int MostRetentionDays = 3650;
    private const int MostDrainSeconds = 600;

    private const string EndWithInput = "--end-with-input";

    private static readonly string[] RunOptions = ["--data", "--listen", "--public-url", "--tls-cert", "--tls-key", "--retention-days", "--drain-seconds", "--metrics"];
    private static readonly string[] InviteOptions = ["--data", "--count", "--expires"];

    /// <summary>Reads the arguments.</summary>
    /// <exception cref="UsageException">They make no sense.</exception>
    public static CommandLine Parse(IReadOnlyList<string> arguments)
    {
        bool inviting = arguments[0] switch
        {
            "run" => false,
            "invite" => true,
            _ => throw new UsageException("The first word must be run, invite, backup, restore or stats."),
        };
        bool endsWithInput = !inviting && arguments.Contains(EndWithInput);
        if (endsWithInput) arguments = [.. arguments.Where(static argument => argument != EndWithInput)];
        var values = Values(arguments, inviting ? InviteOptions : RunOptions);
        string data = values.GetValueOrDefault("--data") ?? throw new UsageException("--data DIR is missing.");
        if (values.ContainsKey("--tls-cert") != values.ContainsKey("--tls-key")) throw new UsageException("--tls-cert and --tls-key go together.");
        var server = new ServerOptions(Path.GetFullPath(data))
        {
            PublicUrl = values.TryGetValue("--public-url", out string? address) ? Https(address, "--public-url").GetLeftPart(UriPartial.Authority) : null,
            TlsCertificate = values.GetValueOrDefault("--tls-cert"),
            TlsKey = values.GetValueOrDefault("--tls-key"),
            RetentionDays = Number(values, "--retention-days", 30, MostRetentionDays),
            DrainTime = TimeSpan.FromSeconds(Number(values, "--drain-seconds", 5, MostDrainSeconds)),
        };
        if (values.TryGetValue("--metrics", out string? metrics)) server = server with { Metrics = Loopback(metrics) };
        if (values.TryGetValue("--listen", out string? listen)) server = server with { Listen = Https(listen, "--listen") };
        int? invites = inviting ? Number(values, "--count", 1, MostInvites) : null;
        return new(server, invites, Number(values, "--expires", OwnerInvites.DefaultDays, MostInviteDays), endsWithInput);
    }

    internal static Dictionary<string, string> Values(IReadOnlyList<string> arguments, string[] known)
    {
        var values = new Dictionary<string, string>();
        for (int i = 1; i < arguments.Count; i += 2)
        {
            if (!known.Contains(arguments[i])) throw new UsageException($"{arguments[i]} is not an option of {arguments[0]}.");
            if (i + 1 == arguments.Count) throw new UsageException($"{arguments[i]} needs a value.");
            if (!values.TryAdd(arguments[i], arguments[i + 1])) throw new UsageException($"{arguments[i]} was given twice.");
        }
        return values;
    }

    private static int Number(Dictionary<string, string> values, string option, int otherwise, int most)
    {
        if (!values.TryGetValue(option, out string? text)) return otherwise;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= 1 && number <= most
            ? number
            : throw new UsageException($"{option} is a number from 1 to {most}.");
    }

    /// <summary>Whoever reaches this machine from outside is not to read totals.</summary>
    private static Uri Loopback(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme == Uri.UriSchemeHttp && address.PathAndQuery == "/" &&
            IPAddress.TryParse(address.Host.Trim('[', ']'), out var host) && IPAddress.IsLoopback(host)
            ? address
            : throw new UsageException("--metrics is an address that only this machine reaches, such as http://127.0.0.1:9464.");

    private static Uri Https(string text, string option) =>
        Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme == Uri.UriSchemeHttps && address.PathAndQuery == "/"
            ? address
            : throw new UsageException($"{option} is an address such as https://127.0.0.1:7443.");
}
