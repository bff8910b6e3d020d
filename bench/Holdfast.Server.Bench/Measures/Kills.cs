using Holdfast.Server.Bench.Load;

namespace Holdfast.Server.Bench.Measures;

/// <summary>kill -9 of the server, or of one of the nodes, at random moments under load.</summary>
internal static class Kills
{
    private const int DefaultClients = 40;
    private const double AcceptsAgainMilliseconds = 3000;

    public static async Task MeasureAsync(BenchOptions options, Results results)
    {
        await using var cluster = await Cluster.StartAsync(options);
        var accounts = await cluster.RegisterAsync(options.Clients > 0 ? options.Clients : DefaultClients);
        var run = new KillRun(cluster, options.Seed);
        var result = await run.RunAsync(accounts, options.Kills, static kill => { if (kill % 100 == 0) Console.WriteLine($"{kill} kills"); });
        double[] times = [.. result.ToFirstAcceptance.Order()];
        results.Add("kills", result.Verdict);
        results.Add("kills",
        [
            new("kills", times.Length, ""),
            new("from start to first acceptance, p50", times[times.Length / 2], "ms"),
            new("from start to first acceptance, p99", times[(int)Math.Ceiling(times.Length * 0.99) - 1], "ms"),
            new("from start to first acceptance, max", times[^1], "ms", AcceptsAgainMilliseconds),
        ]);
    }
}
