using System.Buffers.Binary;
using Holdfast.Codec;
using Holdfast.Protocol;
using Holdfast.Tests;

namespace Holdfast.Vault.Tests;

/// <summary>
/// Any bytes on the vault's pipe: each frame is answered, nothing but what is declared is thrown, a frame that cannot be read costs
/// no more memory than its bytes justify, nothing grows, and no secret that the profile was made with is in an answer.
/// </summary>
[Collection(nameof(FrameTests))]
public sealed class FrameTests
{
    private const int Seed = 1, ForEachByte = 16, AtLeast = 64 << 10, MayGrow = 4 << 20, ForEachOpening = 1 << 10, PutBackAfter = 5_000;

    [Fact]
    public void EveryFrameIsAnswered()
    {
        using var profile = new FramesProfile(Seed);
        var tally = new Tally();
        int frames = LongRun.IsWanted ? 10_000_000 : 10_000;
        Monitor? open = null, locked = null, empty = null;
        int used = 0;
        long heap = 0, measured = 0;
        for (int i = 0; i < frames; i++)
        {
            byte[] call = profile.NextCall();
            ref var monitor = ref open;
            if (profile.Choice.OneIn(10)) monitor = ref profile.Choice.OneIn(2) ? ref locked : ref empty;
            if (monitor is null || monitor.HasEnded || used++ % PutBackAfter == PutBackAfter - 1)
            {
                foreach (var ended in new[] { open, locked, empty }) ended?.Dispose();
                (open, locked, empty) = (null, null, null);
                if (heap == 0 || i >= measured + 1_000_000) (heap, measured) = (CheckHeap(heap, profile), i);
                (open, locked, empty) = profile.Start();
                monitor = ref open;
            }
            long before = GC.GetAllocatedBytesForCurrentThread();
            int length = call.Length;
            var reply = monitor!.Answer(call);
            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            tally.Count(reply, allocated);
            if (reply is Failed { Error: VaultError.Malformed } && allocated > AtLeast + (ForEachByte * length))
                Assert.Fail($"frame {i} of {length} bytes was refused at the cost of {allocated}");
            Assert.False(profile.Tells(Tls.Encode(reply)), $"frame {i}: a secret is in {reply}");
        }
        foreach (var ended in new[] { open, locked, empty }) ended?.Dispose();
        (open, locked, empty) = (null, null, null);
        CheckHeap(heap, profile);
        if (LongRun.IsWanted) Recording.Write("vault-frames", tally.Seen(frames));
        Assert.True(tally.Answered >= frames / 20 && tally.Malformed >= frames / 20, $"{tally.Answered} did something and {tally.Malformed} were malformed");
    }

    [Fact]
    public void EverySequenceOfFramesIsAnswered()
    {
        using var profile = new FramesProfile(Seed + 1);
        var tally = new Tally();
        int sequences = LongRun.IsWanted ? 1_000_000 : 1_000;
        long heap = 0;
        for (int i = 0; i < sequences; i++)
        {
            bool isEmpty = profile.Choice.OneIn(2);
            bool opens = !isEmpty && profile.Choice.OneIn(8);
            if (opens) profile.Openings++;
            byte[] input = Sequence(profile, opens, out int whole);
            using var output = new MemoryStream();
            int code = profile.Serve(isEmpty ? profile.EmptyFolder : profile.Folder, new SlowStream(input, profile.Choice), output);
            var replies = RepliesIn(output.ToArray());
            Assert.InRange(code, 0, 1);
            Assert.InRange(replies.Count, 0, whole);
            foreach (var reply in replies) tally.Count(reply, 0);
            if (isEmpty && Directory.Exists(profile.EmptyFolder)) Directory.Delete(profile.EmptyFolder, recursive: true);
            if (i % 100_000 == 100) heap = CheckHeap(heap, profile);
        }
        CheckHeap(heap, profile);
        if (LongRun.IsWanted) Recording.Write("vault-sequences", tally.Seen(sequences));
    }

