using Holdfast.Cryptography;
using Holdfast.Protocol;
using Holdfast.Server.Tests.Support;

namespace Holdfast.Server.Tests;

public sealed class LogTests
{
    [Fact]
    public async Task PositionsStartAtOneWithoutGapsAndReadBackInOrder()
    {
        await using var server = await TestServer.StartAsync();
        await using var session = await server.ConnectAsync();
        var (log, _) = await session.NewLogAsync();
        var posts = Enumerable.Range(0, 50).Select(_ => Posts.Application(log, 0)).ToList();
        var positions = await Task.WhenAll(posts.Select(session.PostAsync));
        Assert.Equal(Enumerable.Range(1, 50).Select(i => (ulong)i), positions);
        var read = await session.ReadAllAsync(log);
        Assert.Equal(posts.Select(post => post.Id), read.Select(entry => entry.Id));
        Assert.Equal(posts[7].Bytes.ToArray(), read[7].Bytes.ToArray());
    }

    [Fact]
    public async Task ARepeatedPostGetsItsOldPositionEvenAfterACommitLanded()
    {
        await using var server = await TestServer.StartAsync();
        await using var session = await server.ConnectAsync();
        var (log, _) = await session.NewLogAsync();
        var post = Posts.Application(log, 0);
        Assert.Equal(1ul, await session.PostAsync(post));
        Assert.Equal(2ul, await session.PostAsync(Posts.Commit(log, 1, Device.NewKey())));
        Assert.Equal(1ul, await session.PostAsync(post));
        server.Clock.Advance(TimeSpan.FromHours(30));
        Assert.Equal(1ul, await session.PostAsync(post));
        Assert.Equal(2, (await session.ReadAllAsync(log)).Count);
    }

    [Fact]
    public async Task APostBehindACommitIsToldThatTheHeadMoved()
    {
        await using var server = await TestServer.StartAsync();
        await using var session = await server.ConnectAsync();
        var (log, _) = await session.NewLogAsync();
        await session.PostAsync(Posts.Application(log, 0));
        await session.PostAsync(Posts.Commit(log, 1, Device.NewKey()));
        await session.PostAsync(Posts.Application(log, 2));
        var moved = await session.AskAsync<HeadMoved>(request => new SubmitPost(request, Posts.Application(log, 1)));
        Assert.Equal(3ul, moved.Head);
        Assert.Equal(4ul, await session.PostAsync(Posts.Application(log, 2)));   // a message in between moves nothing
    }

