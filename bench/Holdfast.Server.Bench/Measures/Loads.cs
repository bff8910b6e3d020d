using System.Diagnostics;
using Holdfast.Server.Bench.Load;

namespace Holdfast.Server.Bench.Measures;

/// <summary>Every client has so many posts under way: an acknowledgement is answered with the next.</summary>
internal sealed class ClosedLoad(int window) : MeteredLoad
{
    public void Begin(World world)
    {
        world.Workload = this;
        foreach (var client in world.Clients)
            for (int i = 0; i < window; i++) client.Post(Stopwatch.GetTimestamp());
    }

    public override void Acknowledged(LoadClient client, long sentAt)
    {
        base.Acknowledged(client, sentAt);
        if (IsRunning) client.Post(Stopwatch.GetTimestamp());
    }
}

/// <summary>Each conversation has so many posts under way, each until everybody has it; its members take turns.</summary>
internal sealed class RoomLoad(int window) : MeteredLoad
{
    private const int Slots = 4096;

    private int[][] _given = [];

    public void Begin(World world)
    {
        _given = [.. world.Conversations.Select(static _ => new int[Slots])];
        world.Workload = this;
        foreach (var conversation in world.Conversations)
            for (int i = 0; i < window; i++) conversation.Members[i % conversation.Members.Count].Post(Stopwatch.GetTimestamp());
    }

    public override void Delivered(LoadClient client, ulong position, LoadClient sender, long sentAt)
    {
        base.Delivered(client, position, sender, sentAt);
        var members = client.Conversation.Members;
        ref int given = ref _given[client.Conversation.Number][position % Slots];
        if (Interlocked.Increment(ref given) < members.Count) return;
        given = 0;
        if (IsRunning) members[(sender.Number + window) % members.Count].Post(Stopwatch.GetTimestamp());
    }
}

/// <summary>Posts come at a rate whatever the server does, at random moments from random clients; latency counts from when each was due.</summary>
/// <param name="perSecond">How many on average.</param>
/// <param name="seed">What the moments follow from.</param>
/// <param name="atOnce">How many a client posts right after each other.</param>
internal sealed class OpenLoad(double perSecond, int seed, int atOnce = 1) : MeteredLoad
{
    private const int LongestNap = 1, MostUnderWay = 512;

    /// <summary>How many were due.</summary>
    public long Posted { get; private set; }

    /// <summary>How many of them were never sent, because the server takes no more from their client.</summary>
    public long HeldBack { get; private set; }

    /// <summary>Posts until it is stopped.</summary>
    public Task BeginAsync(World world)
    {
        world.Workload = this;
        return Task.Factory.StartNew(() => Run(world), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    private void Run(World world)
    {
        var random = new Random(seed);
        double due = Stopwatch.GetTimestamp();
        while (IsRunning)
        {
            while (due <= Stopwatch.GetTimestamp() && IsRunning)
            {
                var client = world.Clients[random.Next(world.Clients.Count)];
                if (client.Unacknowledged < MostUnderWay)
                    for (int i = 0; i < atOnce; i++) client.Post((long)due);
                else HeldBack += atOnce;
                Posted += atOnce;
                due -= Math.Log(1 - random.NextDouble()) * atOnce / perSecond * Stopwatch.Frequency;
            }
            Thread.Sleep(LongestNap);
        }
    }
}

/// <summary>One client posts so many, with so many under way.</summary>
internal sealed class CountedLoad(int posts) : MeteredLoad
{
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _posted;

    /// <summary>Ends when all are acknowledged.</summary>
    public Task Done => _done.Task;

    public void Begin(World world, LoadClient poster, int window)
    {
        world.Workload = this;
        for (int i = 0; i < window && i < posts; i++) Post(poster);
    }

    public override void Acknowledged(LoadClient client, long sentAt)
    {
        base.Acknowledged(client, sentAt);
        Post(client);
        if (AcknowledgedCount == posts) _done.TrySetResult();
    }

    private void Post(LoadClient client)
    {
        if (Interlocked.Increment(ref _posted) <= posts) client.Post(Stopwatch.GetTimestamp());
    }
}
