using System.Diagnostics;

namespace Holdfast.Bench;

/// <summary>
/// How soon two people who have just met can talk, and what the servers on which they did so occupy when they are left alone.
/// Every run has a server, a profile folder and processes of its own, so nothing is warm but the file cache.
/// </summary>
internal sealed class FirstMessages(string program, string folder) : IAsyncDisposable
{
    private const double SecondsBar = 5, ServerBar = 120;
    private const int Newcomers = 3;
    private static readonly TimeSpan Idle = TimeSpan.FromMinutes(1);

    private readonly List<Household> _households = [];
    private long _leftAlone;

    public async Task<Measurement> MeasureAsync(int runs)
    {
        var seconds = new List<double>();
        for (int run = 0; run < runs; run++)
        {
            var household = await Household.StartAsync(program, folder);
            _households.Add(household);
            seconds.Add(await FirstMessageAsync(household));
        }
        return new("first_message_after_join", "s", seconds, Bar.AtMost, SecondsBar)
        {
            Note = "from the end of join to the end of the read in which the inviter sees it: send and read one after the other",
        };
    }

    /// <summary>Five accounts on each server; then everyone leaves, and the minute begins.</summary>
    public async Task LeaveAloneAsync()
    {
        foreach (var household in _households)
        {
            foreach (var (invite, number) in (await household.InvitesAsync("Alice", Newcomers)).Select(static (invite, number) => (invite, number)))
                await household.JoinAsync($"Guest{number}", invite);
            await household.LockAllAsync();
        }
        _leftAlone = Stopwatch.GetTimestamp();
    }

    public async Task<Measurement> MeasureServersAtRestAsync()
    {
        var left = Idle - Stopwatch.GetElapsedTime(_leftAlone);
        if (left > TimeSpan.Zero) await Task.Delay(left);
        return new("server_at_rest_mb", "MB", [.. _households.Select(static household => ProcessMemory.Resident(household.ServerId))], Bar.AtMost, ServerBar)
        {
            Note = "VmRSS of as many servers, each with 5 accounts that have joined, after a minute without a request",
        };
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var household in _households) await household.DisposeAsync();
    }

    private static async Task<double> FirstMessageAsync(Household household)
    {
        const string Text = "Hello from Bob";
        await household.JoinAsync("Alice", household.OwnerInvite);
        string invite = (await household.InvitesAsync("Alice", 1))[0];
        await household.JoinAsync("Bob", invite);
        var watch = Stopwatch.StartNew();
        await household.AsAsync("Bob", "send", "Alice", Text);
        var read = await household.JsonAsAsync("Alice", "read", "Bob");
        double seconds = watch.Elapsed.TotalSeconds;
        return read.Any(message => (string?)message["text"] == Text) ? seconds : throw new InvalidOperationException("the message is not there");
    }
}
