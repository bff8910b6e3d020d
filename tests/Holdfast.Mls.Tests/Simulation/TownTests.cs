using Holdfast.Tests;
using Xunit;

namespace Holdfast.Mls.Tests.Simulation;

/// <summary>Groups over a bad network, each from a seed (ATTACKS B-10, B-11, B-12, B-30, B-41, B-42).</summary>
public sealed class TownTests
{
    private const int Seeds = 100, LongSeeds = 10_000;

    [Fact]
    public void EveryMemberOfEveryTownConverges()
    {
        int commits = 0, joins = 0, lost = 0, seeds = LongRun.IsWanted ? LongSeeds : Seeds;
        for (int seed = 1; seed <= seeds; seed++)
        {
            try
            {
                // Most groups are small; every fiftieth has up to 50 members.
                using var town = seed % 50 == 0 ? new Town(seed, 10 + (seed / 50 % 36), 50) : new Town(seed, 3 + (seed % 6), 12);
                for (int step = 0; step < 30; step++) town.Step();
                town.Converge();
                commits += town.Commits;
                joins += town.Joins;
                lost += town.Lost;
                if (LongRun.IsWanted && seed % 100 == 0) Recording.Write("mls-simulation", new { seeds = seed, commits, joins, lost });
            }
            catch (Exception failure)
            {
                throw new InvalidOperationException($"the town of seed {seed}", failure);
            }
        }
        Assert.True(commits > 2 * seeds, $"{commits} commits");
        Assert.True(joins > seeds / 2, $"{joins} joins from outside");
        Assert.True(lost > seeds / 4, $"{lost} lost races");
    }
}
