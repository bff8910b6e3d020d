using System.Diagnostics;
using Holdfast.Server.Bench.Load;
using Holdfast.Server.Bench.Measures;

namespace Holdfast.Server.Bench.Peers;

/// <summary>Clients of an XMPP server in pairs, each with one message of 1 KiB under way: the same load as ours.</summary>
internal sealed class XmppLoad
{
    private const int ConnectsAtOnce = 8;

    private readonly Latencies _toAcknowledgement = new();
    private long _acknowledged, _delivered;
    private volatile bool _isRunning = true;
    private int _ended;

    /// <summary>How long acknowledgements took.</summary>
    public Latencies ToAcknowledgement => _toAcknowledgement;

    /// <summary>Connects so many, lets them send for a while, and counts.</summary>
    /// <param name="peer">The server.</param>
    /// <param name="clients">How many.</param>
    /// <param name="warmUp">Seconds that do not count.</param>
    /// <param name="seconds">Seconds that do.</param>
    public async Task<Metered> MeasureAsync(Peer peer, int clients, double warmUp, double seconds)
    {
        string run = $"{Guid.NewGuid():N}"[..8];
        var all = Enumerable.Range(0, clients).Select(i => new XmppClient(this, $"{run}-{i}", $"{run}-{i ^ 1}")).ToList();
        await Parallel.ForEachAsync(all, new ParallelOptions { MaxDegreeOfParallelism = ConnectsAtOnce }, async (client, _) => await client.StartAsync(peer.Port));
        foreach (var client in all) client.Post();
        await Task.Delay(TimeSpan.FromSeconds(warmUp));
        _toAcknowledgement.Clear();
        var (acknowledged, delivered, processor, start) = (Interlocked.Read(ref _acknowledged), Interlocked.Read(ref _delivered), peer.Processor, Stopwatch.GetTimestamp());
        await Task.Delay(TimeSpan.FromSeconds(seconds));
        var metered = new Metered(
            Stopwatch.GetElapsedTime(start).TotalSeconds, peer.Processor - processor,
            Interlocked.Read(ref _acknowledged) - acknowledged, Interlocked.Read(ref _delivered) - delivered);
        if (_ended > 0) throw new IOException($"{_ended} connections have ended");
        _isRunning = false;
        await Task.Delay(TimeSpan.FromSeconds(2));   // what is under way
        foreach (var client in all) client.Dispose();
        return metered;
    }

    internal void Acknowledged(XmppClient client, long sentAt)
    {
        Interlocked.Increment(ref _acknowledged);
        _toAcknowledgement.Add(sentAt, Stopwatch.GetTimestamp());
        if (_isRunning) client.Post();
    }

    internal void Delivered() => Interlocked.Increment(ref _delivered);

    internal void Ended()
    {
        if (_isRunning) Interlocked.Increment(ref _ended);
    }
}
