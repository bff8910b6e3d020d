using Holdfast.Server.Bench.Load;
using Holdfast.Server.Bench.Peers;

namespace Holdfast.Server.Bench.Measures;

/// <summary>Our server, and XMPP servers with a durable archive, by turns in the same minutes under the same load: pairs, one message of 1 KiB in flight.</summary>
internal static class Beside
{
    private const double WarmUp = 12, PostgresBar = 1 / 5.0, SqliteBar = 1 / 20.0;

    public static async Task MeasureAsync(BenchOptions options, Results results)
    {
        foreach (int clients in options.Clients > 0 ? [options.Clients] : new[] { 100, 1000 })
        {
            var ours = await OursAsync(options, results, "Holdfast, SQLite", clients);
            var shared = options.Postgres is { } url
                ? await OursAsync(options.With(BenchOptions.Database, url), results, "Holdfast, PostgreSQL", clients)
                : null;
            foreach (var peer in options.Peers)
            {
                var theirs = await TheirsAsync(options, results, peer, clients);
                string name = $"ejabberd, {peer.Database} by Holdfast, {{0}}, {clients} clients";
                results.Add(name.Replace("{0}", "SQLite", StringComparison.Ordinal), Ratios(theirs, ours, peer.Database == "SQLite" ? SqliteBar : PostgresBar));
                if (shared is not null) results.Add(name.Replace("{0}", "PostgreSQL", StringComparison.Ordinal), Ratios(theirs, shared, atMost: null));
            }
        }
    }

    private static async Task<Metered> OursAsync(BenchOptions options, Results results, string name, int clients)
    {
        name = $"{name}, {clients} clients";
        await using var cluster = await Cluster.StartAsync(options);
        var world = new World(cluster.Targets, await cluster.RegisterAsync(clients), roomSize: 2);
        await world.ConnectAsync();
        var load = new ClosedLoad(window: 1);
        load.Begin(world);
        var metered = await Metered.MeasureAsync(cluster, load, WarmUp, Seconds(options));
        load.Stop();
        results.Add(name, Figures(metered, metered.DeliveriesPerSecond / 2, load.ToAcknowledgement));
        results.Add(name, await world.EndAsync());
        return metered;
    }

    private static async Task<Metered> TheirsAsync(BenchOptions options, Results results, Peer peer, int clients)
    {
        var load = new XmppLoad();
        var metered = await load.MeasureAsync(peer, clients, WarmUp, Seconds(options));
        results.Add($"ejabberd, {peer.Database}, {clients} clients", Figures(metered, metered.DeliveriesPerSecond, load.ToAcknowledgement));
        return metered;
    }

    private static double Seconds(BenchOptions options) => options.Seconds > 0 ? options.Seconds : 10;

    private static IEnumerable<Figure> Figures(Metered metered, double deliveries, Latencies latencies) =>
    [
        new("acknowledged", metered.PostsPerSecond, "msg/s"),
        new("delivered to the other", deliveries, "msg/s"),
        new("server", metered.PerPost, "us/msg"),
        new("acknowledged, p50", latencies.Percentile(50), "ms"),
        new("acknowledged, p99", latencies.Percentile(99), "ms"),
    ];

    private static IEnumerable<Figure> Ratios(Metered theirs, Metered ours, double? atMost) =>
    [
        new("messages a second", theirs.PostsPerSecond / ours.PostsPerSecond, "", atMost),
        new("processor time a message", theirs.PerPost / ours.PerPost, ""),
    ];
}
