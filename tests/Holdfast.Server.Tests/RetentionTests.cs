using System.Security.Cryptography;
using Holdfast.Cryptography;
using Holdfast.Protocol;
using Holdfast.Server.Tests.Support;

namespace Holdfast.Server.Tests;

public sealed class RetentionTests
{
    [Fact]
    public async Task APostGoesWhenItsBucketSaysAndNotBefore()
    {
        await using var server = await TestServer.StartAsync();
        await using var session = await server.ConnectAsync();
        var (log, _) = await session.NewLogAsync();
        foreach (var bucket in new[] { ExpiryBucket.Hour, ExpiryBucket.Day, ExpiryBucket.Week, ExpiryBucket.Month, ExpiryBucket.Retention })
            await session.PostAsync(Posts.Application(log, 0, expiry: bucket));
        await ExpectAsync(server, session, log, TimeSpan.FromHours(1), 5);
        await ExpectAsync(server, session, log, TimeSpan.FromHours(1), 4);
        await ExpectAsync(server, session, log, TimeSpan.FromHours(46), 3);
        await ExpectAsync(server, session, log, TimeSpan.FromDays(6), 2);
        await ExpectAsync(server, session, log, TimeSpan.FromDays(22), 2);
        await ExpectAsync(server, session, log, TimeSpan.FromDays(1), 0);
        Assert.Equal(6ul, await session.PostAsync(Posts.Application(log, 5)));   // positions go on
    }

    [Fact]
    public async Task NoBucketOutlivesTheRetention()
    {
        await using var server = await TestServer.StartAsync(options => options with { RetentionDays = 2 });
        await using var session = await server.ConnectAsync();
        var (log, _) = await session.NewLogAsync();
        await session.PostAsync(Posts.Application(log, 0, expiry: ExpiryBucket.Month));
        await ExpectAsync(server, session, log, TimeSpan.FromDays(2), 1);
        await ExpectAsync(server, session, log, TimeSpan.FromDays(1), 0);
    }

    [Fact]
    public async Task InboxItemsBlobsInvitesAndOldKeysGoToo()
    {
        await using var server = await TestServer.StartAsync();
        await using var session = await server.ConnectAsync();
        var (log, old) = await session.NewLogAsync();
        await session.PostAsync(Posts.Commit(log, 0, Device.NewKey(), Posts.To(session.Device!.Id)));
        var blob = BlobId.Of(RandomSource.System.PublicBytes(16));
        (await session.HttpAsync(Rest.Blobs + blob, new BlobCreation(4, SHA256.HashData([1]), ExpiryBucket.Day))).EnsureSuccessStatusCode();
        using var request = session.Request(HttpMethod.Patch, Rest.Blobs + blob, new ByteArrayContent(new byte[4]));
        request.Headers.Add(Rest.UploadOffset, "0");
        (await session.HttpAsync(request)).EnsureSuccessStatusCode();

        server.Clock.Advance(TimeSpan.FromDays(33));
        await server.Node.Sweeper.SweepAsync(CancellationToken.None);
        Assert.Empty((await session.AskAsync<InboxItems>(ask => new ReadInbox(ask))).Items);
        await Refusals.ExpectAsync(await session.HttpAsync(HttpMethod.Head, Rest.Blobs + blob, null), RefusalCode.UnknownBlob, hasBody: false);
        Assert.Equal(0, Disk.BlobBytes(server.Options));
        await session.SubscribeAsync(log, old);   // whoever was away sees what it has missed
        Assert.Empty(await session.ReadAllAsync(log));
        server.Clock.Advance(TimeSpan.FromDays(365));
        await server.Node.Sweeper.SweepAsync(CancellationToken.None);
        Assert.Equal(RefusalCode.NoAccess, await session.RefusedAsync(ask => session.Subscribe(ask, log, old)));
        await server.StopAsync();
        Assert.Equal(0, Disk.Count(server.Options, "invites"));
        Assert.Equal(0, Disk.Count(server.Options, "inbox"));
        Assert.Equal(0, Disk.Count(server.Options, "entries"));
    }

    private static async Task ExpectAsync(TestServer server, Session session, LogId log, TimeSpan later, int left)
    {
        server.Clock.Advance(later);
        await server.Node.Sweeper.SweepAsync(CancellationToken.None);
        Assert.Equal(left, (await session.ReadAllAsync(log)).Count);
    }
}
