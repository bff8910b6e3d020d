using Holdfast.Server.Bench.Load;

namespace Holdfast.Server.Bench.Measures;

/// <summary>What a connection that is logged in, has a subscription and is silent takes of the server's memory.</summary>
internal static class Idle
{
    private const int Before = 200, RoomSize = 20, DefaultClients = 5000;
    private const double WithTls = 56, Plain = 20;
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(5);

    public static async Task MeasureAsync(BenchOptions options, Results results)
    {
        int clients = options.Clients > 0 ? options.Clients : DefaultClients;
        await using var cluster = await Cluster.StartAsync(options);
        var accounts = await cluster.RegisterAsync(Before + clients);
        var (first, others) = (new World(cluster.Targets, accounts[..Before], RoomSize), new World(cluster.Targets, accounts[Before..], RoomSize));
        await first.ConnectAsync();   // what only the first connections cost, is not counted
        await Task.Delay(Settling);
        long before = cluster.Memory;
        await others.ConnectAsync();
        await Task.Delay(Settling);
        long after = cluster.Memory;
        string name = $"{clients} idle connections{(options.IsPlain ? ", plain" : "")}";
        results.Add(name,
        [
            new("a connection", (after - before) / 1024.0 / clients, "KiB", options.IsPlain ? Plain : WithTls),
            new("the server before", before / 1024.0 / 1024, "MiB"),
            new("the server after", after / 1024.0 / 1024, "MiB"),
        ]);
        await first.EndAsync();
        await others.EndAsync();
    }
}
