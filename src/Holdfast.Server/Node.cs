using Holdfast.Cryptography;
using Holdfast.Server.Blobs;
using Holdfast.Server.Connections;
using Holdfast.Server.Limits;
using Holdfast.Server.Metrics;
using Holdfast.Server.Storage;
using Microsoft.Extensions.Logging;

namespace Holdfast.Server;

/// <summary>Everything that is not HTTP, put together in one place.</summary>
internal sealed class Node : IAsyncDisposable
{
    private readonly Stores _stores;

    public Node(Database database, ServerOptions options, ReadOnlyMemory<byte> serverKey, RandomSource random, TimeProvider clock, ILoggerFactory logs,
        ServerMetrics metrics)
    {
        Metrics = metrics;
        var rates = new Rates(options);
        Allowances = new Allowances(rates, clock, metrics);
        Addresses = new AddressLimits(options, rates, random, clock, metrics);
        ServerKey = serverKey;
        Clock = clock;
        Logs = logs;
        Hub = new Hub(metrics);
        Retention = new Retention(clock, options.RetentionDays);
        Files = new BlobFiles(options.BlobFolder, clock);
        Readers = new Readers(options.DatabaseFile, random);
        _stores = new Stores(database, random);
        Writer = new Writer(database, _stores, logs.CreateLogger<Writer>(), Hub.Push, Metrics.CountBatch);
        Sweeper = new Sweeper(Writer, Files, Tidy, Retention, clock, logs.CreateLogger<Sweeper>(), Metrics);
        Connections = new ConnectionServices(
            Writer, Readers, Hub, Sessions, Retention, random, serverKey, options.OutboundBytes, logs.CreateLogger<Connection>(), Metrics, Allowances, clock);
        Watch();
    }

    public ReadOnlyMemory<byte> ServerKey { get; }

    public TimeProvider Clock { get; }

    public ILoggerFactory Logs { get; }

    public Writer Writer { get; }

    public Readers Readers { get; }

    public Hub Hub { get; }

    public Sessions Sessions { get; } = new();

    public Draining Draining { get; } = new();

    public ServerMetrics Metrics { get; }

    public Allowances Allowances { get; }

    public AddressLimits Addresses { get; }

    public Retention Retention { get; }

    public BlobFiles Files { get; }

    public Sweeper Sweeper { get; }

    public ConnectionServices Connections { get; }

    /// <summary>Ends the sweep, then the readers, then the writer with all that was queued, the write-ahead log last.</summary>
    public async ValueTask DisposeAsync()
    {
        await Sweeper.DisposeAsync();
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
