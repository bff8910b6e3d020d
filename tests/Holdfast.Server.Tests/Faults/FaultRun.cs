using System.Diagnostics;
using Holdfast.Server.Bench.Checking;
using Holdfast.Server.Bench.Load;
using Holdfast.Server.Tests.Support;

namespace Holdfast.Server.Tests.Faults;

/// <summary>
/// A server of its own process, or several nodes, under load while something fails: clients post without end, connect again and send again what was not
/// acknowledged. In the end all that was acknowledged is there, once, in order, for everyone.
/// </summary>
internal sealed class FaultRun : Workload, IAsyncDisposable
{
    private const int RoomSize = 4, ContentBytes = 700;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly string _place;
    private readonly Func<int, Task<ServerProcess>> _start;
    private readonly ServerProcess?[] _servers;
    private TaskCompletionSource _accepted = NewSource();
    private World? _world;
    private long _acceptedCount;
    private volatile bool _isRunning = true;

    /// <param name="place">Where the server has what it has.</param>
    /// <param name="environment">What its process is started with.</param>
    public FaultRun(string place, IReadOnlyDictionary<string, string>? environment = null)
        : this(place, 1, _ => ServerProcess.StartAsync(place, environment))
    {
    }

    /// <param name="place">What the nodes share.</param>
    /// <param name="nodes">How many.</param>
    /// <param name="start">Starts one.</param>
    public FaultRun(string place, int nodes, Func<int, Task<ServerProcess>> start) => (_place, _servers, _start) = (place, new ServerProcess?[nodes], start);

    /// <summary>The first node.</summary>
    public ServerProcess Server => _servers[0]!;

    /// <summary>All nodes.</summary>
    public IEnumerable<ServerProcess> Servers => _servers.Select(static server => server!);

    /// <summary>Where the server has what it has.</summary>
    public string Place => _place;

    /// <summary>How many posts were acknowledged.</summary>
    public long Accepted => Interlocked.Read(ref _acceptedCount);

    /// <summary>How many each client has under way.</summary>
    public int Window { get; init; } = 4;

    /// <summary>Starts the server, and the clients, until the first post is acknowledged.</summary>
    public async Task StartAsync(int clients = 8)
    {
        for (int node = 0; node < _servers.Length; node++) _servers[node] = await _start(node);
        var accounts = await Account.RegisterAllAsync(Targets[0], await ServerProcess.InviteAsync(_place, clients));
        _world = new World(Targets, accounts, RoomSize, ContentBytes) { Workload = this };
        await _world.ConnectAsync();
        foreach (var client in _world.Clients)
            for (int i = 0; i < Window; i++) client.Post(Stopwatch.GetTimestamp());
        await AcceptsAsync();
    }

    /// <summary>Waits until a post is acknowledged from now on.</summary>
    public Task AcceptsAsync()
    {
        _accepted = NewSource();
        return _accepted.Task.WaitAsync(Patience);
    }

    /// <summary>Starts the server on what it left, until a post is acknowledged.</summary>
    public async Task RestartAsync()
    {
        await _servers[0]!.DisposeAsync();
        _servers[0] = await _start(0);
        _world!.MoveTo(Targets);
        await AcceptsAsync();
    }

    /// <summary>Nothing new is posted any more; how long it takes until all is acknowledged and everyone has it.</summary>
    public async Task<TimeSpan> CalmAsync()
    {
        long began = Stopwatch.GetTimestamp();
        _isRunning = false;
        Assert.True(await _world!.QuietAsync(), "it did not come to rest");
        return Stopwatch.GetElapsedTime(began);
    }

    /// <summary>Nothing new is posted; when all is acknowledged and everyone has it, the checker judges.</summary>
    public async Task<Verdict> EndAsync()
    {
        _isRunning = false;
        var verdict = await _world!.EndAsync();
        _world = null;
        return verdict;
    }

    public override void Acknowledged(LoadClient client, long sentAt)
    {
        Interlocked.Increment(ref _acceptedCount);
        if (_isRunning) client.Post(Stopwatch.GetTimestamp());
        _accepted.TrySetResult();
    }

    public async ValueTask DisposeAsync()
    {
        _isRunning = false;
        if (_world is not null) await Task.WhenAll(_world.Clients.Select(static client => client.EndAsync()));
        foreach (var server in _servers)
            if (server is not null) await server.DisposeAsync();
    }

    private Target[] Targets => [.. Servers.Select(static server => new Target(server.Endpoint.Address, server.Endpoint.Key.ToArray()))];

    private static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
