using System.Collections.Concurrent;
using System.Diagnostics;
using Holdfast.Protocol;
using Holdfast.Server.Bench.Checking;

namespace Holdfast.Server.Bench.Load;

/// <summary>Clients in conversations of one size, on one server or several nodes, and the record of what they see.</summary>
internal sealed class World
{
    private const int ConnectsAtOnce = 32;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly ConcurrentDictionary<RefusalCode, int> _refusals = [];
    private IReadOnlyList<Target> _targets;
    private long _behind;

    /// <param name="targets">The nodes: client i begins with node i.</param>
    /// <param name="accounts">Who takes part.</param>
    /// <param name="roomSize">How many in each conversation.</param>
    /// <param name="contentBytes">The size of what they post.</param>
    public World(IReadOnlyList<Target> targets, IReadOnlyList<Account> accounts, int roomSize, int contentBytes = 1024)
    {
        _targets = targets;
        Conversations = [.. Enumerable.Range(0, accounts.Count / roomSize).Select(static number => new Conversation(number))];
        Clients = [.. accounts.Take(Conversations.Count * roomSize)
            .Select((account, i) => new LoadClient(this, account, Conversations[i / roomSize], contentBytes))];
    }

    public Recording Recording { get; } = new();

    public IReadOnlyList<Conversation> Conversations { get; }

    public IReadOnlyList<LoadClient> Clients { get; }

    /// <summary>What the clients do; exchanged while they are connected.</summary>
    public Workload Workload { get; set; } = new();

    /// <summary>Whether a client that is told that there is too much gives the post up; else it connects again, and sends it again.</summary>
    public bool GivesUp { get; set; }

    /// <summary>How often a client was told that it is behind.</summary>
    public long Behind => Interlocked.Read(ref _behind);

    /// <summary>How often which refusal came.</summary>
    public IReadOnlyDictionary<RefusalCode, int> Refusals => _refusals;

    public void CountBehind() => Interlocked.Increment(ref _behind);

    public void CountRefusal(RefusalCode code) => _refusals.AddOrUpdate(code, 1, static (_, count) => count + 1);

    /// <summary>Where a client tries to connect: after a failure at the next node.</summary>
    public Target TargetOf(LoadClient client, int attempt)
    {
        var targets = Volatile.Read(ref _targets);
        return targets[(client.Number + client.Conversation.Number + attempt) % targets.Count];
    }

    /// <summary>The nodes are somewhere else now.</summary>
    public void MoveTo(IReadOnlyList<Target> targets) => Volatile.Write(ref _targets, targets);

    /// <summary>Connects all; the first member of each conversation makes its log.</summary>
    public async Task ConnectAsync()
    {
        var first = Clients.Where(static client => client.Number == 0);
        var others = Clients.Where(static client => client.Number > 0);
        foreach (var clients in new[] { first, others })
            await Parallel.ForEachAsync(clients, new ParallelOptions { MaxDegreeOfParallelism = ConnectsAtOnce }, static async (client, _) => await client.StartAsync());
    }

    /// <summary>Waits until everything posted is acknowledged and everyone has it; false where that takes too long.</summary>
    public async Task<bool> QuietAsync()
    {
        long start = Stopwatch.GetTimestamp();
        while (!IsQuiet())
        {
            if (Stopwatch.GetElapsedTime(start) > Patience) return false;
            await Task.Delay(10);
        }
        return true;
    }

    /// <summary>Everyone asks once more for what there is; then they leave, and the checker judges what they have seen.</summary>
    public async Task<Verdict> EndAsync()
    {
        await QuietAsync();
        await Task.WhenAll(Clients.Select(static client => client.FinishAsync())).WaitAsync(Patience);
        await Task.WhenAll(Clients.Select(static client => client.EndAsync()));
        return Checker.Check(Recording);
    }

    private bool IsQuiet() => Conversations.All(static conversation =>
        conversation.Members.TrueForAll(static member => member.Unacknowledged == 0) &&
        conversation.Members.TrueForAll(member => member.Cursor == conversation.Members[0].Cursor));
}
