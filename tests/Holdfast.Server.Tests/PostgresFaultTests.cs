using System.Net;
using Holdfast.Protocol;
using Holdfast.Server.Tests.Faults;
using Holdfast.Server.Tests.Support;
using Holdfast.Tests;

namespace Holdfast.Server.Tests;

/// <summary>
/// What may happen to the PostgreSQL that nodes share, under load, with the checker: nothing that was acknowledged is lost or doubled, no sender's
/// posts change their order, and the nodes are ready again by themselves. A long run goes on for five minutes, or HOLDFAST_SECONDS.
/// </summary>
[Trait(Place.Trait, Place.Postgres)]
public sealed class PostgresFaultTests
{
    private const int Clients = 12, LongSeconds = 300;

    private int _happened, _ended;

    public PostgresFaultTests() => Assert.SkipUnless(Place.IsShared, "HOLDFAST_TEST_DATABASE names no PostgreSQL");

    [Fact]
    public async Task WhateverHappensToTheDatabaseNothingThatWasAcknowledgedIsLost()
    {
        await using var postgres = await OwnPostgres.StartAsync();
        await using var run = new FaultRun(postgres.Address, Place.Nodes, _ => ServerProcess.StartAsync(postgres.Address));
        await run.StartAsync(Clients);
        Func<Task>[] faults =
        [
            () => postgres.RestartAsync("immediate"), () => EndConnectionsAsync(postgres), () => CrashAsync(postgres),
            () => AwayAsync(postgres, TimeSpan.FromSeconds(2)),
        ];
        foreach (var fault in faults) await MeetAsync(run, fault);
        if (LongRun.IsWanted) await GoOnAsync(run, postgres, faults);
        var verdict = await run.EndAsync();
        Assert.True(verdict.IsClean, $"{verdict}");
        foreach (var server in run.Servers)
        {
            Assert.Equal(0, await server.EndAsync());
            Assert.DoesNotContain(await server.ErrorsAsync(), static line => line.Contains("bug", StringComparison.Ordinal));
        }
        Recorded.Add($"what happens to PostgreSQL, {Place.Nodes} nodes", verdict, ("faults", _happened, ""), ("connections ended", _ended, ""));
    }

    /// <summary>At random, and once for half a minute.</summary>
    private async Task GoOnAsync(FaultRun run, OwnPostgres postgres, Func<Task>[] faults)
    {
        long end = Environment.TickCount64 + (Recorded.Seconds(0, LongSeconds) * 1000L);
        var random = new Random(Recorded.Seed);
        await MeetAsync(run, () => AwayAsync(postgres, TimeSpan.FromSeconds(30)));
        await MeetAsync(run, () => postgres.RestartAsync("fast"));
        while (Environment.TickCount64 < end)
        {
            await Task.Delay(random.Next(1000, 10_000), TestContext.Current.CancellationToken);
            await MeetAsync(run, random.Next(2) == 0 ? () => EndConnectionsAsync(postgres) : faults[random.Next(faults.Length)]);
        }
    }

    /// <summary>Something happens; then every node is ready again and posts are accepted.</summary>
    private async Task MeetAsync(FaultRun run, Func<Task> fault)
    {
        await fault();
        _happened++;
        await run.AcceptsAsync();
        foreach (var server in run.Servers)
            await Eventually.Async(async () =>
            {
                using var answer = await server.Endpoint.Http.GetAsync(new Uri(Rest.HealthReady, UriKind.Relative), TestContext.Current.CancellationToken);
                return answer.StatusCode == HttpStatusCode.OK;
            });
    }

    private async Task EndConnectionsAsync(OwnPostgres postgres)
    {
        for (int i = 0; i < 3; i++)
        {
            _ended += (int)postgres.EndConnections();
            await Task.Delay(TimeSpan.FromMilliseconds(200), TestContext.Current.CancellationToken);
        }
    }

    private static async Task CrashAsync(OwnPostgres postgres)
    {
        await postgres.KillAsync();
        await postgres.GoAsync();
    }

    private static async Task AwayAsync(OwnPostgres postgres, TimeSpan time)
    {
        await postgres.HaltAsync();
        await Task.Delay(time, TestContext.Current.CancellationToken);
        await postgres.GoAsync();
    }
}
