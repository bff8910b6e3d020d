using System.Diagnostics;
using Holdfast.Cryptography;
using Holdfast.Tests;
using Xunit;

namespace Holdfast.Mls.Tests;

/// <summary>
/// ATTACKS B-9, A-17: whether it can be seen on a clock where a tag, or what a cipher protects, is wrong. Two ways to be wrong come in
/// random order, and Welch's t says whether their times differ: beyond 4.5 they do. Measured on a machine that does other things besides,
/// so that it is recorded and judged by a reader; what must be seen is the comparison that is planted.
/// </summary>
public sealed class TimingTests
{
    private const int Samples = 2_000_000, Seen = 100;

    private static readonly CipherSuite Suite = CipherSuite.Mandatory;

    private readonly Random _random = new(20261123);

    [Fact]
    public void WhereATagIsWrongCannotBeSeenOnAClock()
    {
        Assert.SkipUnless(LongRun.IsWanted, "a long run");
        byte[] key = RandomSource.System.PublicBytes(32), data = RandomSource.System.PublicBytes(200);
        byte[] plaintext = new byte[100], opened = new byte[100];
        byte[] tag = Suite.Hkdf.Mac(key, data), aeadKey = key[..Suite.Aead.KeySize], nonce = new byte[Suite.Aead.NonceSize];
        byte[] ciphertext = Suite.Aead.Seal(aeadKey, nonce, data, plaintext);
        using var room = Room.Of(4);
        byte[] message = room[1].Say("what is said");
        double planted = Difference(Wrong(tag, 0), Wrong(tag, tag.Length - 1), wrong => EqualsUntilItDoesNot(tag, wrong));
        var measured = new
        {
            samples = Samples,
            planted,
            tag = Difference(Wrong(tag, 0), Wrong(tag, tag.Length - 1), wrong => Suite.Hkdf.VerifyMac(key, data, wrong)),
            aeadTag = Difference(
                Wrong(ciphertext, 100), Wrong(ciphertext, 115), wrong => Suite.Aead.TryOpen(aeadKey, nonce, data, wrong, opened)),
            aeadContent = Difference(
                Wrong(ciphertext, 0), Wrong(ciphertext, 115), wrong => Suite.Aead.TryOpen(aeadKey, nonce, data, wrong, opened)),
            message = Difference(
                Wrong(message, message.Length - 1),
                Wrong(message, message.Length - 40),
                wrong => room[0].Group.Handle(wrong) is Handled.ApplicationReceived),
        };
        Assert.True(Math.Abs(planted) > Seen, $"{planted}");
        Recording.Write("mls-timing", measured);
    }

    private static byte[] Wrong(byte[] right, int at)
    {
        byte[] wrong = [.. right];
        wrong[at] ^= 1;
        return wrong;
    }

    private static bool EqualsUntilItDoesNot(byte[] one, byte[] other)
    {
        for (int i = 0; i < one.Length; i++)
        {
            if (one[i] != other[i]) return false;
        }
        return true;
    }

    /// <summary>Welch's t of the times of the two, without the slowest tenth of all: those were interrupted.</summary>
    private double Difference(byte[] first, byte[] second, Func<byte[], bool> isRight)
    {
        var (times, isFirst) = (new long[Samples], new bool[Samples]);
        for (int i = -Samples / 50; i < Samples; i++)
        {
            bool which = _random.Next(2) == 0;
            byte[] input = which ? first : second;
            long start = Stopwatch.GetTimestamp();
            bool right = isRight(input);
            long time = Stopwatch.GetTimestamp() - start;
            Assert.False(right);
            if (i >= 0) (times[i], isFirst[i]) = (time, which);
        }
        long[] sorted = [.. times];
        Array.Sort(sorted);
        long slow = sorted[Samples * 9 / 10];
        var (one, other) = (new Moments(), new Moments());
        for (int i = 0; i < Samples; i++)
        {
            if (times[i] < slow) (isFirst[i] ? one : other).Add(times[i]);
        }
        return Math.Round((one.Mean - other.Mean) / Math.Sqrt((one.Variance / one.Count) + (other.Variance / other.Count)), 2);
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