    [Fact]
    public async Task OfManyCommitsAtOnePositionOneWins()
    {
        await using var server = await TestServer.StartAsync();
        await using var session = await server.ConnectAsync();
        var (log, _) = await session.NewLogAsync();
        var answers = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ =>
            session.AskAsync(request => new SubmitPost(request, Posts.Commit(log, 0, Device.NewKey())))));
        Assert.Single(answers, answer => answer is Accepted { Position: 1 });
        Assert.Equal(39, answers.Count(answer => answer is HeadMoved { Head: 1 }));
    }

    [Theory, InlineData(1ul), InlineData(ulong.MaxValue)]
    public async Task APostThatHasSeenMoreThanThereIsIsRefused(ulong position)
    {
        await using var server = await TestServer.StartAsync();
        await using var session = await server.ConnectAsync();
        var (log, _) = await session.NewLogAsync();
        Assert.Equal(0ul, (await session.AskAsync<HeadMoved>(request => new SubmitPost(request, Posts.Application(log, position)))).Head);
    }

    [Fact]
    public async Task AKeyPostsUntilADayAfterALaterOneAndGoesOnReading()
    {
        await using var server = await TestServer.StartAsync();
        await using var session = await server.ConnectAsync();
        var (log, old) = await session.NewLogAsync();
        var next = Device.NewKey();
        await session.PostAsync(Posts.Commit(log, 0, next));
        server.Clock.Advance(TimeSpan.FromHours(24));
        Assert.Equal(2ul, await session.PostAsync(Posts.Application(log, 1)));
        server.Clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal(RefusalCode.KeyExpired, await session.RefusedAsync(request => new SubmitPost(request, Posts.Application(log, 1))));
        Assert.Equal(2, (await session.ReadAllAsync(log)).Count);
        await session.SubscribeAsync(log, next);
        Assert.Equal(3ul, await session.PostAsync(Posts.Application(log, 1)));
        await session.SubscribeAsync(log, old);   // proving an older key again takes nothing away
        Assert.Equal(4ul, await session.PostAsync(Posts.Application(log, 1)));
    }

    [Fact]
    public async Task AKeyReadsFromItsPositionOn()
    {
        await using var server = await TestServer.StartAsync();
        await using var session = await server.ConnectAsync();
        await using var joiner = await server.ConnectAsync();
        var (log, _) = await session.NewLogAsync();
        var next = Device.NewKey();
        for (int i = 0; i < 3; i++) await session.PostAsync(Posts.Application(log, 0));
        await session.PostAsync(Posts.Commit(log, 3, next));
        await session.PostAsync(Posts.Application(log, 4));
        Assert.Equal(5ul, (await joiner.SubscribeAsync(log, next)).Head);
        Assert.Equal([4ul, 5ul], (await joiner.ReadAllAsync(log)).Select(entry => entry.Position));
    }

    [Fact]
    public async Task AKeyAddedTwiceKeepsItsPosition()
    {
        await using var server = await TestServer.StartAsync();
        await using var session = await server.ConnectAsync();
        await using var joiner = await server.ConnectAsync();
        var (log, _) = await session.NewLogAsync();
        var next = Device.NewKey();
        await session.PostAsync(Posts.Commit(log, 0, next));
        await session.PostAsync(Posts.Commit(log, 1, next));
        await joiner.SubscribeAsync(log, next);
        Assert.Equal(2, (await joiner.ReadAllAsync(log)).Count);
        server.Clock.Advance(TimeSpan.FromDays(2));
        await joiner.PostAsync(Posts.Application(log, 2));
    }

    [Fact]
    public async Task ASubscriptionNeedsAKeyOfTheLogAndItsSignatureOverThisConnection()
    {
        await using var server = await TestServer.StartAsync();
        await using var session = await server.ConnectAsync();
        await using var other = await server.ConnectAsync();
        var (log, key) = await session.NewLogAsync();
        Assert.Equal(RefusalCode.NoAccess, await other.RefusedAsync(request => other.Subscribe(request, log, Device.NewKey())));
        Assert.Equal(RefusalCode.NoAccess, await other.RefusedAsync(request => session.Subscribe(request, log, key)));   // another's nonce
        Assert.Equal(RefusalCode.NoAccess, await other.RefusedAsync(request => other.Subscribe(request, log, key) with { Signature = new byte[64] }));
        var nowhere = LogId.Of(RandomSource.System.PublicBytes(16));
        Assert.Equal(RefusalCode.NoAccess, await other.RefusedAsync(request => other.Subscribe(request, nowhere, key)));
        Assert.Equal(RefusalCode.NoAccess, await other.RefusedAsync(request => new ReadLog(request, log, 0)));
        Assert.Equal(RefusalCode.NoAccess, await other.RefusedAsync(request => new SubmitPost(request, Posts.Application(log, 0))));
        await other.SubscribeAsync(log, key);
        await other.SendAsync(new Unsubscribe(log));
        Assert.Equal(RefusalCode.NoAccess, await other.RefusedAsync(request => new SubmitPost(request, Posts.Application(log, 0))));
    }

    [Fact]
    public async Task ALogIsMadeOncePerKey()
    {
        await using var server = await TestServer.StartAsync();
        await using var session = await server.ConnectAsync();
        var (log, key) = await session.NewLogAsync();
        await session.AskAsync<Done>(request => new CreateLog(request, log, key.PublicKey));
        Assert.Equal(RefusalCode.LogExists, await session.RefusedAsync(request => new CreateLog(request, log, Device.NewKey().PublicKey)));
    }

    [Fact]
    public async Task AnAnswerIsBoundedAndTheNextOneGoesOn()
    {
        await using var server = await TestServer.StartAsync();
        await using var session = await server.ConnectAsync();
        var (log, _) = await session.NewLogAsync();
        for (int i = 0; i < 5; i++) await session.PostAsync(Posts.Application(log, 0, ProtocolLimits.EntriesBytesPerRead / 2));
        var first = await session.AskAsync<Entries>(request => new ReadLog(request, log, 0));
        Assert.Equal(2, first.Items.Count);
        Assert.Equal(5ul, first.Head);
        await Task.WhenAll(Enumerable.Range(0, 1100).Select(_ => session.PostAsync(Posts.Application(log, 0, 10))));
        Assert.Equal(ProtocolLimits.EntriesPerRead, (await session.AskAsync<Entries>(request => new ReadLog(request, log, 5))).Items.Count);
        Assert.Equal(1105, (await session.ReadAllAsync(log)).Count);
    }

    [Fact]
    public async Task TooManyNewLogsAreRefusedForAWhile()
    {
        await using var server = await TestServer.StartAsync();
        await using var session = await server.ConnectAsync();
        var answers = await Task.WhenAll(Enumerable.Range(0, 2100).Select(_ => session.AskAsync(request =>
            new CreateLog(request, LogId.Of(RandomSource.System.PublicBytes(16)), new byte[32]))));
        Assert.Contains(answers, answer => answer is Refused { Code: RefusalCode.TooMany });
        Assert.InRange(answers.Count(answer => answer is Done), 2000, 2099);
    }
}
