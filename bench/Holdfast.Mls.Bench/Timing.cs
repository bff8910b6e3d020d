using System.Diagnostics;

namespace Holdfast.Mls.Bench;

/// <summary>How long one run takes and what it allocates: the median of as many runs as fit the time.</summary>
/// <param name="Milliseconds">The median.</param>
/// <param name="Allocated">The bytes one run allocates on its own thread, the least of all runs.</param>
internal readonly record struct Timing(double Milliseconds, long Allocated)
{
    private const int MostRuns = 1000;
    private static readonly TimeSpan WarmUp = TimeSpan.FromMilliseconds(40), Budget = TimeSpan.FromMilliseconds(400);

    /// <summary>Runs until the time is spent, once at least; what a run gives back is disposed outside the time taken.</summary>
    internal static Timing Of<T>(Func<T> run) where T : IDisposable
    {
        long begun = Stopwatch.GetTimestamp();
        var first = Once(run);
        if (first.Milliseconds > Budget.TotalMilliseconds) return first;
        while (Stopwatch.GetElapsedTime(begun) < WarmUp) Once(run);
        var runs = new List<Timing>();
        begun = Stopwatch.GetTimestamp();
        do runs.Add(Once(run));
        while (runs.Count < MostRuns && Stopwatch.GetElapsedTime(begun) < Budget);
        return new Timing(Median([.. runs.Select(static run => run.Milliseconds)]), runs.Min(static run => run.Allocated));
    }

    /// <summary>The same of something too short for a clock: <paramref name="run"/> is repeated and the time divided.</summary>
    internal static double OfMany(int times, Action run) => Of(() =>
    {
        for (int i = 0; i < times; i++) run();
        return Nothing.Instance;
    }).Milliseconds / times;

    private static Timing Once<T>(Func<T> run) where T : IDisposable
    {
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        long begun = Stopwatch.GetTimestamp();
        using var result = run();
        double taken = Stopwatch.GetElapsedTime(begun).TotalMilliseconds;
        return new Timing(taken, GC.GetAllocatedBytesForCurrentThread() - allocated);
    }

    private static double Median(double[] values)
    {
        Array.Sort(values);
        int middle = values.Length / 2;
        return values.Length % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
    }

    /// <summary>What a run gives back that has nothing to dispose.</summary>
    internal sealed class Nothing : IDisposable
    {
        internal static Nothing Instance { get; } = new();

        public void Dispose()
        {
        }
    }
}
