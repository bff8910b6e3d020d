using System.Diagnostics;
using Holdfast.Server.Bench.Load;

namespace Holdfast.Server.Bench.Measures;

/// <summary>Somebody comes who has missed 10,000 messages of 1 KiB.</summary>
internal static class CatchUp
{
    private const int Messages = 10_000, Late = 6, Window = 64;
    private const double Seconds = 0.3;

    public static async Task MeasureAsync(BenchOptions options, Results results)
    {
        await using var cluster = await Cluster.StartAsync(options);
        var world = new World(cluster.Targets, await cluster.RegisterAsync(1 + Late), roomSize: 1 + Late);
        var poster = world.Clients[0];
        await poster.StartAsync();
        var load = new CountedLoad(Messages);
        load.Begin(world, poster, Window);
        await load.Done;
        var (whole, reading) = (new List<double>(), new List<double>());
        foreach (var late in world.Clients.Skip(1))
        {
            long start = Stopwatch.GetTimestamp();
            await late.StartAsync();
            long subscribed = Stopwatch.GetTimestamp();
            while (late.Cursor < Messages) await Task.Delay(1);
            whole.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
            reading.Add(Stopwatch.GetElapsedTime(subscribed).TotalSeconds);
        }
        results.Add("catch-up of 10,000",
        [
            new("median of six", reading.Order().ElementAt(Late / 2), "s", Seconds),
            new("the first", reading[0], "s"),
            new("median, connecting included", whole.Order().ElementAt(Late / 2), "s"),
        ]);
        results.Add("catch-up of 10,000", await world.EndAsync());
    }
}
