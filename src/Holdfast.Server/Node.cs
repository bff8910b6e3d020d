using Holdfast.Cryptography;
using Holdfast.Server.Blobs;
using Holdfast.Server.Connections;
using Holdfast.Server.Limits;
using Holdfast.Server.Metrics;
using Holdfast.Server.Nodes;
using Holdfast.Server.Storage;
using Holdfast.Server.Storage.Postgres;
using Microsoft.Extensions.Logging;

namespace Holdfast.Server;

/// <summary>Everything that is not HTTP, put together in one place.</summary>
internal sealed class Node : IAsyncDisposable
{
    private readonly Stores _stores;
    private readonly Wakeups? _wakeups;

    public Node(
        Home home, ServerOptions options, ReadOnlyMemory<byte> serverKey, RandomSource random, TimeProvider clock, ILoggerFactory logs, ServerMetrics metrics)
    {
        Metrics = metrics;
        var rates = new Rates(options);
        Allowances = new Allowances(rates, clock, metrics);
        Addresses = new AddressLimits(options, rates, random, clock, metrics);
        (ServerKey, IsShared) = (serverKey, home.Database.IsShared);
        Clock = clock;
        Logs = logs;
        Hub = new Hub(metrics);
        Retention = new Retention(clock, options.RetentionDays);
        Blobs = home.Blobs;
        Readers = new Readers(home.Connect, random);
        Sessions = new Sessions(Allowances, Readers, home.Database.IsShared);
        _stores = new Stores(home.Database, random);
        if (home is PostgresHome shared)
        {
            Hub.Follower = new Follower(Hub, shared.Connect(), Retention, logs.CreateLogger<Follower>());
            _wakeups = new Wakeups(shared.Address, shared.Database, Hub.Follower, logs.CreateLogger<Wakeups>());
        }
        Writer = new Writer(home, _stores, logs.CreateLogger<Writer>(), Hub.Follower is { } follower ? follower.Push : Hub.Push, Metrics.CountBatch);
        Sweeper = new Sweeper(Writer, Blobs, Tidy, Retention, clock, logs.CreateLogger<Sweeper>(), Metrics, home.Connect);
        Connections = new ConnectionServices(
            Writer, Readers, Hub, Sessions, Retention, random, serverKey, options.OutboundBytes, home.Database.IsShared, logs.CreateLogger<Connection>(), Metrics,
            Allowances, clock);
        Watch();
    }

    public ReadOnlyMemory<byte> ServerKey { get; }

    /// <summary>Whether the database is one that other nodes may share.</summary>
    public bool IsShared { get; }

    public TimeProvider Clock { get; }

    public ILoggerFactory Logs { get; }

    public Writer Writer { get; }

    public Readers Readers { get; }

    public Hub Hub { get; }

    public Sessions Sessions { get; }

    public Draining Draining { get; } = new();

    public ServerMetrics Metrics { get; }

    public Allowances Allowances { get; }

    public AddressLimits Addresses { get; }

    public Retention Retention { get; }

    public IBlobContents Blobs { get; }

    public Sweeper Sweeper { get; }

    public ConnectionServices Connections { get; }

    /// <summary>Ends the sweep, then the readers, then the writer with all that was queued, the write-ahead log last.</summary>
    public async ValueTask DisposeAsync()
    {
        await Sweeper.DisposeAsync();
        if (_wakeups is not null) await _wakeups.DisposeAsync();
        if (Hub.Follower is not null) await Hub.Follower.DisposeAsync();
        Readers.Dispose();
        Writer.Dispose();
    }

    /// <summary>Forgets limits that have refilled.</summary>
    private void Tidy()
    {
        Allowances.Tidy(Hub.IsOnline);
        Addresses.Tidy();
    }

    private void Watch()
    {
        Metrics.Watch("holdfast_connections", "Open connections of devices.", () => Hub.Count);
        Metrics.Watch("holdfast_queue_works", "Requests that wait for the writer.", () => Writer.Queued.Works);
        Metrics.Watch("holdfast_queue_bytes", "Bytes of requests that wait for the writer.", () => Writer.Queued.Bytes);
        Metrics.Watch("holdfast_storage_healthy", "1 while the last transaction reached the disk.", () => Writer.Healthy ? 1 : 0);
        Metrics.Watch("holdfast_draining", "1 while the server is ending.", () => Draining.HasBegun ? 1 : 0);
    }
}
