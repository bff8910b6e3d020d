using System.Diagnostics;
using Holdfast.Cryptography;
using Holdfast.Protocol;
using Holdfast.Server.Bench.Checking;

namespace Holdfast.Server.Bench.Load;

/// <summary>One round: everybody who still wants to has posted a commit on top of the same position.</summary>
/// <param name="Posted">How many commits.</param>
/// <param name="Accepted">How many of them were accepted.</param>
/// <param name="Rank">Which of them in the order of sending was, from 0.</param>
/// <param name="Positions">At how many different positions the members are afterwards.</param>
/// <param name="Milliseconds">Until everybody had the entry and the access key that came with it.</param>
internal sealed record CommitRound(int Posted, int Accepted, int Rank, int Positions, double Milliseconds);

/// <summary>What a storm of commits showed.</summary>
/// <param name="Together">The rounds in which all posted.</param>
/// <param name="Draining">The rounds in which those posted who had had none accepted yet, until there was nobody left.</param>
/// <param name="MostWins">The most rounds that one of them won while all posted.</param>
/// <param name="MostLosses">The most rounds in a row that one of them came too late while all posted.</param>
/// <param name="MostLossesDraining">The most rounds in a row that one of them came too late in the others.</param>
/// <param name="Verdict">What the checker found.</param>
internal sealed record CommitResult(
    IReadOnlyList<CommitRound> Together, IReadOnlyList<CommitRound> Draining, int MostWins, int MostLosses, int MostLossesDraining, Verdict Verdict);

/// <summary>
/// Everybody in a conversation commits at once, round after round; one commit is accepted in each, and all others learn which. First all post
/// in every round; then whoever has won leaves off, so that after as many rounds as there are members each must have had its commit.
/// </summary>
internal sealed class CommitStorm(IReadOnlyList<Target> targets, int seed)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly Random _random = new(seed);
    private readonly Recording _recording = new();

    /// <summary>Lets all commit at once, for so many rounds and then until each has had its turn.</summary>
    public async Task<CommitResult> RunAsync(IReadOnlyList<Account> accounts, int rounds)
    {
        var members = await ConnectAsync(accounts);
        var together = new List<CommitRound>();
        for (int i = 0; i < rounds; i++) together.Add((await RoundAsync(members, members)).Round);
        var (wins, losses) = (members.Max(static member => member.Wins), members.Max(static member => member.MostLosses));
        var (draining, waiting, longest) = (new List<CommitRound>(), members.ToList(), 0);
        while (waiting.Count > 0 && draining.Count < accounts.Count)
        {
            var (round, winner) = await RoundAsync(members, waiting);
            draining.Add(round);
            longest = draining.Count - 1;   // whoever wins this round has lost all before
            if (winner is not null) waiting.Remove(winner);
        }
        if (waiting.Count > 0) longest = draining.Count;
        await Task.WhenAll(members.Select(static member => member.FinishAsync())).WaitAsync(Patience);
        foreach (var member in members) member.Dispose();
        return new(together, draining, wins, losses, longest, Checker.Check(_recording));
    }

    private async Task<Committer[]> ConnectAsync(IReadOnlyList<Account> accounts)
    {
        var log = LogId.Of(RandomSource.System.PublicBytes(Id128.Size));
        var key = Account.NewKey();
        var members = new Committer[accounts.Count];
        for (int i = 0; i < members.Length; i++)
        {
            members[i] = await Committer.ConnectAsync(targets[i % targets.Count], accounts[i], log, _recording);
            if (i == 0) await members[i].CreateAsync(key);
            await members[i].SubscribeAsync(key);
        }
        return members;
    }

    private async Task<(CommitRound Round, Committer? Winner)> RoundAsync(Committer[] members, IReadOnlyList<Committer> posting)
    {
        Committer[] order = [.. posting];
        _random.Shuffle(order);
        long start = Stopwatch.GetTimestamp();
        Parallel.ForEach(order, static member => member.Post());
        bool[] accepted = await Task.WhenAll(order.Select(static member => member.ConcludeAsync())).WaitAsync(Patience);
        await Task.WhenAll(members.Except(order).Select(static member => member.FollowAsync())).WaitAsync(Patience);
        int rank = Array.IndexOf(accepted, true);
        var winner = rank < 0 ? null : order[rank];
        if (winner is not null) await Task.WhenAll(members.Select(member => member.SubscribeAsync(winner.Next))).WaitAsync(Patience);
        var round = new CommitRound(
            order.Length, accepted.Count(static each => each), rank, members.Select(static member => member.Cursor).Distinct().Count(),
            Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        return (round, winner);
    }
}
