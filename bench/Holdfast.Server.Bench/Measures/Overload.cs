using System.Diagnostics;
using Holdfast.Server.Bench.Load;

namespace Holdfast.Server.Bench.Measures;

/// <summary>
/// Ten times as much as the server gets done with one message of each client in flight is offered for a minute, by clients that go on whatever
/// they are told. How much gets through of the most that it has ever got done, and how long does it take until half a peak is easy again?
/// </summary>
internal static class Overload
{
    private const int DefaultClients = 1000, DefaultSeconds = 60, Times = 10, AtOnce = 8, Calm = 3, Pipelined = 16;
    private const double LeastOfPeak = 70, NormalSeconds = 30, LeastMilliseconds = 100;
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(1), Patience = TimeSpan.FromMinutes(2);

    public static async Task MeasureAsync(BenchOptions options, Results results)
    {
        int clients = options.Clients > 0 ? options.Clients : DefaultClients, seconds = options.Seconds > 0 ? options.Seconds : DefaultSeconds;
        await using var cluster = await Cluster.StartAsync(options);
        var world = new World(cluster.Targets, await cluster.RegisterAsync(clients), roomSize: 2) { GivesUp = true };
        await world.ConnectAsync();
        double peak = await PeakAsync(cluster, world, window: 1), most = await PeakAsync(cluster, world, Pipelined);
        double normal = await HalfAsync(world, peak, options.Seed);
        var (offered, held, accepted) = await OverloadAsync(world, peak, seconds, options.Seed);
        int refused = world.Refusals.Values.Sum();
        double recovered = await RecoverAsync(world, peak, normal, options.Seed);
        string name = $"{Times} times the peak, {clients} clients, {seconds} s";
        results.Add(name,
        [
            new("peak, one in flight", peak, "msg/s"),
            new("peak, 16 in flight", most, "msg/s"),
            new("really offered", offered, "msg/s"),
            new("not taken from their clients", held, "msg/s"),
            new("accepted", accepted, "msg/s"),
            new("accepted, of the higher peak", accepted / Math.Max(peak, most) * 100, "%"),
            new("missing to it", 100 - (accepted / Math.Max(peak, most) * 100), "%", 100 - LeastOfPeak),
            new("refused", refused, ""),
            new("p99 at half the peak before", normal, "ms"),
            new("until half the peak is as before", recovered, "s", NormalSeconds),
        ]);
        results.Add(name, await world.EndAsync());
    }

    /// <summary>So many in flight for each client.</summary>
    private static async Task<double> PeakAsync(Cluster cluster, World world, int window)
    {
        var load = new ClosedLoad(window);
        load.Begin(world);
        var metered = await Metered.MeasureAsync(cluster, load, warmUp: 12, seconds: 10);
        load.Stop();
        await world.QuietAsync();
        return metered.PostsPerSecond;
    }

    /// <summary>The latency at half the peak.</summary>
    private static async Task<double> HalfAsync(World world, double peak, int seed)
    {
        var load = new OpenLoad(peak / 2, seed);
        var posting = load.BeginAsync(world);
        await Task.Delay(10 * Window);
        load.Stop();
        await posting;
        await world.QuietAsync();
        return load.ToAcknowledgement.Percentile(99);
    }

    private static async Task<(double Offered, double HeldBack, double Accepted)> OverloadAsync(World world, double peak, int seconds, int seed)
    {
        var load = new OpenLoad(peak * Times, seed + 1, AtOnce);
        long start = Stopwatch.GetTimestamp();
        var posting = load.BeginAsync(world);
        await Task.Delay(TimeSpan.FromSeconds(seconds));
        double took = Stopwatch.GetElapsedTime(start).TotalSeconds;
        var rates = (load.Posted / took, load.HeldBack / took, load.AcknowledgedCount / took);
        load.Stop();
        await posting;
        return rates;
    }

    /// <summary>How long after the overload the first of three seconds without a refusal is, in which latency is at most twice what it was.</summary>
    private static async Task<double> RecoverAsync(World world, double peak, double normal, int seed)
    {
        long start = Stopwatch.GetTimestamp();
        var load = new OpenLoad(peak / 2, seed + 2);
        var posting = load.BeginAsync(world);
        for (int calm = 0; calm < Calm && Stopwatch.GetElapsedTime(start) < Patience;)
        {
            int refused = world.Refusals.Values.Sum();
            load.Clear();
            await Task.Delay(Window);
            bool isCalm = world.Refusals.Values.Sum() == refused && load.ToAcknowledgement.Percentile(99) <= Math.Max(LeastMilliseconds, 2 * normal);
            calm = isCalm && load.AcknowledgedCount > 0 ? calm + 1 : 0;
        }
        double took = (Stopwatch.GetElapsedTime(start) - (Calm * Window)).TotalSeconds;
        load.Stop();
        await posting;
        return took;
    }
}
