using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;

namespace Holdfast.Bench;

/// <summary>A thousand short messages to a group of three, from the command being typed to the last receiver's history.</summary>
internal sealed class ShortMessages(Household household, string group)
{
    private const int Messages = 1000, SyncedAppends = 1000, Signatures = 2000;
    private const double RateBar = 500;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    public async Task<IReadOnlyList<Measurement>> MeasureAsync(int runs, IReadOnlyList<string> receivers)
    {
        List<double> acknowledged = [], arrived = [], appends = [], signatures = [];
        for (int run = 0; run < runs; run++)
        {
            appends.Add(Floors.SyncedAppendsPerSecond(household.Folder, SyncedAppends));
            signatures.Add(Floors.SignaturesPerSecond(Signatures));
            var (sent, read) = await RunAsync($"run {run}", receivers);
            acknowledged.Add(Messages / sent.TotalSeconds);
            arrived.Add(Messages / read.TotalSeconds);
        }
        Floor[] floors = [new("synced 4 KiB appends", Statistics.Median(appends)), new("Ed25519 sign + verify", Statistics.Median(signatures))];
        const string Note = "1,000 lines given to send at once, from its start; durable at the server and in the sender's vault";
        return
        [
            new("send_short_acknowledged", "1/s", acknowledged, Bar.AtLeast, RateBar) { Floors = floors, Note = Note + ", to its end" },
            new("send_short_end_to_end", "1/s", arrived, Bar.AtLeast, RateBar) { Floors = floors, Note = Note + ", until read --follow of the last of two receivers has shown all" },
        ];
    }

    private async Task<(TimeSpan Sent, TimeSpan Read)> RunAsync(string mark, IReadOnlyList<string> receivers)
    {
        var following = new List<Process>();
        try
        {
            foreach (string receiver in receivers) following.Add(await FollowAsync(receiver, mark));
            long began = Stopwatch.GetTimestamp();
            var reading = following.Select(follower => CountAsync(follower, mark)).ToList();
            using var sender = household.Start("Alice", "send", group, "-");
            await sender.StandardInput.WriteAsync(string.Concat(Enumerable.Range(0, Messages).Select(number => $"{mark} message {number.ToString(CultureInfo.InvariantCulture)}\n")));
            sender.StandardInput.Close();
            await Household.EndAsync(sender, ["send", group, "-"]);
            var sent = Stopwatch.GetElapsedTime(began);
            long last = (await Task.WhenAll(reading).WaitAsync(Patience)).Max();
            return (sent, Stopwatch.GetElapsedTime(began, last));
        }
        finally
        {
            foreach (var follower in following)
            {
                follower.Kill();
                follower.Dispose();
            }
        }
    }

    /// <summary>A follower that has shown the message which says that the run begins is ready for it.</summary>
    private async Task<Process> FollowAsync(string receiver, string mark)
    {
        var follower = household.Start(receiver, "read", group, "--follow", "--json", "--limit", "1");
        string ready = $"{mark} begins for {receiver}";
        await household.AsAsync("Alice", "send", group, ready);
        while (await follower.StandardOutput.ReadLineAsync().WaitAsync(Patience) is { } line)
            if (TextOf(line) == ready) return follower;
        throw new InvalidOperationException($"{receiver} sees nothing: {await follower.StandardError.ReadToEndAsync()}");
    }

    /// <summary>Each message once and in order, or the figure would be worth nothing; gives the moment of the last.</summary>
    private static async Task<long> CountAsync(Process follower, string mark)
    {
        for (int number = 0; number < Messages;)
        {
            string line = await follower.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("a follower has ended");
            string? text = TextOf(line);
            if (text is null || text.Contains("begins", StringComparison.Ordinal)) continue;
            if (text != $"{mark} message {number++.ToString(CultureInfo.InvariantCulture)}") throw new InvalidOperationException($"not the message expected: {text}");
        }
        return Stopwatch.GetTimestamp();
    }

    private static string? TextOf(string line) => (string?)JsonNode.Parse(line)!["text"];
}
