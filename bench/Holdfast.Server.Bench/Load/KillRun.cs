using System.Diagnostics;
using Holdfast.Server.Bench.Checking;

namespace Holdfast.Server.Bench.Load;

/// <summary>Servers that can be killed.</summary>
internal interface IKillable
{
    /// <summary>Where the nodes are now.</summary>
    IReadOnlyList<Target> Targets { get; }

    /// <summary>kill -9.</summary>
    Task KillAsync(int node);

    /// <summary>Starts it on what it left.</summary>
    Task RestartAsync(int node);
}

/// <summary>What a run of kills showed.</summary>
/// <param name="Verdict">What the checker found.</param>
/// <param name="Kills">How often it was killed.</param>
/// <param name="ToFirstAcceptance">For each kill after which there was time for it: from the order to start until a post was accepted again, in milliseconds.</param>
internal sealed record KillResult(Verdict Verdict, int Kills, IReadOnlyList<double> ToFirstAcceptance);

/// <summary>
/// Clients post without end; at random moments a server is killed and started again on what it left, clients connect again and resend what was
/// not acknowledged. In the end all of it is there, once, in order, for everyone.
/// </summary>
internal sealed class KillRun(IKillable servers, int seed) : Workload
{
    private const int RoomSize = 4, ContentBytes = 700, Window = 4;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private TaskCompletionSource<long> _accepted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _isRunning = true;

    /// <summary>How long the load goes on between two kills: a random time between these, in milliseconds.</summary>
    public (int Least, int Most) Between { get; init; } = (50, 400);

    /// <summary>How many of a hundred kills come when nothing has been accepted since the last: while clients connect, or send again what they had sent.</summary>
    public int UnawaitedPercent { get; init; }

    /// <summary>Kills so often.</summary>
    /// <param name="accounts">Who posts; a multiple of four.</param>
    /// <param name="kills">How often.</param>
    /// <param name="onKill">Told of each.</param>
    public async Task<KillResult> RunAsync(IReadOnlyList<Account> accounts, int kills, Action<int>? onKill = null)
    {
        var random = new Random(seed);
        var world = new World(servers.Targets, accounts, RoomSize, ContentBytes) { Workload = this };
        await world.ConnectAsync();
        foreach (var client in world.Clients)
            for (int i = 0; i < Window; i++) client.Post(Stopwatch.GetTimestamp());
        var times = new List<double>();
        long start = 0;
        for (int kill = 0; kill < kills; kill++)
        {
            bool isAwaited = kill == 0 || random.Next(100) >= UnawaitedPercent;
            if (isAwaited) times.Add(await AcceptedAsync(start));
            await Task.Delay(random.Next(Between.Least, Between.Most));
            start = await KillAsync(world, random.Next(servers.Targets.Count));
            onKill?.Invoke(kill + 1);
        }
        times.Add(await AcceptedAsync(start));
        _isRunning = false;
        return new(await world.EndAsync(), kills, times[1..]);   // the first is no start after a kill
    }

    public override void Acknowledged(LoadClient client, long sentAt)
    {
        _accepted.TrySetResult(Stopwatch.GetTimestamp());
        if (_isRunning) client.Post(Stopwatch.GetTimestamp());
    }

    /// <summary>Milliseconds from a start to the first acceptance after it.</summary>
    private async Task<double> AcceptedAsync(long start) => Stopwatch.GetElapsedTime(start, await _accepted.Task.WaitAsync(Patience)).TotalMilliseconds;

    /// <summary>Kills a node, and comes back when it has been started again; the value is when that was begun.</summary>
    private async Task<long> KillAsync(World world, int node)
    {
        await servers.KillAsync(node);
        long start = Stopwatch.GetTimestamp();
        await servers.RestartAsync(node);
        _accepted = new(TaskCreationOptions.RunContinuationsAsynchronously);   // until the clients know where it is, nothing comes from it
        world.MoveTo(servers.Targets);
        return start;
    }
}
