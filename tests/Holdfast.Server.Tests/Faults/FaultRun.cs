using System.Diagnostics;
using Holdfast.Server.Bench.Checking;
using Holdfast.Server.Bench.Load;
using Holdfast.Server.Tests.Support;

namespace Holdfast.Server.Tests.Faults;

/// <summary>
/// A server of its own process under load while something fails: clients post without end, connect again and send again what was not
/// acknowledged. In the end all that was acknowledged is there, once, in order, for everyone.
/// </summary>
internal sealed class FaultRun : Workload, IAsyncDisposable
{
    private const int RoomSize = 4, ContentBytes = 700;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly string _place;
    private readonly IReadOnlyDictionary<string, string>? _environment;
    private TaskCompletionSource _accepted = NewSource();
    private ServerProcess? _server;
    private World? _world;
    private long _acceptedCount;
    private volatile bool _isRunning = true;

    /// <param name="place">Where the server has what it has.</param>
    /// <param name="environment">What its process is started with.</param>
    public FaultRun(string place, IReadOnlyDictionary<string, string>? environment = null) => (_place, _environment) = (place, environment);

    public ServerProcess Server => _server!;

    /// <summary>Where the server has what it has.</summary>
    public string Place => _place;

    /// <summary>How many posts were acknowledged.</summary>
    public long Accepted => Interlocked.Read(ref _acceptedCount);

    /// <summary>How many each client has under way.</summary>
    public int Window { get; init; } = 4;

    /// <summary>Starts the server, and the clients, until the first post is acknowledged.</summary>
    public async Task StartAsync(int clients = 8)
    {
        await StartServerAsync();
        var accounts = await Account.RegisterAllAsync(Target, await ServerProcess.InviteAsync(_place, clients));
        _world = new World([Target], accounts, RoomSize, ContentBytes) { Workload = this };
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
        await _server!.DisposeAsync();
        await StartServerAsync();
        _world!.MoveTo([Target]);
        await AcceptsAsync();
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
        if (_server is not null) await _server.DisposeAsync();
    }

    private Target Target => new(_server!.Endpoint.Address, _server.Endpoint.Key.ToArray());

    private async Task StartServerAsync() => _server = await ServerProcess.StartAsync(_place, _environment);

    private static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
