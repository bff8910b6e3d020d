using Xunit;

namespace Holdfast.Mls.Tests;

/// <summary>What a batch holds in memory while it is handled and after. It is measured for the whole process, so nothing runs beside it.</summary>
[CollectionDefinition(nameof(BatchMemoryTests), DisableParallelization = true)]
[Collection(nameof(BatchMemoryTests))]
public sealed class BatchMemoryTests
{
    [Fact]
    public void KeysThatWerePassedOverArePiledUpOnlyOnce()
    {
        const int Skipped = 900, Messages = 40;
        using var room = Room.Of(2);
        Client alice = room[0], bob = room[1];
        var messages = new List<ReadOnlyMemory<byte>>();
        for (int i = 0; i < Messages; i++)
        {
            for (int lost = 0; lost < Skipped; lost++) Assert.NotEmpty(alice.Say("lost"));
            messages.Add(alice.Say($"text {i}"));
        }
        long before = Held();
        var outcomes = bob.Group.HandleBatch(messages);
        long held = Held() - before;
        Assert.All(outcomes, static outcome => Assert.IsType<Handled.ApplicationReceived>(outcome));
        var last = Group.NextOf(outcomes[^1])!;
        Assert.True(held < 4 << 20, $"{held} bytes");   // about 1,000 keys that are kept, and not 900 for each message
        Assert.IsType<Handled.ApplicationReceived>(last.Handle(alice.Say("after")));
        last.Dispose();
    }

    /// <summary>What is left when all that others have dropped is gone.</summary>
    private static long Held()
    {
        for (int i = 0; i < 3; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        return GC.GetTotalMemory(forceFullCollection: true);
    }
}
