using Holdfast.Server.Bench.Load;
using Holdfast.Server.Tests.Support;

namespace Holdfast.Server.Tests;

public sealed class KillTests
{
    private const int Kills = 40, Clients = 16;

    /// <summary>Each kill comes at a random moment of the load; the clients behave as clients do, and the checker judges what they saw.</summary>
    [Fact]
    public async Task FortyKillsUnderLoadLoseDoubleAndReorderNothing()
    {
        string place = Place.New();
        await using (var killed = new Killed(place))
        {
            await killed.RestartAsync(0);
            var accounts = await Account.RegisterAllAsync(killed.Targets[0], await ServerProcess.InviteAsync(place, Clients));
            var run = new KillRun(killed, seed: 5) { Between = (0, 200), UnawaitedPercent = 25 };
            var result = await run.RunAsync(accounts, Kills);
            Assert.True(result.Verdict.IsClean, $"{result.Verdict}");
            Assert.Equal(Kills, result.Kills);
            Assert.True(result.Verdict.Posts > 10 * Kills, $"only {result.Verdict.Posts} posts: that was no load");
            TestContext.Current.SendDiagnosticMessage("{0}; accepting again within {1:0} ms", result.Verdict, result.ToFirstAcceptance.Max());
        }
        Place.Remove(place);
    }

    /// <summary>The real executable on one folder.</summary>
    private sealed class Killed(string place) : IKillable, IAsyncDisposable
    {
        private ServerProcess? _server;

        public IReadOnlyList<Target> Targets => [new Target(_server!.Endpoint.Address, _server.Endpoint.Key.ToArray())];

        public Task KillAsync(int node) => _server!.KillAsync();

        public async Task RestartAsync(int node)
        {
            if (_server is not null) await _server.DisposeAsync();
            _server = await ServerProcess.StartAsync(place);
        }

        public async ValueTask DisposeAsync()
        {
            if (_server is not null) await _server.DisposeAsync();
        }
    }
}
