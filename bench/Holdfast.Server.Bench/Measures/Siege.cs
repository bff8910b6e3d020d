using System.Diagnostics;
using System.Net.Sockets;
using Holdfast.Protocol;
using Holdfast.Server.Bench.Checking;
using Holdfast.Server.Bench.Load;

namespace Holdfast.Server.Bench.Measures;

/// <summary>
/// Slow headers, slow bodies and slow readers by slowhttptest, and connections that are reset as soon as they are there, while people write to each other.
/// </summary>
internal static class Siege
{
    private const int DefaultClients = 100, DefaultSeconds = 600, RoomSize = 4, Attackers = 4000, PerSecond = 200, Resetters = 8, AfterSeconds = 30;
    private const double PostsPerSecond = 20, Milliseconds = 1000, MostMemory = 512;

    public static async Task MeasureAsync(BenchOptions options, Results results)
    {
        int seconds = (options.Seconds > 0 ? options.Seconds : DefaultSeconds) / 4;
        await using var cluster = await Cluster.StartAsync(options);
        var world = new World(cluster.Targets, await cluster.RegisterAsync(options.Clients > 0 ? options.Clients : DefaultClients), RoomSize);
        await world.ConnectAsync();
        var load = new OpenLoad(PostsPerSecond, options.Seed);
        var posting = load.BeginAsync(world);
        var address = cluster.Targets[0].Address;
        results.Add("before", [new("memory", Megabytes(cluster), "MiB")]);
        foreach (var (name, attack) in Attacks(address, seconds))
        {
            load.Clear();
            double most = await WatchAsync(cluster, attack());
            results.Add(name, [.. Metered.LatenciesOf(load, Milliseconds), new("memory, most", most, "MiB", MostMemory)]);
        }
        load.Clear();
        await Task.Delay(TimeSpan.FromSeconds(AfterSeconds));
        results.Add("the half minute after", [.. Metered.LatenciesOf(load, Milliseconds), new("memory", Megabytes(cluster), "MiB", MostMemory)]);
        load.Stop();
        await posting;
        Verdict verdict = await world.EndAsync();
        results.Add("siege", verdict);
    }

    private static IEnumerable<(string Name, Func<Task> Attack)> Attacks(Uri address, int seconds) =>
    [
        ("slow headers", () => SlowAsync(address, seconds, Rest.Health, "-H", "-i", "5")),
        ("slow bodies", () => SlowAsync(address, seconds, Rest.Accounts, "-B", "-i", "5", "-s", "8192")),
        ("slow readers", () => SlowAsync(address, seconds, Rest.OpenApi, "-X", "-w", "10", "-y", "20", "-n", "5", "-z", "32", "-k", "3")),
        ("resets", () => ResetAsync(address, seconds)),
    ];

    private static async Task SlowAsync(Uri address, int seconds, string path, params string[] how)
    {
        string[] arguments = [.. how, "-c", $"{Attackers}", "-r", $"{PerSecond}", "-l", $"{seconds}", "-u", new Uri(address, path).ToString()];
        using var process = Process.Start(new ProcessStartInfo("slowhttptest", arguments) { RedirectStandardOutput = true })
            ?? throw new InvalidOperationException("slowhttptest did not start");
        await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
    }

    /// <summary>Connects, begins a handshake and resets, over and over.</summary>
    private static Task ResetAsync(Uri address, int seconds)
    {
        long end = Stopwatch.GetTimestamp() + (seconds * Stopwatch.Frequency);
        byte[] beginning = [22, 3, 1, 2, 0, 1, 0, 1, 252, 3, 3];   // of a ClientHello
        return Task.WhenAll(Enumerable.Range(0, Resetters).Select(_ => Task.Run(async () =>
        {
            while (Stopwatch.GetTimestamp() < end)
            {
                using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { LingerState = new LingerOption(true, 0) };
                await socket.ConnectAsync(address.Host, address.Port);
                await socket.SendAsync(beginning);
            }
        })));
    }

    private static async Task<double> WatchAsync(Cluster cluster, Task attack)
    {
        double most = 0;
        while (!attack.IsCompleted)
        {
            most = Math.Max(most, Megabytes(cluster));
            await Task.WhenAny(attack, Task.Delay(TimeSpan.FromSeconds(1)));
        }
        await attack;
        return most;
    }

    private static double Megabytes(Cluster cluster) => cluster.Memory / 1024.0 / 1024;
}
