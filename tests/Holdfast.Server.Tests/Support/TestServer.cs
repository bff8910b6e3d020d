using Holdfast.Cryptography;
using Holdfast.Server.Invites;
using Microsoft.Extensions.Logging;

namespace Holdfast.Server.Tests.Support;

/// <summary>A real server in this process, on a free loopback port with TLS, in a place of its own; or several nodes that share one.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    private readonly string _place;
    private readonly bool _ownsPlace;
    private readonly List<HoldfastServer> _nodes = [];
    private Endpoint[] _endpoints = [];
    private int _next;
    private readonly int _count;
    private Task? _stopping;

    private TestServer(ServerOptions options, string place, bool ownsPlace, int nodes) =>
        (Options, _place, _ownsPlace, _count) = (options, place, ownsPlace, nodes);

    public ServerOptions Options { get; }

    /// <summary>Where it has what it has.</summary>
    public string Place => _place;

    public Clock Clock { get; } = new();

    /// <summary>How to reach it: the next node each time.</summary>
    public Endpoint Endpoint => _endpoints[_next++ % _endpoints.Length];

    /// <summary>How to reach each node.</summary>
    public IReadOnlyList<Endpoint> Endpoints => _endpoints;

    /// <summary>The first node.</summary>
    public Node Node => _nodes[0].Node;

    public IEnumerable<string> Routes => _nodes[0].Routes;

    /// <summary>How many transactions all nodes have committed.</summary>
    public long Commits => _nodes.Sum(static node => node.Node.Writer.Commits);

    public Uri? MetricsAddress => _nodes[0].MetricsAddress;

    public string? OwnerInvite { get; private set; }

    public static string NewFolder() => Directory.CreateTempSubdirectory("holdfast-test-").FullName;

    public static Task<TestServer> StartAsync(Func<ServerOptions, ServerOptions>? change = null, string? folder = null) =>
        StartAsync(change, folder, folder is null ? Support.Place.Nodes : 1);

    /// <summary>In a place that there is, which stays.</summary>
    public static Task<TestServer> StartAtAsync(string place) => StartAsync(null, place, Support.Place.Nodes);

    /// <summary>For what a node has of its own: how it ends, what it counts.</summary>
    public static Task<TestServer> StartOneAsync(Func<ServerOptions, ServerOptions>? change = null) => StartAsync(change, null, 1);

    private static async Task<TestServer> StartAsync(Func<ServerOptions, ServerOptions>? change, string? folder, int nodes)
    {
        string place = folder ?? Support.Place.New();
        var options = Support.Place.Options(place) with { Listen = new Uri("https://127.0.0.1:0"), Diagnostics = LogLevel.Error };
        var server = new TestServer(change?.Invoke(options) ?? options, place, folder is null, nodes);
        await server.StartNodesAsync();
        return server;
    }

    /// <summary>Ends it in order and starts it again in the same place.</summary>
    public async Task RestartAsync()
    {
        await StopNodesAsync();
        await StartNodesAsync();
    }

    public Task<string> InviteAsync() =>
        Node.Writer.RunAsync(stores => OwnerInvites.Add(stores, RandomSource.System, Clock, OwnerInvites.DefaultDays), CancellationToken.None);

    public async Task<Device> JoinAsync() => await Device.JoinAsync(Endpoint, await InviteAsync());

    public async Task<Session> ConnectAsync() => await (await JoinAsync()).ConnectAsync(Endpoint);

    /// <summary>Ends it in order; the place stays, to be searched.</summary>
    public Task StopAsync() => _stopping ??= StopNodesAsync();

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        foreach (var endpoint in _endpoints) endpoint.Dispose();
        if (_ownsPlace) Support.Place.Remove(_place);
    }

    private async Task StartNodesAsync()
    {
        for (int i = 0; i < _count; i++)
            _nodes.Add(await HoldfastServer.StartAsync(Options, RandomSource.System, Clock, CancellationToken.None));
        OwnerInvite = _nodes[0].OwnerInvite;
        _endpoints = [.. _nodes.Select(static node => new Endpoint(node.Address, node.ServerKey))];
        for (int i = 0; i < _endpoints.Length; i++) _endpoints[i].Other = _endpoints[(i + 1) % _endpoints.Length];
    }

    private async Task StopNodesAsync()
    {
        foreach (var node in _nodes) await node.DisposeAsync();
        _nodes.Clear();
    }
}
