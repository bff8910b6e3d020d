using Holdfast.Server.Bench.Load;

namespace Holdfast.Server.Bench.Measures;

/// <summary>Messages of 1 KiB between two: one in flight and pipelined, then at half of what was measured.</summary>
internal static class Pairs
{
    private const int Pipelined = 16;
    private const double OneInFlightMicroseconds = 110, PipelinedMicroseconds = 45, HalfLoadMilliseconds = 20;

    public static async Task MeasureAsync(BenchOptions options, Results results)
    {
        foreach (int clients in options.Clients > 0 ? [options.Clients] : new[] { 100, 1000 })
        {
            await using var cluster = await Cluster.StartAsync(options);
            var world = new World(cluster.Targets, await cluster.RegisterAsync(clients), roomSize: 2);
            await world.ConnectAsync();
            int seconds = options.Seconds > 0 ? options.Seconds : 10;
            double rate = 0;
            foreach (int window in new[] { 1, Pipelined })
            {
                string name = $"1:1, {clients} clients, window {window}";
                var load = new ClosedLoad(window);
                load.Begin(world);
                var metered = await Metered.MeasureAsync(cluster, load, warmUp: window == 1 ? 12 : 3, seconds);
                load.Stop();
                await world.QuietAsync();
                if (window == 1) rate = metered.PostsPerSecond;
                results.Add(name, Figures(metered, load, window == 1 ? OneInFlightMicroseconds : PipelinedMicroseconds));
            }
            await HalfLoadAsync(cluster, world, rate / 2, seconds, options.Seed, results, $"1:1, {clients} clients, half load");
            results.Add($"1:1, {clients} clients", await world.EndAsync());
            results.Add($"1:1, {clients} clients", Warnings(world));
        }
    }

    /// <summary>What a client had to do that should not have been necessary.</summary>
    internal static IEnumerable<Figure> Warnings(World world) =>
    [
        new("told that it is behind", world.Behind, ""),
        new("refused", world.Refusals.Values.Sum(), "", 0),
        new("found only by asking in the end", world.Clients.Sum(static client => client.FoundInTheEnd), "", 0),
    ];

    private static async Task HalfLoadAsync(Cluster cluster, World world, double rate, int seconds, int seed, Results results, string name)
    {
        var load = new OpenLoad(rate, seed);
        var posting = load.BeginAsync(world);
        var metered = await Metered.MeasureAsync(cluster, load, warmUp: 1, seconds);
        var latencies = Metered.LatenciesOf(load, HalfLoadMilliseconds).ToList();
        load.Stop();
        await posting;
        await world.QuietAsync();
        results.Add(name, [new("asked for", rate, "msg/s"), new("acknowledged", metered.PostsPerSecond, "msg/s"), new("server", metered.PerPost, "us/msg"), .. latencies]);
    }

    private static IEnumerable<Figure> Figures(Metered metered, MeteredLoad load, double atMost) =>
    [
        new("acknowledged", metered.PostsPerSecond, "msg/s"),
        new("delivered to the other", metered.DeliveriesPerSecond / 2, "msg/s"),
        new("server", metered.PerPost, "us/msg", atMost),
        .. Metered.LatenciesOf(load),
    ];
}
