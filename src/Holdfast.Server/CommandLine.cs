using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using Holdfast.Protocol;
using Holdfast.Server.Invites;
using Holdfast.Server.Storage.Postgres;

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
        holdfast-server run --data DIR | --database postgres://USER@HOST:PORT/NAME [--listen https://127.0.0.1:7443]
                            [--public-url URL] [--tls-cert FILE --tls-key FILE] [--retention-days 30] [--drain-seconds 5]
                            [--metrics http://127.0.0.1:9464] [--trusted-proxy NETWORK,...] [--tls12]
                            [--max-connections 20000] [--connections-per-address 500] [--sends-per-second 1000]
                            [--blob-gib-per-day 64] [--log-format text|json] [--end-with-input]
            Runs the server. The very first start prints the owner's invite. With --end-with-input it ends when its standard
            input is closed, and so with the program that started it. On SIGTERM it finishes what is under way and ends
            connections one after the other, within --drain-seconds; a second SIGTERM ends it at once. With --metrics it tells
            totals at /metrics there, in Prometheus' text format. Limits against abuse go by device, account and address; the
            address is the peer's, or the one that a proxy in a --trusted-proxy network names in X-Forwarded-For or Forwarded.
            TLS is 1.3; with --tls12 also 1.2, with authenticated encryption only. Diagnostics go to standard error,
            as text or as one JSON object a line.

            A proxy on the same machine may end TLS, with the server's own certificate (tls.crt and tls.key): then --listen is an
            address such as http://127.0.0.1:7080, and --public-url says where people reach the proxy.

            --data DIR is a folder of its own, with all that the server has. --database is a PostgreSQL (14 or later) for one
            server or many: start it on as many machines as you like, clients may connect to any of them. A password goes into
            a password file (PGPASSFILE or ~/.pgpass), never into the address.

        holdfast-server invite --data DIR | --database ADDRESS [--count N] [--expires DAYS]
            Prints new invites, one per line, each good for one account. Works beside a running server.

        """;

    private const int MostInvites = 10_000;
    private const int MostInviteDays = ProtocolLimits.InviteDays;
    private const int MostRetentionDays = 3650;
    private const int MostDrainSeconds = 600;
    private const int MostOfAnything = 1_000_000;

    private const string EndWithInput = "--end-with-input";
    private const string Tls12 = "--tls12";

    private static readonly string[] RunOptions =
    [
        "--data", "--database", "--listen", "--public-url", "--tls-cert", "--tls-key", "--retention-days", "--drain-seconds", "--metrics",
        "--trusted-proxy", "--max-connections", "--connections-per-address", "--sends-per-second", "--blob-gib-per-day", "--log-format",
    ];
    private static readonly string[] InviteOptions = ["--data", "--database", "--count", "--expires"];

    /// <summary>Reads the arguments.</summary>
    /// <exception cref="UsageException">They make no sense.</exception>
    public static CommandLine Parse(IReadOnlyList<string> arguments)
    {
        bool inviting = arguments[0] switch
        {
            "run" => false,
            "invite" => true,
            _ => throw new UsageException("The first word must be run, invite, backup, restore, stats, move or stepped-back."),
        };
        bool endsWithInput = !inviting && arguments.Contains(EndWithInput), tls12 = !inviting && arguments.Contains(Tls12);
        if (!inviting) arguments = [.. arguments.Where(static argument => argument is not (EndWithInput or Tls12))];
        var values = Values(arguments, inviting ? InviteOptions : RunOptions);
        string? data = values.GetValueOrDefault("--data"), database = values.GetValueOrDefault("--database");
        if (data is null && database is null) throw new UsageException("--data DIR is missing, or --database ADDRESS.");
        if (data is not null && database is not null) throw new UsageException("--data and --database exclude each other: a server has one of them.");
        if (values.ContainsKey("--tls-cert") != values.ContainsKey("--tls-key")) throw new UsageException("--tls-cert and --tls-key go together.");
        var server = new ServerOptions(data is null ? ServerOptions.NoFolder : Path.GetFullPath(data))
        {
            Database = database is null ? null : PostgresAddress.Parse(database),
            PublicUrl = values.TryGetValue("--public-url", out string? address) ? Https(address, "--public-url").GetLeftPart(UriPartial.Authority) : null,
            TlsCertificate = values.GetValueOrDefault("--tls-cert"),
            TlsKey = values.GetValueOrDefault("--tls-key"),
            RetentionDays = Number(values, "--retention-days", 30, MostRetentionDays),
            Tls12 = tls12,
            TrustedProxies = values.TryGetValue("--trusted-proxy", out string? proxies) ? [.. proxies.Split(',').Select(Network)] : [],
            MostConnections = Number(values, "--max-connections", 20_000, MostOfAnything),
            ConnectionsPerAddress = Number(values, "--connections-per-address", 500, MostOfAnything),
            SendsPerSecond = Number(values, "--sends-per-second", 1_000, MostOfAnything),
            BlobBytesPerDay = (long)Number(values, "--blob-gib-per-day", 64, MostOfAnything) << 30,
            JsonDiagnostics = IsJson(values.GetValueOrDefault("--log-format", "text")),
            DrainTime = TimeSpan.FromSeconds(Number(values, "--drain-seconds", 5, MostDrainSeconds)),
        };
        if (values.TryGetValue("--metrics", out string? metrics)) server = server with { Metrics = Loopback(metrics) };
        if (values.TryGetValue("--listen", out string? listen)) server = server with { Listen = Listening(listen, server.PublicUrl) };
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
        IsLoopback(text, out var address)
            ? address
            : throw new UsageException("--metrics is an address that only this machine reaches, such as http://127.0.0.1:9464.");

    /// <summary>Without TLS only where nothing but this machine's own proxy, which ends it, can connect.</summary>
    private static Uri Listening(string text, string? publicUrl)
    {
        if (!text.StartsWith("http://", StringComparison.Ordinal)) return Https(text, "--listen");
        if (publicUrl is null) throw new UsageException("--listen without TLS is for a proxy that ends it: say with --public-url where people reach that.");
        return IsLoopback(text, out var address)
            ? address
            : throw new UsageException("--listen takes an address without TLS only where nobody but this machine reaches it, such as http://127.0.0.1:7080.");
    }

    private static bool IsLoopback(string text, [NotNullWhen(true)] out Uri? address) =>
        Uri.TryCreate(text, UriKind.Absolute, out address) && address.Scheme == Uri.UriSchemeHttp && address.PathAndQuery == "/" &&
        IPAddress.TryParse(address.Host.Trim('[', ']'), out var host) && IPAddress.IsLoopback(host);

    private static bool IsJson(string format) =>
        format is "text" or "json" ? format == "json" : throw new UsageException("--log-format is text or json.");

    /// <summary>An address alone is a network of one.</summary>
    private static IPNetwork Network(string text)
    {
        if (IPNetwork.TryParse(text, out var network)) return network;
        bool isWhole = text.Contains(':', StringComparison.Ordinal) || text.Count(static c => c == '.') == 3;   // 10.5 would be taken for 10.0.0.5
        return isWhole && IPAddress.TryParse(text, out var address)
            ? new IPNetwork(address, address.GetAddressBytes().Length * 8)
            : throw new UsageException("--trusted-proxy is one network or address, or several, such as 10.0.0.0/8,fd00::/8.");
    }

    private static Uri Https(string text, string option) =>
        Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme == Uri.UriSchemeHttps && address.PathAndQuery == "/"
            ? address
            : throw new UsageException($"{option} is an address such as https://127.0.0.1:7443.");
}
