using Holdfast.Server.Tests.Faults;
using Holdfast.Server.Tests.Support;
using Holdfast.Tests;

namespace Holdfast.Server.Tests;

/// <summary>
/// Nodes, their PostgreSQL and the clients on hosts of their own, and a network between them that is cut: fully, one way, and by turns. Nothing that was
/// acknowledged is lost, at most one commit is accepted in each epoch, and all is well again within a minute. A long run goes on for twenty minutes, or
/// HOLDFAST_SECONDS.
/// </summary>
[Trait(Place.Trait, Place.Postgres)]
public sealed class NetworkCutTests
{
    private const int Database = 0, Clients = 12, Racers = 4, LongSeconds = 1200;
    private const double LongestHealing = 60;

    public NetworkCutTests() => Assert.SkipUnless(Place.IsShared, "HOLDFAST_TEST_DATABASE names no PostgreSQL");

    [Fact]
    public async Task AfterEveryCutAllIsWellAgainAndNothingWasLostOrAcceptedTwice()
    {
        Assert.SkipUnless(LongRun.IsWanted || Place.Nodes > 1, "it is run with several nodes");
        int nodes = Math.Max(2, Place.Nodes);
        using var network = CutNetwork.TryMake(nodes + 1);
        Assert.SkipWhen(network is null, "a network of our own needs root, iproute2 and nftables");
        string folder = Directory.CreateTempSubdirectory("holdfast-test-postgres-").FullName;
        await using var postgres = await OwnPostgres.StartAsync(network.AddressOf(Database), network.On(Database), folder);
        string place = postgres.Address + "?sslmode=disable";
        await using var run = new FaultRun(place, nodes, node => ServerProcess.StartOnAsync(
            network.On(node + 1), place, $"https://{network.AddressOf(node + 1)}:0", "--connections-per-address", "20000"));
        await run.StartAsync(Clients);
        var endpoints = run.Servers.Select(static server => server.Endpoint).ToList();
        using var race = new CommitRace(endpoints);
        var devices = new List<Device>();
        foreach (string invite in await ServerProcess.InviteAsync(place, Racers + 1)) devices.Add(await Device.JoinAsync(endpoints[0], invite));
        await race.BeginAsync(devices[..Racers]);

        int cuts = await CutAsync(network, run, nodes);
        double healing = (await run.CalmAsync()).TotalSeconds;
        await race.EndAsync(devices[Racers]);
        var verdict = await run.EndAsync();
        Assert.True(verdict.IsClean, $"{verdict}");
        Assert.True(race.Accepted > 0, "no commit was accepted");
        Assert.True(healing < LongestHealing, $"it took {healing:0} s");
        Recorded.Add($"the network is cut, {nodes} nodes", verdict,
            ("cuts", cuts, ""), ("commits accepted", race.Accepted, ""), ("from the last cut's end until everyone has everything", healing, "s"));
    }

    /// <summary>Cuts and heals; returns how often. After each some post is accepted again.</summary>
    private static async Task<int> CutAsync(CutNetwork network, FaultRun run, int nodes)
    {
        var random = new Random(Recorded.Seed);
        long end = Environment.TickCount64 + (Recorded.Seconds(0, LongSeconds) * 1000L);
        int cuts = 0;
        await CutOnceAsync(Cut.Full, network.AddressOf(Database), 1000);
        await CutOnceAsync(Cut.Outgoing, network.AddressOf(Database), 1000);
        await CutOnceAsync(Cut.Incoming, network.Clients, 1000);
        while (LongRun.IsWanted && Environment.TickCount64 < end)
        {
            var cut = (Cut)random.Next(1, 4);
            string other = random.Next(3) > 0 ? network.AddressOf(Database) : network.Clients;
            if (random.Next(4) > 0) await CutOnceAsync(cut, other, random.Next(200, 20_000));
            else for (int i = 0; i < 10; i++) await CutOnceAsync(cut, other, random.Next(50, 500));
            await Task.Delay(random.Next(100, 5000), TestContext.Current.CancellationToken);
        }
        return cuts;

        async Task CutOnceAsync(Cut cut, string other, int milliseconds)
        {
            int node = 1 + random.Next(nodes);
            network.Sever(node, other, cut);
            await Task.Delay(milliseconds, TestContext.Current.CancellationToken);
            network.Heal();
            cuts++;
            await run.AcceptsAsync();
        }
    }
}
