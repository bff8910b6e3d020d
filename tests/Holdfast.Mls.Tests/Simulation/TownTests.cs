using Holdfast.Tests;
using Xunit;

namespace Holdfast.Mls.Tests.Simulation;

/// <summary>Groups over a bad network, each from a seed (ATTACKS B-10, B-11, B-12, B-30, B-41, B-42).</summary>
public sealed class TownTests
{
    private const int Seeds = 100, LongSeeds = 10_000, Steps = 25;

    [Fact]
    public void EveryMemberOfEveryTownConverges()
    {
        int commits = 0, joins = 0, returns = 0, lost = 0, seeds = LongRun.IsWanted ? LongSeeds : Seeds;
        for (int seed = 1; seed <= seeds; seed++)
        {
            try
            {
                // Most groups are small; every fiftieth has up to 50 members.
                using var town = seed % 50 == 0 ? new Town(seed, 10 + (seed / 50 % 36), 50) : new Town(seed, 3 + (seed % 6), 12);
                for (int step = 0; step < Steps; step++) town.Step();
                town.Converge();
                commits += town.Commits;
                joins += town.Joins;
                returns += town.Returns;
                lost += town.Lost;
                if (LongRun.IsWanted && seed % 100 == 0)
                    Recording.Write("mls-simulation", new { seeds = seed, commits, joins, returns, lost });
            }
            catch (Exception failure)
            {
                throw new InvalidOperationException($"the town of seed {seed}", failure);
            }
        }
        string seen = $"{commits} commits, {joins} joins from outside, {returns} of members, {lost} lost races";
        Assert.True(commits > 3 * seeds && joins > seeds / 2 && returns > seeds / 10 && lost > 2 * seeds, seen);
    }
}
