using Holdfast.Server.Bench.Load;

namespace Holdfast.Server.Bench;

/// <summary>One server, or several nodes over one database, in a folder that goes with it.</summary>
internal sealed class Cluster : IAsyncDisposable, IKillable
{
    private const int InvitesAtOnce = 10_000;

    private readonly BenchOptions _options;
    private readonly string _folder = Directory.CreateTempSubdirectory("holdfast-bench-").FullName;
    private readonly List<ServerNode> _nodes = [];

    private Cluster(BenchOptions options) => _options = options;

    public IReadOnlyList<Target> Targets => [.. _nodes.Select(static node => node.Target)];

    /// <summary>The processor time of all nodes, in seconds.</summary>
    public double Processor => _nodes.Sum(static node => node.Processor);

    /// <summary>The memory of all nodes, in bytes.</summary>
    public long Memory => _nodes.Sum(static node => node.Memory);

    public static async Task<Cluster> StartAsync(BenchOptions options)
    {
        var cluster = new Cluster(options);
        try
        {
            for (int i = 0; i < options.Nodes; i++) cluster._nodes.Add(await cluster.StartNodeAsync(i));
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>New accounts.</summary>
    public async Task<Account[]> RegisterAsync(int count)
    {
        var accounts = new List<Account>();
        while (accounts.Count < count)
        {
            int now = Math.Min(count - accounts.Count, InvitesAtOnce);
            var invites = await ServerNode.RunAsync(_options.Server, ["invite", .. PlaceOf(0), "--count", $"{now}"]);
            accounts.AddRange(await Account.RegisterAllAsync(_nodes[0].Target, invites));
        }
        return [.. accounts];
    }

    public Task KillAsync(int node) => _nodes[node].KillAsync();

    /// <summary>Starts a node that was killed, on what it left.</summary>
    public async Task RestartAsync(int node)
    {
        await _nodes[node].DisposeAsync();
        _nodes[node] = await StartNodeAsync(node);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes) await node.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private string DataOf(int node) => Path.Combine(_folder, $"{node}");

    /// <summary>All nodes have the first one's TLS key: it is what invites pin.</summary>
    private Task<ServerNode> StartNodeAsync(int node)
    {
        string scheme = _options.IsPlain ? "http" : "https";
        List<string> arguments = ["run", .. PlaceOf(node), "--listen", $"{scheme}://127.0.0.1:0", "--end-with-input", .. OtherArguments()];
        if (_options.IsPlain) arguments.AddRange(["--public-url", "https://localhost"]);
        if (node > 0 && !_options.IsShared) arguments.AddRange(["--tls-cert", Path.Combine(DataOf(0), "tls.crt"), "--tls-key", Path.Combine(DataOf(0), "tls.key")]);
        return ServerNode.StartAsync(_options.Server, arguments);
    }

    /// <summary>A folder of each node's own, or the database that was named.</summary>
    private string[] PlaceOf(int node) => _options.IsShared
        ? [BenchOptions.Database, _options.ServerArguments.SkipWhile(static argument => argument != BenchOptions.Database).ElementAt(1)]
        : ["--data", DataOf(node)];

    private List<string> OtherArguments()
    {
        var arguments = _options.ServerArguments.ToList();
        int place = arguments.IndexOf(BenchOptions.Database);
        if (place >= 0) arguments.RemoveRange(place, 2);
        return arguments;
    }
}
