using Holdfast.Server.Bench.Load;

namespace Holdfast.Server.Bench.Measures;

/// <summary>What a message costs in a conversation in which 10^3, and in one in which 10^6 are stored.</summary>
internal static class Stored
{
    private const int ContentBytes = 256, FillWindow = 500, Window = 16;

    public static async Task MeasureAsync(BenchOptions options, Results results)
    {
        await using var cluster = await Cluster.StartAsync(options.With("--sends-per-second", "100000"));   // a device's limit would be in the way
        var world = new World(cluster.Targets, await cluster.RegisterAsync(2), roomSize: 2, ContentBytes);
        await world.ConnectAsync();
        int stored = 0;
        foreach (int messages in new[] { 1000, 1_000_000 })
        {
            var filling = new CountedLoad(messages - stored);
            filling.Begin(world, world.Clients[0], FillWindow);
            await filling.Done;
            await world.QuietAsync();
            var load = new ClosedLoad(Window);
            load.Begin(world);
            var metered = await Metered.MeasureAsync(cluster, load, warmUp: 8, options.Seconds > 0 ? options.Seconds : 10);
            load.Stop();
            await world.QuietAsync();
            stored = (int)world.Clients[0].Cursor;
            results.Add($"two members, {messages:N0} stored",
                [new("acknowledged", metered.PostsPerSecond, "msg/s"), new("server", metered.PerPost, "us/msg")]);
        }
        results.Add("two members", await world.EndAsync());
    }
}
