using Holdfast.Cryptography;
using Holdfast.Protocol;

namespace Holdfast.Client.Tests;

public sealed class SyncTests
{
    [Fact]
    public void WaitsDoubleUpToTheLongestAndStartAgainAfterSuccess()
    {
        var backOff = new BackOff(TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(60), new FullRandom());
        Assert.Equal([0.5, 1, 2, 4, 8, 16, 32, 60, 60], Enumerable.Range(0, 9).Select(_ => backOff.Next().TotalSeconds));
        for (int i = 0; i < 1000; i++) Assert.Equal(60, backOff.Next().TotalSeconds);
        backOff.Reset();
        Assert.Equal(0.5, backOff.Next().TotalSeconds);
    }

    [Fact]
    public void JitterNeverExceedsTheWait()
    {
        var backOff = new BackOff(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1), RandomSource.System);
        var waits = Enumerable.Range(0, 200).Select(_ => backOff.Next().TotalSeconds).ToList();
        Assert.All(waits, static wait => Assert.InRange(wait, 0, 1));
        Assert.True(waits.Max() - waits.Min() > 0.5);
    }

    [Fact]
    public void PushesAreTakenWhileTheyContinueWhatIsThere()
    {
        var arrived = new ArrivedEntries();
        arrived.Add([Entry(3), Entry(4)], cursor: 2);
        arrived.Add([Entry(4), Entry(5)], cursor: 2);   // a repetition
        Assert.Equal([3UL, 4, 5], arrived.Take(2).Select(static entry => entry.Position));
        arrived.Add([Entry(6)], cursor: 2);   // while the vault still has 3 to 5
        Assert.Equal([6UL], arrived.Take(5).Select(static entry => entry.Position));
    }

    [Fact]
    public void BehindAGapNothingIsTaken()
    {
        var arrived = new ArrivedEntries();
        arrived.Add([Entry(3), Entry(5)], cursor: 2);
        Assert.Equal([3UL], arrived.Take(2).Select(static entry => entry.Position));
        arrived.Add([Entry(9)], cursor: 3);
        Assert.False(arrived.Any);
    }

    [Fact]
    public void EntriesWhoseBatchWasLostAreReadFromTheLog()
    {
        var arrived = new ArrivedEntries();
        arrived.Add([Entry(3)], cursor: 2);
        arrived.Take(2);   // and the vault failed
        arrived.Add([Entry(4)], cursor: 2);
        Assert.Empty(arrived.Take(2));
        arrived.Add([Entry(3)], cursor: 2);
        Assert.Equal([3UL], arrived.Take(2).Select(static entry => entry.Position));
    }

    [Fact]
    public void PostsKeepTheirOrderWhenSomeAreOvertaken()
    {
        var outgoing = new OutgoingPosts();
        var posts = Enumerable.Range(1, 4).Select(number => outgoing.Add(Post(number))).ToList();
        posts[0].Accept(7);
        posts[1].Stage = PostStage.Overtaken;
        posts[2].Stage = PostStage.Submitted;
        Assert.Null(outgoing.NextWaiting());   // the fourth may not go before the second
        Assert.Equal(1, outgoing.InFlight);
        posts[2].Stage = PostStage.Overtaken;
        Assert.Equal([posts[1], posts[2], posts[3]], outgoing.TakeOvertaken());
    }

    [Fact]
    public async Task AnswersThatWereLostWithTheConnectionAreAskedForAgain()
    {
        var outgoing = new OutgoingPosts();
        var (first, second) = (outgoing.Add(Post(1)), outgoing.Add(Post(2)));
        first.Stage = second.Stage = PostStage.Submitted;
        second.Accept(9);
        outgoing.Restart();
        Assert.Same(first, outgoing.NextWaiting());
        Assert.Same(first, outgoing.Add(Post(1)));   // the vault's outbox still has it
        outgoing.Settle(first.Id, 8);
        Assert.Null(outgoing.NextWaiting());
        Assert.Equal(8UL, await first.Acknowledged);
    }

    [Fact]
    public async Task ATicketWaitsForAQuestionPutAfterItWasDrawn()
    {
        var tickets = new CatchUpTickets();
        var (answer, early) = (new TaskCompletionSource(), tickets.Draw());
        var serving = tickets.ServeAsync(() => answer.Task);
        var late = tickets.Draw();
        answer.SetResult();
        await serving;
        await early;
        Assert.False(late.IsCompleted);
        await Assert.ThrowsAsync<SessionEndedException>(() => tickets.ServeAsync(static () => throw new SessionEndedException()));
        Assert.False(late.IsCompleted);
        await tickets.ServeAsync(static () => Task.CompletedTask);
        await late;
    }

    private static LogEntry Entry(ulong position) => new(position, new MessageId(position), PostKind.Application, new byte[10]);

    private static OutboxPost Post(int number) => new(
        new Post(new LogId(1), new MessageId((UInt128)number), 0, PostKind.Application, ExpiryBucket.Retention, default, new byte[1], []), default);

    private sealed class FullRandom : RandomSource
    {
        public override void FillSecret(Span<byte> target) => target.Fill(0xff);

        public override void FillPublic(Span<byte> target) => target.Fill(0xff);
    }
}
