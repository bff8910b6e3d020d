using Holdfast.Mls.Interop.Wire;
using Xunit;

namespace Holdfast.Mls.Interop.Tests;

/// <summary>Two clients in processes of their own, for a class of tests.</summary>
public sealed class TwoServers : IAsyncLifetime
{
    private readonly List<InteropServer> _servers = [];

    public IReadOnlyList<MLSClient.MLSClientClient> Clients => [.. _servers.Select(server => server.Client)];

    internal InteropServer First => _servers[0];

    public async ValueTask InitializeAsync()
    {
        _servers.Add(await InteropServer.StartAsync());
        _servers.Add(await InteropServer.StartAsync());
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers) await server.DisposeAsync();
    }
}
