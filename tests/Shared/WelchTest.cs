using System.Diagnostics;

namespace Holdfast.Tests;

/// <summary>
/// Whether it can be seen on a clock which of two inputs was given. They come in random order, and Welch's t says whether their times
/// differ: beyond <see cref="Seen"/> they do. The slowest tenth of all is left out: those were interrupted.
/// </summary>
internal sealed class WelchTest(int seed)
{
    /// <summary>From here on a difference is one.</summary>
    public const double Seen = 4.5;

    /// <summary>What a comparison that stops at the first difference shows at least.</summary>
    public const double Planted = 100;

    private readonly Random _random = new(seed);

    /// <summary>Welch's t of the times that <paramref name="work"/> takes with either of two inputs.</summary>
    /// <param name="samples">How often it is done, both together.</param>
    /// <param name="first">One input.</param>
    /// <param name="second">The other.</param>
    /// <param name="work">What is done with it; it is to answer the same to both.</param>
    public double Between<T>(int samples, Func<T> first, Func<T> second, Func<T, bool> work)
    {
        var (times, isFirst) = (new long[samples], new bool[samples]);
        bool? answer = null;
        for (int i = -samples / 50; i < samples; i++)
        {
            bool which = _random.Next(2) == 0;
            var input = which ? first() : second();
            long start = Stopwatch.GetTimestamp();
            bool said = work(input);
            long time = Stopwatch.GetTimestamp() - start;
            if (said != (answer ??= said)) throw new InvalidOperationException("the two are not answered alike");
            if (i >= 0) (times[i], isFirst[i]) = (time, which);
        }
        long[] sorted = [.. times];
        Array.Sort(sorted);
        long slow = sorted[samples * 9 / 10];
        var (one, other) = (new Moments(), new Moments());
        for (int i = 0; i < samples; i++)
        {
            if (times[i] < slow) (isFirst[i] ? one : other).Add(times[i]);
        }
        return Math.Round((one.Mean - other.Mean) / Math.Sqrt((one.Variance / one.Count) + (other.Variance / other.Count)), 2);
    }

    /// <summary>The right bytes but for one.</summary>
    public static byte[] Wrong(byte[] right, int at)
    {
        byte[] wrong = [.. right];
        wrong[at] ^= 1;
        return wrong;
    }

    /// <summary>What must be seen: it stops where it finds a difference.</summary>
    public static bool EqualsUntilItDoesNot(byte[] one, byte[] other)
    {
        for (int i = 0; i < one.Length; i++)
        {
            if (one[i] != other[i]) return false;
        }
        return true;
    }

    /// <summary>Mean and variance as the numbers come.</summary>
    private sealed class Moments
    {
        private double _squares;

        internal long Count { get; private set; }

        internal double Mean { get; private set; }

        internal double Variance => _squares / (Count - 1);

        internal void Add(double value)
        {
            double before = value - Mean;
            Mean += before / ++Count;
            _squares += before * (value - Mean);
        }
    }
}
