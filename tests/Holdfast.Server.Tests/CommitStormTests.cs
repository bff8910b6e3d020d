using Holdfast.Server.Bench.Load;
using Holdfast.Server.Tests.Support;

namespace Holdfast.Server.Tests;

public sealed class CommitStormTests
{
    private const int Members = 40, Rounds = 5;

    /// <summary>Whichever node they are on, everybody commits on top of the same position, and goes on from where that led.</summary>
    [Fact]
    public async Task OfFortyWhoCommitAtOnceOneIsAcceptedAndAllAgreeAndEachHasItsTurn()
    {
        await using var server = await TestServer.StartAsync();
        Target[] targets = [.. server.Endpoints.Select(static endpoint => new Target(endpoint.Address, endpoint.Key.ToArray()))];
        var invites = new List<string>();
        while (invites.Count < Members) invites.Add(await server.InviteAsync());
        var accounts = await Account.RegisterAllAsync(targets[0], invites);
        var result = await new CommitStorm(targets, seed: 3).RunAsync(accounts, Rounds);
        Assert.Equal(Rounds, result.Together.Count);
        Assert.Equal(Members, result.Draining.Count);
        Assert.All(result.Together.Concat(result.Draining), static round => Assert.Equal((1, 1), (round.Accepted, round.Positions)));
        Assert.True(result.Verdict.IsClean, $"{result.Verdict}");
        Assert.Equal(Rounds + Members, result.Verdict.Posts - result.Verdict.Unknown);
    }
}
