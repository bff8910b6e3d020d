using System.Diagnostics;
using Holdfast.Server.Bench.Load;

namespace Holdfast.Server.Bench.Measures;

/// <summary>A load that counts what it does, from the moment at which it is told to.</summary>
internal abstract class MeteredLoad : Workload
{
    private long _acknowledged, _delivered;

    public long AcknowledgedCount => Interlocked.Read(ref _acknowledged);

    public long DeliveredCount => Interlocked.Read(ref _delivered);

    /// <summary>From sending to the acknowledgement.</summary>
    public Latencies ToAcknowledgement { get; } = new();

    /// <summary>From sending to each delivery to somebody else.</summary>
    public Latencies ToDelivery { get; } = new();

    /// <summary>Whether posts are still to be made.</summary>
    public bool IsRunning { get; private set; } = true;

    public void Stop() => IsRunning = false;

    public void Clear()
    {
        (_acknowledged, _delivered) = (0, 0);
        ToAcknowledgement.Clear();
        ToDelivery.Clear();
    }

    public override void Acknowledged(LoadClient client, long sentAt)
    {
        Interlocked.Increment(ref _acknowledged);
        if (sentAt != 0) ToAcknowledgement.Add(sentAt, Stopwatch.GetTimestamp());
    }

    public override void Delivered(LoadClient client, ulong position, LoadClient sender, long sentAt)
    {
        Interlocked.Increment(ref _delivered);
        if (client != sender && sentAt != 0) ToDelivery.Add(sentAt, Stopwatch.GetTimestamp());
    }
}

/// <summary>What a load did in a stretch of time, and what it cost the server.</summary>
/// <param name="Seconds">How long it was measured.</param>
/// <param name="Processor">The server's processor time in it, in seconds.</param>
/// <param name="Acknowledged">How many posts.</param>
/// <param name="Delivered">How many entries clients were given, the senders' own included.</param>
internal sealed record Metered(double Seconds, double Processor, long Acknowledged, long Delivered)
{
    public double PostsPerSecond => Acknowledged / Seconds;

    public double DeliveriesPerSecond => Delivered / Seconds;

    /// <summary>Microseconds of the server's processor time for each post.</summary>
    public double PerPost => Processor * 1e6 / Math.Max(1, Acknowledged);

    /// <summary>Microseconds of the server's processor time for each delivery.</summary>
    public double PerDelivery => Processor * 1e6 / Math.Max(1, Delivered);

    /// <summary>Lets a load that has begun run for a while, then counts.</summary>
    public static async Task<Metered> MeasureAsync(Cluster cluster, MeteredLoad load, double warmUp, double seconds)
    {
        await Task.Delay(TimeSpan.FromSeconds(warmUp));
        load.Clear();
        double processor = cluster.Processor;
        long start = Stopwatch.GetTimestamp();
        await Task.Delay(TimeSpan.FromSeconds(seconds));
        var (acknowledged, delivered) = (load.AcknowledgedCount, load.DeliveredCount);
        return new(Stopwatch.GetElapsedTime(start).TotalSeconds, cluster.Processor - processor, acknowledged, delivered);
    }

    /// <summary>The load's latencies, as figures.</summary>
    public static IEnumerable<Figure> LatenciesOf(MeteredLoad load, double? p99AtMost = null) =>
    [
        new("acknowledged, p50", load.ToAcknowledgement.Percentile(50), "ms"),
        new("acknowledged, p99", load.ToAcknowledgement.Percentile(99), "ms", p99AtMost),
        new("acknowledged, p99.9", load.ToAcknowledgement.Percentile(99.9), "ms"),
        new("delivered, p50", load.ToDelivery.Percentile(50), "ms"),
        new("delivered, p99", load.ToDelivery.Percentile(99), "ms", p99AtMost),
        new("delivered, p99.9", load.ToDelivery.Percentile(99.9), "ms"),
    ];
}
