using Holdfast.Codec;
using Holdfast.Mls;

namespace Holdfast.Fuzz;

/// <summary>What a run of one target came to.</summary>
internal sealed record Outcome(
    string Target, string Kind, int Seed, long Executions, long Accepted, int Edges, int Corpus, double Seconds, string? Fault);

/// <summary>
/// Inputs that know the structure: a valid one is read, changed inside and written again; sometimes bytes are changed besides.
/// </summary>
internal static class StructureRun
{
    internal static Outcome Of(Target target, int seed, long executions)
    {
        var random = new FuzzRandom(seed);
        var clock = System.Diagnostics.Stopwatch.StartNew();
        long accepted = 0, done = 0;
        string? fault = null;
        try
        {
            for (; done < executions; done++)
            {
                if (Oracle.Feed(target, Next(target, random))) accepted++;
            }
        }
        catch (Fault found)
        {
            fault = found.Message;
        }
        return new Outcome(
            target.Name, "structure", seed, done, accepted, 0, target.Seeds.Count, Math.Round(clock.Elapsed.TotalSeconds, 1), fault);
    }

    internal static byte[] Next(Target target, FuzzRandom random)
    {
        byte[] input = target.Seeds.Count == 0 ? [] : random.Of(target.Seeds);
        int changes = 1 + random.Below(3);
        for (int i = 0; i < changes; i++) input = random.OneIn(5) ? ByteChange.Of(input, random) : Reshaped(target, input, random);
        return input;
    }

    private static byte[] Reshaped(Target target, byte[] input, FuzzRandom random)
    {
        try
        {
            if (target is StateTarget) return StateTarget.Reshape(input, random);
            object? value = target switch
            {
                HandleTarget or JoinTarget => Tls.Decode<MlsMessage>(input),
                InsiderTarget => Inside(input),
                _ => target.Read(input),
            };
            object? changed = Shape.Change(value, random);
            return changed switch
            {
                null => ByteChange.Of(input, random),
                RatchetTree => ByteChange.Of(input, random),
                MlsMessage message => Tls.Encode(message),
                Proposal proposal when target is InsiderTarget => [input[0], .. Tls.Encode(proposal)],
                Commit commit when target is InsiderTarget => [input[0], .. Tls.Encode(commit)],
                _ => target.Write(changed) ?? ByteChange.Of(input, random),
            };
        }
        catch (Exception unreadable) when (
            unreadable is CodecException or MlsException or InvalidOperationException or ArgumentException or OverflowException)
        {
            return ByteChange.Of(input, random);   // what was changed before can no longer be read, or what came of it not be written
        }
    }

    private static object Inside(byte[] input)
    {
        if (input.Length == 0) throw new CodecException("no tag");
        return (input[0] & 1) == 0 ? Tls.Decode<Proposal>(input.AsSpan(1)) : Tls.Decode<Commit>(input.AsSpan(1));
    }
}

/// <summary>Inputs kept and changed further where they reach a branch that none before did, as SharpFuzz's instrumentation tells.</summary>
internal static class CoverageRun
{
    private const int MapSize = 1 << 16, LargestInput = 1 << 14;

    private static readonly byte[] Map = GC.AllocateArray<byte>(MapSize, pinned: true);

    /// <summary>Gives the instrumented code its place to write to, before any of it runs.</summary>
    internal static unsafe void Begin() =>
        SharpFuzz.Common.Trace.SharedMem = (byte*)System.Runtime.CompilerServices.Unsafe.AsPointer(ref Map[0]);

    internal static Outcome Of(Target target, int seed, long executions)
    {
        byte[] seen = new byte[MapSize];
        var random = new FuzzRandom(seed);
        var corpus = new List<byte[]>(target.Seeds.Append([]));
        var clock = System.Diagnostics.Stopwatch.StartNew();
        long accepted = 0, done = 0;
        string? fault = null;
        try
        {
            foreach (byte[] input in corpus.ToList()) Feed(input);
            while (done < executions) Feed(Next(target, corpus, random));
        }
        catch (Fault found)
        {
            fault = found.Message;
        }
        int edges = seen.Count(static hits => hits != 0);
        return new Outcome(
            target.Name, "coverage", seed, done, accepted, edges, corpus.Count, Math.Round(clock.Elapsed.TotalSeconds, 1), fault);

        void Feed(byte[] input)
        {
            Array.Clear(Map);
            SharpFuzz.Common.Trace.PrevLocation = 0;
            if (Oracle.Feed(target, input)) accepted++;
            if (IsNew(Map, seen)) corpus.Add(input);
            done++;
        }
    }

    private static byte[] Next(Target target, List<byte[]> corpus, FuzzRandom random)
    {
        byte[] input = random.Of(corpus);
        if (random.OneIn(8)) input = ByteChange.Splice(input, random.Of(corpus), random);
        for (int i = random.Below(4); i >= 0; i--) input = ByteChange.Of(input, random);
        if (target.Seeds.Count > 0 && random.OneIn(8)) input = StructureRun.Next(target, random);
        return input.Length > LargestInput ? input[..LargestInput] : input;
    }

    /// <summary>
    /// Whether a branch was taken that was not taken before, or as often as never before: 1, 2, 3, 4 to 7, 8 to 15 … times.
    /// </summary>
    private static bool IsNew(byte[] map, byte[] seen)
    {
        bool found = false;
        var words = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, ulong>(map.AsSpan());
        for (int word = 0; word < words.Length; word++)
        {
            if (words[word] == 0) continue;
            for (int i = word * 8; i < (word + 1) * 8; i++)
            {
                byte bucket = map[i] switch { 0 => 0, 1 => 1, 2 => 2, 3 => 4, < 8 => 8, < 16 => 16, < 32 => 32, < 128 => 64, _ => 128 };
                if ((seen[i] & bucket) == bucket) continue;
                seen[i] |= bucket;
                found = true;
            }
        }
        return found;
    }
}
