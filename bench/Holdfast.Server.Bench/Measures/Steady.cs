using Holdfast.Server.Bench.Load;

namespace Holdfast.Server.Bench.Measures;

/// <summary>A company's day: many are connected, little is said; how long does it take, and does the memory stay what it is?</summary>
internal static class Steady
{
    private const int DefaultClients = 5000, DefaultSeconds = 60, RoomSize = 20, Samples = 20;
    private const double PerSecond = 100, Milliseconds = 500, DriftPercent = 5;

    public static async Task MeasureAsync(BenchOptions options, Results results)
    {
        int clients = options.Clients > 0 ? options.Clients : DefaultClients;
        double seconds = options.Seconds > 0 ? options.Seconds : DefaultSeconds;
        await using var cluster = await Cluster.StartAsync(options);
        var world = new World(cluster.Targets, await cluster.RegisterAsync(clients), RoomSize);
        await world.ConnectAsync();
        var load = new OpenLoad(PerSecond, options.Seed);
        var posting = load.BeginAsync(world);
        await Task.Delay(TimeSpan.FromSeconds(Math.Min(30, seconds / 2)));
        load.Clear();
        double processor = cluster.Processor;
        var memory = new List<double>();
        for (int i = 0; i < Samples; i++)
        {
            await Task.Delay(TimeSpan.FromSeconds(seconds / Samples));
            memory.Add(cluster.Memory / 1024.0 / 1024);
        }
        double taken = cluster.Processor - processor;
        var latencies = Metered.LatenciesOf(load, Milliseconds).ToList();
        double longest = load.ToDelivery.Highest;
        load.Stop();
        await posting;
        string name = $"100 msg/s, {clients} connected, {seconds:0} s";
        results.Add(name,
        [
            .. latencies,
            new("delivered, longest", longest, "ms"),
            new("server", taken / seconds * 100, "% core"),
            new("memory, mean of the first quarter", memory.Take(Samples / 4).Average(), "MiB"),
            new("memory, mean of the last quarter", memory.TakeLast(Samples / 4).Average(), "MiB"),
            new("memory, drift", ((memory.TakeLast(Samples / 4).Average() / memory.Take(Samples / 4).Average()) - 1) * 100, "%", DriftPercent),
        ]);
        results.Add(name, await world.EndAsync());
        results.Add(name, Pairs.Warnings(world));
    }
}
