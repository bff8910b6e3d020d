using System.Diagnostics;
using System.Numerics;

namespace Holdfast.Server.Bench.Load;

/// <summary>Latencies, counted in steps of about 1.5 %: from any number of threads, without keeping each.</summary>
internal sealed class Latencies
{
    private const int StepBits = 6, Steps = 1 << StepBits;

    private readonly long[] _counts = new long[Steps * 40];
    private long _highest;

    public long Count => _counts.Sum();

    /// <summary>The longest, in milliseconds.</summary>
    public double Highest => _highest / 1e3;

    /// <summary>From one reading of the clock to another.</summary>
    public void Add(long from, long until)
    {
        long microseconds = Math.Max(0, (long)Stopwatch.GetElapsedTime(from, until).TotalMicroseconds);
        Interlocked.Increment(ref _counts[Place(microseconds)]);
        long highest = Volatile.Read(ref _highest);
        while (microseconds > highest)
        {
            long seen = Interlocked.CompareExchange(ref _highest, microseconds, highest);
            if (seen == highest) break;
            highest = seen;
        }
    }

    public void Clear()
    {
        Array.Clear(_counts);
        _highest = 0;
    }

    /// <summary>What so many of a hundred are not longer than, in milliseconds.</summary>
    public double Percentile(double percent)
    {
        long rank = (long)Math.Ceiling(Count * percent / 100), passed = 0;
        for (int i = 0; i < _counts.Length; i++)
        {
            passed += _counts[i];
            if (passed >= rank && passed > 0) return Math.Min(Value(i), _highest) / 1e3;
        }
        return 0;
    }

    private static int Place(long value)
    {
        int shift = Math.Max(0, BitOperations.Log2((ulong)value | 1) - StepBits);
        return (shift * Steps) + (int)(value >> shift);
    }

    /// <summary>The middle of a step.</summary>
    private static double Value(int place)
    {
        int shift = Math.Max(0, (place / Steps) - 1);
        return ((place - (shift * Steps)) + (shift == 0 ? 0 : 0.5)) * Math.Pow(2, shift);
    }
}
