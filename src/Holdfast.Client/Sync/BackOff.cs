using System.Buffers.Binary;
using Holdfast.Cryptography;

namespace Holdfast.Client;

/// <summary>How long to wait before the next attempt: twice as long each time, with full jitter, so that a restarted server is not stormed.</summary>
/// <param name="shortest">The first wait is at most this.</param>
/// <param name="longest">No wait is longer than this.</param>
/// <param name="random">Where the jitter comes from.</param>
internal sealed class BackOff(TimeSpan shortest, TimeSpan longest, RandomSource random)
{
    private int _failures;

    /// <summary>The next attempt was good: the following failure is a first one.</summary>
    internal void Reset() => _failures = 0;

    /// <summary>How long to wait now.</summary>
    internal TimeSpan Next()
    {
        double ceiling = Math.Min(longest.TotalSeconds, shortest.TotalSeconds * Math.Pow(2, Math.Min(_failures++, 30)));
        return TimeSpan.FromSeconds(ceiling * Fraction(random));
    }

    /// <summary>Around <paramref name="span"/>, a fifth more or less.</summary>
    internal static TimeSpan Around(TimeSpan span, RandomSource random) => span * (0.8 + (0.4 * Fraction(random)));

    /// <summary>From 0 up to 1.</summary>
    private static double Fraction(RandomSource random)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        random.FillPublic(bytes);
        return BinaryPrimitives.ReadUInt32BigEndian(bytes) / (double)uint.MaxValue;
    }
}
