using Holdfast.Server.Bench.Load;

namespace Holdfast.Server.Bench.Measures;

/// <summary>200 members commit at once, 50 rounds; then each until it has had its turn.</summary>
internal static class Commits
{
    private const int DefaultClients = 200, Rounds = 50;
    private const double RoundMilliseconds = 2000;

    public static async Task MeasureAsync(BenchOptions options, Results results)
    {
        int clients = options.Clients > 0 ? options.Clients : DefaultClients;
        await using var cluster = await Cluster.StartAsync(options);
        var result = await new CommitStorm(cluster.Targets, options.Seed).RunAsync(await cluster.RegisterAsync(clients), Rounds);
        string name = $"{clients} commit at once";
        results.Add(name, Figures(result.Together));
        results.Add(name,
        [
            new("most rounds won by one", result.MostWins, ""),
            new("mean rank of the accepted, of 1", result.Together.Average(static round => (round.Rank + 0.5) / round.Posted), ""),
            new("most rounds lost in a row", result.MostLosses, ""),
        ]);
        name = $"{clients}, each until it has had its turn";
        results.Add(name, Figures(result.Draining));
        results.Add(name, [new("most rounds lost in a row", result.MostLossesDraining, "", clients - 1)]);
        results.Add($"{clients} commit", result.Verdict);
    }

    private static IEnumerable<Figure> Figures(IReadOnlyList<CommitRound> rounds) =>
    [
        new("rounds", rounds.Count, ""),
        new("rounds without exactly one accepted", rounds.Count(static round => round.Accepted != 1), "", 0),
        new("rounds after which not all agree", rounds.Count(static round => round.Positions != 1), "", 0),
        new("a round, median", rounds.Select(static round => round.Milliseconds).Order().ElementAt(rounds.Count / 2), "ms"),
        new("a round, longest", rounds.Max(static round => round.Milliseconds), "ms", RoundMilliseconds),
    ];
}
