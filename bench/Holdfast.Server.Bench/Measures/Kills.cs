using System.Diagnostics;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Holdfast.Server.Bench.Load;

namespace Holdfast.Server.Bench.Measures;

/// <summary>kill -9 of the server, or of one of the nodes, at random moments under load.</summary>
internal static class Kills
{
    private const int DefaultClients = 8, UnawaitedPercent = 25;
    private const double AcceptsAgainMilliseconds = 3000;
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static async Task MeasureAsync(BenchOptions options, Results results)
    {
        await using var cluster = await Cluster.StartAsync(options);
        var accounts = await cluster.RegisterAsync(options.Clients > 0 ? options.Clients : DefaultClients);
        var run = new KillRun(cluster, options.Seed) { Between = (0, 150), UnawaitedPercent = UnawaitedPercent };
        long start = Stopwatch.GetTimestamp();
        var result = await run.RunAsync(accounts, options.Kills, static kill => { if (kill % 100 == 0) Console.WriteLine($"{kill} kills"); });
        double[] times = [.. result.ToFirstAcceptance.Order()];
        results.Add("kills", result.Verdict);
        results.Add("kills",
        [
            new("kills", result.Kills, ""),
            new("from start to first acceptance, p50", times[times.Length / 2], "ms"),
            new("from start to first acceptance, p99", times[(int)Math.Ceiling(times.Length * 0.99) - 1], "ms"),
            new("from start to first acceptance, max", times[^1], "ms", AcceptsAgainMilliseconds),
        ]);
        if (options.KillsFile is { } file) Keep(file, NodeOf(results.RunNode(), options, result, Stopwatch.GetElapsedTime(start), times));
    }

    private static JsonObject NodeOf(JsonObject node, BenchOptions options, KillResult result, TimeSpan took, double[] times)
    {
        var verdict = result.Verdict;
        node["database"] = options.IsShared ? "PostgreSQL" : "SQLite";
        node["build"] = File.Exists(options.Server + ".dll") ? "as shipped" : "native";
        node["kills"] = result.Kills;
        node["posts"] = verdict.Posts;
        node["acknowledged"] = verdict.Posts - verdict.Unknown;
        node["deliveries"] = verdict.Deliveries;
        node["lost"] = verdict.Lost;
        node["doubled"] = verdict.Doubled;
        node["reordered"] = verdict.Reordered;
        node["forked"] = verdict.Forked;
        node["strange"] = verdict.Strange;
        node["to_first_acceptance_p50_ms"] = Math.Round(times[times.Length / 2]);
        node["to_first_acceptance_max_ms"] = Math.Round(times[^1]);
        node["seconds"] = Math.Round(took.TotalSeconds);
        return node;
    }

    /// <summary>One line; others may be writing theirs.</summary>
    private static void Keep(string file, JsonObject node)
    {
        using var stream = new FileStream(file, FileMode.Append, FileAccess.Write, FileShare.ReadWrite);
        stream.Write(Encoding.UTF8.GetBytes(node.ToJsonString(Plain) + "\n"));
    }
}
