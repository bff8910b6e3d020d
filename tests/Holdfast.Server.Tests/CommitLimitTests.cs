using Holdfast.Cryptography;
using Holdfast.Protocol;
using Holdfast.Server.Connections;
using Holdfast.Server.Tests.Support;

namespace Holdfast.Server.Tests;

/// <summary>Garbage that is posted as commits: what it may cost, and what it must never cost those who are honest.</summary>
public sealed class CommitLimitTests
{
    [Fact]
    public async Task ADeviceHasSoManyCommitsADayUnderOneKeyAndThenNoMore()
    {
        await using var server = await TestServer.StartAsync();
        await using var session = await server.ConnectAsync();
        var (log, _) = await session.NewLogAsync();
        ulong head = await SpendAsync(session, log, 0);
        Assert.Equal(RefusalCode.TooMany, await session.RefusedAsync(request => new SubmitPost(request, Posts.Commit(log, head, Device.NewKey()))));
        Assert.Equal(head + 1, await session.PostAsync(Posts.Application(log, head)));   // words are no commits
        server.Clock.Advance(TimeSpan.FromHours(24));
        Assert.Equal(head + 2, await session.PostAsync(Posts.Commit(log, head + 1, Device.NewKey())));
    }

    [Fact]
    public async Task ReconnectingGivesNoMore()
    {
        await using var server = await TestServer.StartAsync();
        var device = await server.JoinAsync();
        LogId log;
        SignatureKey key;
        ulong head;
        await using (var session = await device.ConnectAsync(server.Endpoints[0]))
        {
            (log, key) = await session.NewLogAsync();
            head = await SpendAsync(session, log, 0);
        }
        await server.Node.Sweeper.SweepAsync(CancellationToken.None);
        await using var again = await device.ConnectAsync(server.Endpoints[0]);
        await again.SubscribeAsync(log, key);
        Assert.Equal(RefusalCode.TooMany, await again.RefusedAsync(request => new SubmitPost(request, Posts.Commit(log, head, Device.NewKey()))));
    }

    [Fact]
    public async Task AMemberWhoSpendsItsMeasureTakesNothingFromTheOthers()
    {
        await using var server = await TestServer.StartAsync();
        await using var honest = await server.ConnectAsync();
        await using var rogue = await server.ConnectAsync();
        var (log, key) = await honest.NewLogAsync();
        await rogue.SubscribeAsync(log, key);
        ulong head = await SpendAsync(rogue, log, 0);
        var next = Device.NewKey();
        Assert.Equal(head + 1, await honest.PostAsync(Posts.Commit(log, head, next)));
        await honest.SubscribeAsync(log, next);
        Assert.Equal(head + 2, await honest.PostAsync(Posts.Application(log, head + 1)));
    }

    [Fact]
    public async Task WhatIsRefusedOrRepeatedDoesNotCount()
    {
        await using var server = await TestServer.StartAsync();
        await using var session = await server.ConnectAsync();
        var (log, _) = await session.NewLogAsync();
        var first = Posts.Commit(log, 0, Device.NewKey());
        await session.PostAsync(first);
        for (int i = 0; i < 2 * CommitsByKey.PerDay; i++)
        {
            Assert.Equal(1ul, await session.PostAsync(first));
            await session.AskAsync<HeadMoved>(request => new SubmitPost(request, Posts.Commit(log, 0, Device.NewKey())));
        }
        Assert.Equal(2ul, await session.PostAsync(Posts.Commit(log, 1, Device.NewKey())));
    }

