using System.Diagnostics;
using Holdfast.Codec;
using Holdfast.Mls;

namespace Holdfast.Fuzz;

/// <summary>What may come of any input (ATTACKS B-16, B-17, B-25).</summary>
internal static class Oracle
{
    internal const int FreeBytes = 64 * 1024, MostMilliseconds = 100;

    /// <summary>Feeds one input. Returns whether it was accepted; throws <see cref="Fault"/> where something is wrong.</summary>
    internal static bool Feed(Target target, byte[] given)
    {
        byte[] input;
        try
        {
            input = target.Prepare(given);
        }
        catch (Exception declared) when (declared is CodecException or MlsException)
        {
            return false;
        }
        var (value, accepted, allocated, milliseconds) = Try(target, input);
        // what is made once for all is no input's
        if (allocated > target.MostBytes(input)) allocated = Math.Min(allocated, Try(target, input).Allocated);
        if (allocated > target.MostBytes(input)) throw new Fault(target, input, $"{allocated} bytes allocated for {input.Length}");
        for (int again = 0; milliseconds > MostMilliseconds; again++)   // a busy machine is no hang
        {
            if (again == 3) throw new Fault(target, input, $"{milliseconds:F0} ms");
            milliseconds = Try(target, input).Milliseconds;
        }
        if (value is not null && target.Write(value) is { } written && !written.AsSpan().SequenceEqual(input))
            throw new Fault(target, input, "accepted, but not as it is written");
        return accepted;
    }

    private static (object? Value, bool Accepted, long Allocated, double Milliseconds) Try(Target target, byte[] input)
    {
        object? value = null;
        bool accepted = false;
        long began = Stopwatch.GetTimestamp(), before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            value = target.Read(input);
            accepted = true;
        }
        catch (CodecException)
        {
            // declared
        }
        catch (MlsException)
        {
            // declared
        }
        catch (Exception other)
        {
            throw new Fault(target, input, $"{other.GetType().Name}: {other.Message} {other.StackTrace}");
        }
        return (value, accepted, GC.GetAllocatedBytesForCurrentThread() - before, Stopwatch.GetElapsedTime(began).TotalMilliseconds);
    }
}

/// <summary>An input that does what no input may do.</summary>
internal sealed class Fault(Target target, byte[] input, string what)
    : Exception($"{target.Name}: {what}; the input is {Convert.ToHexString(input.AsSpan(0, Math.Min(input.Length, 20_000)))}");
