using Holdfast.Cryptography;
using Holdfast.Server.Invites;
using Microsoft.Extensions.Logging;

namespace Holdfast.Server.Tests.Support;

/// <summary>A real server in this process, on a free loopback port with TLS, in a folder of its own.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    private readonly bool _ownsFolder;
    private HoldfastServer _server;
    private bool _stopped;

    private TestServer(HoldfastServer server, ServerOptions options, Clock clock, bool ownsFolder)
    {
        (_server, Options, Clock, _ownsFolder) = (server, options, clock, ownsFolder);
        Endpoint = new Endpoint(server.Address, server.ServerKey);
    }

    public ServerOptions Options { get; }

    public Clock Clock { get; }

    public Endpoint Endpoint { get; private set; }

    public Node Node => _server.Node;

    public IEnumerable<string> Routes => _server.Routes;

    public Uri? MetricsAddress => _server.MetricsAddress;

    public string? OwnerInvite => _server.OwnerInvite;

    public static string NewFolder() => Directory.CreateTempSubdirectory("holdfast-test-").FullName;

    public static async Task<TestServer> StartAsync(Func<ServerOptions, ServerOptions>? change = null, string? folder = null)
    {
        var options = new ServerOptions(folder ?? NewFolder()) { Listen = new Uri("https://127.0.0.1:0"), Diagnostics = LogLevel.Error };
        options = change?.Invoke(options) ?? options;
        var clock = new Clock();
        return new(await HoldfastServer.StartAsync(options, RandomSource.System, clock, CancellationToken.None), options, clock, folder is null);
    }

    /// <summary>Ends it in order and starts it again on the same folder.</summary>
    public async Task RestartAsync()
    {
        await _server.DisposeAsync();
        _server = await HoldfastServer.StartAsync(Options, RandomSource.System, Clock, CancellationToken.None);
        Endpoint = new Endpoint(_server.Address, _server.ServerKey);
    }

    public Task<string> InviteAsync() =>
        Node.Writer.RunAsync(stores => OwnerInvites.Add(stores, RandomSource.System, Clock, OwnerInvites.DefaultDays), CancellationToken.None);

    public async Task<Device> JoinAsync() => await Device.JoinAsync(Endpoint, await InviteAsync());

    public async Task<Session> ConnectAsync() => await (await JoinAsync()).ConnectAsync(Endpoint);

    /// <summary>Ends it in order; the folder stays, to be searched.</summary>
    public async Task StopAsync()
    {
        if (!_stopped) await _server.DisposeAsync();
        _stopped = true;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Endpoint.Dispose();
        if (_ownsFolder) Directory.Delete(Options.Data, recursive: true);
    }
}
