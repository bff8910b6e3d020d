using System.Net.Sockets;
using System.Text.Json;
using Holdfast.Cryptography;
using Holdfast.Server.Certificates;
using Holdfast.Server.Connections;
using Holdfast.Server.Invites;
using Holdfast.Server.Metrics;
using Holdfast.Server.Storage;
using Holdfast.Server.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace Holdfast.Server;

/// <summary>One running server: its folder, its listener, and the node behind them.</summary>
internal sealed class HoldfastServer : IAsyncDisposable
{
    /// <summary>What requests under way have at least, however long the connections took.</summary>
    private static readonly TimeSpan LeastStoppingTime = TimeSpan.FromSeconds(1);

    private readonly Home _home;
    private readonly WebApplication _web;
    private readonly TimeSpan _drainTime;
    private bool _started;

    private HoldfastServer(Home home, WebApplication web, Node node, TimeSpan drainTime) =>
        (_home, _web, Node, _drainTime) = (home, web, node, drainTime);

    /// <summary>Where it listens, with the real port.</summary>
    public Uri Address { get; private set; } = new("https://localhost");

    /// <summary>Where its totals are read, with the real port; null where nowhere.</summary>
    public Uri? MetricsAddress { get; private set; }

    /// <summary>Every method and path that is answered, such as <c>GET /health</c>.</summary>
    public IEnumerable<string> Routes =>
        from source in ((IEndpointRouteBuilder)_web).DataSources
        from route in source.Endpoints.OfType<RouteEndpoint>()
        from method in route.Metadata.GetRequiredMetadata<IHttpMethodMetadata>().HttpMethods
        select $"{method} {route.RoutePattern.RawText}";

    /// <summary>What clients pin.</summary>
    public ReadOnlyMemory<byte> ServerKey => Node.ServerKey;

    /// <summary>The owner's invite, at the very first start.</summary>
    public string? OwnerInvite { get; private set; }

    /// <summary>All that is not HTTP.</summary>
    public Node Node { get; }

    /// <summary>Ends when the disk has failed in such a way that only a new start tells what it has.</summary>
    public Task DiskLost => Node.Writer.DiskLost;

    /// <summary>Ends the diagnostics, and leaves all else to the end of the process: above all the disk is not touched again.</summary>
    public void Abandon()
    {
        foreach (var told in _web.Services.GetServices<ILoggerProvider>()) told.Dispose();   // what was said last is written first
    }

    /// <summary>Starts a server.</summary>
    /// <exception cref="StartupException">It cannot start; the message says what to do.</exception>
    public static async Task<HoldfastServer> StartAsync(
        ServerOptions options, RandomSource random, TimeProvider clock, CancellationToken cancellationToken)
    {
        var home = Home.Open(options, clock);
        HoldfastServer? server = null;
        try
        {
            server = Build(home, options, random, clock);
            await server.ListenAsync(options, random, clock, cancellationToken);
            return server;
        }
        catch (Exception failure)
        {
            if (server is not null) await server.DisposeAsync();
            else home.Dispose();
            if (failure is StorageException or UnauthorizedAccessException or IOException or RefusalException) throw home.Explain(failure);
            throw;
        }
    }

    /// <summary>
    /// Ends connections one after the other, then the listener with the requests under way, then the node with all that was queued. While it
    /// does, whoever comes is told to come again later.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        long began = Environment.TickCount64;
        Node.Draining.Begin();
        if (_started) await new Drain(Node.Hub, Node.Writer).RunAsync(_drainTime);
        Node.Hub.EndAll();
        var left = _drainTime - TimeSpan.FromMilliseconds(Environment.TickCount64 - began);
        using (var patience = new CancellationTokenSource(left > LeastStoppingTime ? left : LeastStoppingTime))
        {
            try { await _web.StopAsync(patience.Token); }
            catch (OperationCanceledException) when (patience.IsCancellationRequested) { Log.Impatient(Node.Logs.CreateLogger<HoldfastServer>()); }
        }
        await Node.DisposeAsync();
        if (_started) Log.Stopped(Node.Logs.CreateLogger<HoldfastServer>());
        await _web.DisposeAsync();
        _home.Dispose();
    }

    private static HoldfastServer Build(Home home, ServerOptions options, RandomSource random, TimeProvider clock)
    {
        var certificate = home.Certificate(clock);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        (options.JsonDiagnostics ? builder.Logging.AddJsonConsole(AsLines) : builder.Logging.AddSimpleConsole()).SetMinimumLevel(options.Diagnostics)
            .AddFilter("Microsoft", LogLevel.Critical).AddFilter("Microsoft.Extensions.Hosting", LogLevel.None).AddFilter("System", LogLevel.Critical);
        builder.Services.Configure<ConsoleLoggerOptions>(static console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton<IHostLifetime, ToldLifetime>();
        Node? node = null;
        Listener.Configure(builder, options, certificate, next => node!.Addresses.Guard(next));
        var web = builder.Build();
        var logs = web.Services.GetRequiredService<ILoggerFactory>();
        node = new Node(home, options, ServerCertificate.KeyOf(certificate), random, clock, logs, new ServerMetrics());
        Web.Routes.Map(web, node, options);
        return new HoldfastServer(home, web, node, options.DrainTime);
    }

    private static void AsLines(JsonConsoleFormatterOptions json)
    {
        json.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ";
        json.UseUtcTimestamp = true;
        json.JsonWriterOptions = new JsonWriterOptions { Indented = false };
    }

    private async Task ListenAsync(ServerOptions options, RandomSource random, TimeProvider clock, CancellationToken cancellationToken)
    {
        try { await _web.StartAsync(cancellationToken); }
        catch (IOException inUse) when (inUse.InnerException is AddressInUseException)
        {
            bool ofMetrics = options.Metrics is { } metrics && inUse.Message.Contains($"http://{metrics.Authority}:", StringComparison.Ordinal);
            var (taken, option) = ofMetrics ? (options.Metrics!, "--metrics") : (options.Listen, "--listen");
            throw new StartupException($"Another program listens on {taken.Authority}: stop it, or choose another port with {option}.");
        }
        catch (Exception failure) when (failure is IOException or SocketException)
        {
            throw new StartupException(
                $"The server cannot listen on {options.Listen.Authority}: choose an address of this machine and a free port with --listen.");
        }
        Address = Listener.AddressOf(_web, options);
        MetricsAddress = Listener.MetricsAddressOf(_web, options);
        OwnerInvite = await Node.Writer.RunAsync(stores => Remember(stores, options, random, clock), cancellationToken);
        _started = true;
        Log.Started(Node.Logs.CreateLogger<HoldfastServer>(), _home.Database.Version);
    }

    /// <summary>Keeps what invites need to know; returns the owner's invite at the very first start.</summary>
    private string? Remember(Stores stores, ServerOptions options, RandomSource random, TimeProvider clock)
    {
        stores.Serialize();   // of nodes that start at once one gives out the owner's invite
        stores.Settings.Set(Settings.ListenUrl, Address.GetLeftPart(UriPartial.Authority));
        stores.Settings.Set(Settings.ServerKey, ServerKey.Span);
        if (options.PublicUrl is { } address) stores.Settings.Set(Settings.PublicUrl, address);
        return OwnerInvites.First(stores, random, clock);
    }
}
