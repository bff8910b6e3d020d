using Holdfast.Cryptography;
using Holdfast.Tests;
using Xunit;

namespace Holdfast.Mls.Tests.Differential;

/// <summary>Groups whose members are ours and another implementation's: it reads what we make, and we read what it makes.</summary>
public sealed class DifferentialTests
{
    private const int Steps = 14;

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 10)];

    [Theory, MemberData(nameof(Seeds))]
    public void BothImplementationsLiveTheSameHistory(int seed)
    {
        using var theirs = TsMls.Start();
        Live(seed, theirs, new Tally());
    }

    /// <summary>The recorded run: 1,000 histories.</summary>
    [Fact]
    public void AThousandHistoriesAreTheSame()
    {
        if (!LongRun.IsWanted) Assert.Skip("a long run");
        var tally = new Tally();
        using var theirs = TsMls.Start();
        for (int seed = 1; seed <= 1000; seed++)
        {
            Live(seed, theirs, tally);
            if (seed % 50 == 0) Recording.Write("mls-differential", tally.Counts);
        }
        foreach (string whose in new[] { "ours", "theirs" })
        {
            foreach (string kind in new[] { "", ", again" }) Assert.Contains($"external joins of {whose}{kind}", tally.Counts.Keys);
        }
    }

    /// <summary>Suite 1 mostly; every tenth history is of another.</summary>
    private static void Live(int seed, TsMls theirs, Tally tally)
    {
        var suite = seed % 10 == 0 ? CipherSuite.Find((ushort)(2 + (seed / 10 % 6)))! : CipherSuite.Mandatory;
        tally.Count($"histories, suite {suite.Id}");
        History? history = null;
        try
        {
            history = new History(seed, suite, theirs, tally);
            for (int step = 0; step < Steps; step++) history.Step();
        }
        catch (Exception failure)
        {
            throw new InvalidOperationException($"the history of seed {seed}, suite {suite.Id}: {history?.Story}", failure);
        }
        finally
        {
            history?.Dispose();
        }
    }
}