    /// <summary>
    /// Why the server ends no chain of garbage: what honest members do after a garbage commit, and what a removed one does after
    /// its removal, look the same. Whoever had the key first goes on, and goes on for ever.
    /// </summary>
    [Fact]
    public async Task WhoWasPassedByAGarbageCommitIsNeverLockedOut()
    {
        await using var server = await TestServer.StartAsync();
        await using var honest = await server.ConnectAsync();
        await using var rogue = await server.ConnectAsync();
        var (log, ours) = await honest.NewLogAsync();
        await rogue.SubscribeAsync(log, ours);
        ulong head = 0;
        for (int day = 0; day < 40; day++)
        {
            var (garbage, next) = (Device.NewKey(), Device.NewKey());
            head = await rogue.PostAsync(Posts.Commit(log, head, garbage));
            await rogue.SubscribeAsync(log, garbage);
            server.Clock.Advance(TimeSpan.FromHours(1));   // the vault renews within the hour
            head = await honest.PostAsync(Posts.Commit(log, head, next));   // under the key that the garbage has passed by
            await honest.SubscribeAsync(log, next);
            server.Clock.Advance(TimeSpan.FromHours(22));
            head = await honest.PostAsync(Posts.Application(log, head));
        }
    }

    /// <summary>A removed member's commit, while nobody who is honest is there to renew: a weekend, or a holiday.</summary>
    [Theory, InlineData(60), InlineData(29 * 24)]
    public async Task AGarbageCommitWhileAllAreAwayLocksNobodyOut(int hours)
    {
        await using var server = await TestServer.StartAsync();
        await using var honest = await server.ConnectAsync();
        await using var removed = await server.ConnectAsync();
        var (log, common) = await honest.NewLogAsync();
        await removed.SubscribeAsync(log, common);
        var ours = Device.NewKey();
        ulong head = await honest.PostAsync(Posts.Commit(log, 0, ours));   // removes it
        await honest.SubscribeAsync(log, ours);
        head = await removed.PostAsync(Posts.Commit(log, head, Device.NewKey()));
        server.Clock.Advance(TimeSpan.FromHours(hours));
        Assert.Equal(head + 1, await honest.PostAsync(Posts.Commit(log, head, Device.NewKey())));
    }

    /// <summary>Garbage does not keep the key under which it was posted: that was passed by before.</summary>
    [Fact]
    public async Task AGarbageCommitProlongsNothingForTheKeyItWasMadeWith()
    {
        await using var server = await TestServer.StartAsync();
        await using var honest = await server.ConnectAsync();
        await using var removed = await server.ConnectAsync();
        var (log, common) = await honest.NewLogAsync();
        await removed.SubscribeAsync(log, common);
        ulong head = await honest.PostAsync(Posts.Commit(log, 0, Device.NewKey()));
        server.Clock.Advance(TimeSpan.FromHours(20));
        head = await removed.PostAsync(Posts.Commit(log, head, Device.NewKey()));
        server.Clock.Advance(TimeSpan.FromHours(5));
        Assert.Equal(RefusalCode.KeyExpired, await removed.RefusedAsync(request => new SubmitPost(request, Posts.Commit(log, head, Device.NewKey()))));
    }

    /// <summary>A change of members that those who are away for an hour never see would leave them behind for ever.</summary>
    [Theory, InlineData(PostKind.Commit), InlineData(PostKind.Proposal)]
    public async Task AHandshakeIsKeptAsLongAsAnything(PostKind kind)
    {
        foreach (var expiry in (ExpiryBucket[])[ExpiryBucket.Hour, ExpiryBucket.Day, ExpiryBucket.Week, ExpiryBucket.Month])
        {
            await using var server = await TestServer.StartAsync();
            await using var session = await server.ConnectAsync();
            var (log, _) = await session.NewLogAsync();
            var post = Posts.Commit(log, 0, Device.NewKey()) with { Expiry = expiry, Kind = kind };
            if (kind != PostKind.Commit) post = post with { NextAccessKey = default };
            await session.SendAsync(new SubmitPost(77, post));
            Assert.Equal(new Refused(0, RefusalCode.Malformed), await session.PushAsync());
        }
    }

    private static async Task<ulong> SpendAsync(Session session, LogId log, ulong head)
    {
        for (int i = 0; i < CommitsByKey.PerDay; i++) head = await session.PostAsync(Posts.Commit(log, head, Device.NewKey()));
        return head;
    }
}
