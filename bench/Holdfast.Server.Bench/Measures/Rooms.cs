using Holdfast.Server.Bench.Load;

namespace Holdfast.Server.Bench.Measures;

/// <summary>Rooms in which everybody is connected: what a delivery costs, and a post whatever the number of members.</summary>
internal static class Rooms
{
    private const int InFlight = 8;
    private const double DeliveryMicroseconds = 9;
    private static readonly int[] Sizes = [100, 1000];

    /// <summary>Rooms of 100, and one of 1,000; eight posts under way in each room until everybody has them.</summary>
    public static async Task MeasureAsync(BenchOptions options, Results results)
    {
        int clients = options.Clients > 0 ? options.Clients : 1000;
        foreach (int size in Sizes.Where(size => size <= clients))
        {
            var metered = await MeasureAsync(options, results, $"rooms of {size}, {clients} clients", clients, size, InFlight);
            results.Add($"rooms of {size}, {clients} clients", [new("server", metered.PerDelivery, "us/dlv", DeliveryMicroseconds)]);
        }
    }

    /// <summary>One room of 10, 100 and 1,000, one post under way: what a post costs beside its deliveries does not grow.</summary>
    public static async Task MeasureMembersAsync(BenchOptions options, Results results)
    {
        foreach (int members in new[] { 10, 100, 1000 })
        {
            var metered = await MeasureAsync(options, results, $"one room of {members}", members, members, inFlight: 1);
            results.Add($"one room of {members}", [new("server", metered.PerDelivery, "us/dlv")]);
        }
    }

    private static async Task<Metered> MeasureAsync(BenchOptions options, Results results, string name, int clients, int size, int inFlight)
    {
        await using var cluster = await Cluster.StartAsync(options);
        var world = new World(cluster.Targets, await cluster.RegisterAsync(clients), size);
        await world.ConnectAsync();
        var load = new RoomLoad(inFlight);
        load.Begin(world);
        var metered = await Metered.MeasureAsync(cluster, load, warmUp: 8, options.Seconds > 0 ? options.Seconds : 10);
        load.Stop();
        results.Add(name,
        [
            new("deliveries", metered.DeliveriesPerSecond, "dlv/s"),
            new("acknowledged", metered.PostsPerSecond, "msg/s"),
            new("server", metered.PerPost, "us/msg"),
            .. Metered.LatenciesOf(load),
        ]);
        results.Add(name, await world.EndAsync());
        results.Add(name, Pairs.Warnings(world));
        return metered;
    }
}
