using System.Globalization;
using Holdfast.Server.Bench.Peers;

namespace Holdfast.Server.Bench;

/// <summary>What was typed.</summary>
/// <param name="Measure">Which of the measures.</param>
internal sealed record BenchOptions(string Measure)
{
    /// <summary>The server's argument that names a PostgreSQL.</summary>
    public const string Database = "--database";

    /// <summary>How long each load is measured; 0 for the measure's own time.</summary>
    public int Seconds { get; private init; }

    /// <summary>How many clients; 0 for the measure's own numbers.</summary>
    public int Clients { get; private init; }

    /// <summary>How many kills.</summary>
    public int Kills { get; private init; } = 40;

    /// <summary>Where each run of kills is kept as a line of its own.</summary>
    public string? KillsFile { get; private init; }

    /// <summary>How many nodes; a client connects to any.</summary>
    public int Nodes { get; private init; } = 1;

    /// <summary>What random moments follow from.</summary>
    public int Seed { get; private init; } = 1;

    /// <summary>Without TLS, as behind a proxy.</summary>
    public bool IsPlain { get; private init; }

    /// <summary>XMPP servers that are measured by turns with ours.</summary>
    public IReadOnlyList<Peer> Peers { get; private init; } = [];

    /// <summary>An empty PostgreSQL for ours, beside them.</summary>
    public string? Postgres { get; private init; }

    /// <summary>Passed on to the server.</summary>
    public IReadOnlyList<string> ServerArguments { get; private init; } = [];

    /// <summary>Whether the server has a PostgreSQL, which nodes may share.</summary>
    public bool IsShared => ServerArguments.Contains(Database);

    /// <summary>The server's executable.</summary>
    public string Server { get; private init; } = "artifacts/bin/Holdfast.Server/release/holdfast-server";

    /// <summary>Where figures are kept.</summary>
    public string Results { get; private init; } = "bench/results/server.json";

    public static BenchOptions Parse(string[] arguments)
    {
        var options = new BenchOptions(arguments[0]);
        for (int i = 1; i < arguments.Length; i++)
        {
            string name = arguments[i];
            if (name == "--plain")
            {
                options = options with { IsPlain = true };
                continue;
            }
            if (++i == arguments.Length) throw new ArgumentException($"{name} needs a value");
            options = options.Set(name, arguments[i]);
        }
        return options;
    }

    /// <summary>With further arguments for the server, which belong to the measure.</summary>
    public BenchOptions With(params IEnumerable<string> serverArguments) => this with { ServerArguments = [.. ServerArguments, .. serverArguments] };

    public override string ToString() => string.Join(' ', Words());

    /// <summary>All that was not left as it is.</summary>
    private IEnumerable<string> Words()
    {
        yield return Measure;
        if (Seconds > 0) yield return $"--seconds {Seconds}";
        if (Clients > 0) yield return $"--clients {Clients}";
        if (Measure == "kills") yield return $"--kills {Kills}";
        if (Nodes > 1) yield return $"--nodes {Nodes}";
        yield return $"--seed {Seed}";
        if (IsPlain) yield return "--plain";
        if (ServerArguments.Count > 0) yield return $"--server-arguments \"{string.Join(' ', ServerArguments.Select(WithoutPassword))}\"";
    }

    private BenchOptions Set(string name, string value) => name switch
    {
        "--seconds" => this with { Seconds = Number(value) },
        "--clients" => this with { Clients = Number(value) },
        "--kills" => this with { Kills = Number(value) },
        "--kills-file" => this with { KillsFile = value },
        "--peers" => this with { Peers = [.. value.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Peer.Parse)] },
        "--postgres" => this with { Postgres = value },
        "--nodes" => this with { Nodes = Number(value) },
        "--seed" => this with { Seed = Number(value) },
        "--server" => this with { Server = value },
        "--results" => this with { Results = value },
        "--server-arguments" => this with { ServerArguments = value.Split(' ', StringSplitOptions.RemoveEmptyEntries) },
        _ => throw new ArgumentException($"{name} is not an option"),
    };

    private static int Number(string text) => int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);

    /// <summary>A database's address is kept with the figures; how one gets in is not.</summary>
    private static string WithoutPassword(string argument) =>
        Uri.TryCreate(argument, UriKind.Absolute, out var address) && address.UserInfo.Length > 0
            ? new UriBuilder(address) { UserName = "", Password = "" }.Uri.ToString()
            : argument;
}