    [Fact]
    public void AFrameThatEndsEarlyOrSaysAFalseLengthEndsTheVaultWithoutAnAnswer()
    {
        using var profile = new FramesProfile(Seed);
        byte[] frame = VaultFrame.Wrap<VaultCall>(new GetStatus());
        foreach (uint length in (uint[])[0, ProtocolLimits.VaultFrameBytes + 1, uint.MaxValue])
        {
            byte[] header = new byte[VaultFrame.HeaderBytes];
            BinaryPrimitives.WriteUInt32BigEndian(header, length);
            using var output = new MemoryStream();
            long before = GC.GetAllocatedBytesForCurrentThread();
            Assert.Equal(1, profile.Serve(profile.EmptyFolder, new MemoryStream([.. header, .. new byte[100]]), output));
            Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < AtLeast);
            Assert.Equal(0, output.Length);
        }
        for (int cut = 0; cut < frame.Length; cut++)
        {
            using var output = new MemoryStream();
            profile.Serve(profile.EmptyFolder, new MemoryStream([.. frame, .. frame[..cut]]), output);
            Assert.IsType<Status>(Assert.Single(RepliesIn(output.ToArray())));
        }
    }

    /// <summary>
    /// What is used after a collection, which must not grow from one time to the next. Opening a store leaves some hundred bytes behind:
    /// Microsoft.Data.Sqlite keeps the connection strings it has seen. A vault opens one store.
    /// </summary>
    private static long CheckHeap(long before, FramesProfile profile)
    {
        long now = GC.GetTotalMemory(forceFullCollection: true) - (profile.Openings * ForEachOpening);
        if (before != 0) Assert.True(now < before + MayGrow, $"{before} bytes in use became {now}");
        return before != 0 ? before : now;
    }

    private static byte[] Sequence(FramesProfile profile, bool opens, out int whole)
    {
        var choice = profile.Choice;
        using var input = new MemoryStream();
        int frames = 1 + choice.Below(8);
        whole = frames;
        for (int i = 0; i < frames; i++)
        {
            byte[] call = opens && i == 0 ? FramesProfile.Opening : profile.NextCall();
            byte[] header = new byte[VaultFrame.HeaderBytes];
            uint says = choice.OneIn(30) ? (uint)choice.Below(int.MaxValue) : (uint)call.Length + (choice.OneIn(30) ? 1u : 0);
            BinaryPrimitives.WriteUInt32BigEndian(header, says);
            input.Write(header);
            input.Write(choice.OneIn(30) ? call.AsSpan(0, choice.Below(call.Length + 1)) : call);
        }
        return input.ToArray();
    }

    private static List<VaultReply> RepliesIn(byte[] output)
    {
        var replies = new List<VaultReply>();
        for (int at = 0; at < output.Length;)
        {
            int length = VaultFrame.ReadLength(output.AsSpan(at));
            replies.Add(Tls.Decode<VaultReply>(output.AsSpan(at + VaultFrame.HeaderBytes, length)));
            at += VaultFrame.HeaderBytes + length;
        }
        return replies;
    }

    /// <summary>Gives what is asked for in pieces, as a pipe does.</summary>
    private sealed class SlowStream(byte[] bytes, Fuzz.FuzzRandom choice) : MemoryStream(bytes)
    {
        public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(buffer.Length, 1 + choice.Below(64))]);
    }

    /// <summary>They look at what the process uses, so nothing else runs meanwhile.</summary>
    [CollectionDefinition(nameof(FrameTests), DisableParallelization = true)]
    public sealed class Alone;

    private sealed class Tally
    {
        private long _allocated;

        internal int Answered { get; private set; }

        internal int Malformed { get; private set; }

        private int Refused { get; set; }

        internal void Count(VaultReply reply, long allocated)
        {
            if (reply is Failed { Error: VaultError.Malformed })
            {
                Malformed++;
                _allocated = Math.Max(_allocated, allocated);
            }
            else if (reply is Failed) Refused++;
            else Answered++;
        }

        internal object Seen(int inputs) => new { inputs, seed = Seed, answered = Answered, refused = Refused, malformed = Malformed, most_allocated_for_malformed = _allocated };
    }
}
