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

    /// <summary>Free pages go back to the file system, and nothing of what was in them is left.</summary>
    [Theory, InlineData(false), InlineData(true)]
    [Trait(Place.Trait, Place.Sqlite)]
    public async Task TheFileShrinksWhenContentHasExpired(bool madeWithoutTrack)
    {
        string folder = TestServer.NewFolder();
        if (madeWithoutTrack)
        {
            await using (await TestServer.StartAsync(folder: folder)) { }
            using var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={Path.Combine(folder, "holdfast.db")};Pooling=False");
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA journal_mode=DELETE; PRAGMA auto_vacuum=0; VACUUM";
            command.ExecuteNonQuery();
        }
        await using var server = await TestServer.StartAsync(folder: folder);
        await using var session = await server.ConnectAsync();
        var (log, _) = await session.NewLogAsync();
        var posts = Enumerable.Range(0, 100).Select(_ => Posts.Application(log, 0, 50_000, ExpiryBucket.Hour)).ToList();
        foreach (var post in posts) await session.PostAsync(post);
        long full = await SizeAsync(server);
        Assert.InRange(full, 5_000_000, 10_000_000);
        server.Clock.Advance(TimeSpan.FromHours(3));
        await server.Node.Sweeper.SweepAsync(CancellationToken.None);
        long left = await SizeAsync(server);
        if (madeWithoutTrack) Assert.Equal(full, left);
        else Assert.InRange(left, 0, 500_000);
        await server.StopAsync();
        Assert.DoesNotContain(posts, post => Disk.Contains(server.Options, post.Bytes.Span[..32]));
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    [Trait(Place.Trait, Place.Sqlite)]
    public async Task FilesWithoutARowAndAbandonedUploadsGo()
    {
        await using var server = await TestServer.StartAsync();
        await using var session = await server.ConnectAsync();
        var (whole, begun) = (await UploadAsync(session, 4, 4), await UploadAsync(session, 4, 1));
        string stray = Path.Combine(server.Options.BlobFolder, "ab", "ab" + new string('0', 30));
        Directory.CreateDirectory(Path.GetDirectoryName(stray)!);
        await File.WriteAllBytesAsync(stray, [1], TestContext.Current.CancellationToken);
        await server.Node.Sweeper.SweepAsync(CancellationToken.None);
        Assert.False(File.Exists(stray));
        Assert.Equal([whole, begun], await ThereAsync(session, whole, begun));
        server.Clock.Advance(TimeSpan.FromDays(3));
        await server.Node.Sweeper.SweepAsync(CancellationToken.None);
        Assert.Equal([whole, begun], await ThereAsync(session, whole, begun));
        server.Clock.Advance(TimeSpan.FromDays(1));
        await server.Node.Sweeper.SweepAsync(CancellationToken.None);
        Assert.Equal([whole], await ThereAsync(session, whole, begun));
        Assert.Single(Directory.EnumerateFiles(server.Options.BlobFolder, "*", SearchOption.AllDirectories));
    }

    private static async Task<BlobId> UploadAsync(Session session, int size, int sent)
    {
        var blob = BlobId.Of(RandomSource.System.PublicBytes(16));
        (await session.HttpAsync(Rest.Blobs + blob, new BlobCreation((ulong)size, SHA256.HashData([1]), ExpiryBucket.Month))).EnsureSuccessStatusCode();
        using var request = session.Request(HttpMethod.Patch, Rest.Blobs + blob, new ByteArrayContent(new byte[sent]));
        request.Headers.Add(Rest.UploadOffset, "0");
        (await session.HttpAsync(request)).EnsureSuccessStatusCode();
        return blob;
    }

    private static async Task<List<BlobId>> ThereAsync(Session session, params BlobId[] blobs)
    {
        var there = new List<BlobId>();
        foreach (var blob in blobs)
        {
            using var head = await session.HttpAsync(HttpMethod.Head, Rest.Blobs + blob);
            if (head.IsSuccessStatusCode) there.Add(blob);
        }
        return there;
    }

    /// <summary>Of the database, once the write-ahead log has been emptied into it.</summary>
    private static async Task<long> SizeAsync(TestServer server)
    {
        await server.Node.Writer.RunAsync(static stores => stores.Invites.DropExpired(0), CancellationToken.None);
        await Eventually.Async(() => Task.FromResult(new FileInfo(server.Options.DatabaseFile + "-wal").Length == 0));
        return new FileInfo(server.Options.DatabaseFile).Length;
    }

    private static async Task ExpectAsync(TestServer server, Session session, LogId log, TimeSpan later, int left)
    {
        server.Clock.Advance(later);
        await server.Node.Sweeper.SweepAsync(CancellationToken.None);
        Assert.Equal(left, (await session.ReadAllAsync(log)).Count);
    }
}
