using System.Collections.Concurrent;
using Holdfast.Cryptography;
using Holdfast.Protocol;
using Holdfast.Server.Storage.Postgres;
using Holdfast.Server.Tests.Support;

namespace Holdfast.Server.Tests;

/// <summary>What only a server of several nodes over one PostgreSQL can get wrong.</summary>
[Trait(Place.Trait, Place.Postgres)]
public sealed class NodesTests
{
    private const int Posters = 6, PostsEach = 40;

    public NodesTests() => Assert.SkipUnless(Place.IsShared, "HOLDFAST_TEST_DATABASE names no PostgreSQL");

    /// <summary>Everybody posts to one log through every node at once, and every listener on every node sees one order without gap or double.</summary>
    [Fact]
    public async Task WhoeverPostsWhereverEveryNodePushesOneOrder()
    {
        await using var server = await TestServer.StartAsync();
        await using var owner = await server.ConnectAsync();
        var (log, key) = await owner.NewLogAsync();
        var sessions = new List<Session>();
        for (int i = 0; i < Posters; i++)
        {
            sessions.Add(await server.ConnectAsync());
            await sessions[i].SubscribeAsync(log, key);
        }
        var acknowledged = new ConcurrentDictionary<MessageId, ulong>();
        await Task.WhenAll(sessions.Select(session => PostAsync(session, log, acknowledged)));
        foreach (var session in sessions)
        {
            var seen = new List<LogEntry>();
            while (seen.Count == 0 || seen[^1].Position < Posters * PostsEach) seen.AddRange(await NextAsync(session, log, seen));
            Assert.Equal(Enumerable.Range(1, Posters * PostsEach).Select(i => (ulong)i), seen.Select(entry => entry.Position));
            foreach (var entry in seen) Assert.Equal(acknowledged[entry.Id], entry.Position);
            await session.DisposeAsync();
        }
    }

    /// <summary>A wake-up that never comes costs seconds, not messages.</summary>
    [Fact]
    public async Task ALostWakeUpIsHealed()
    {
        await using var server = await TestServer.StartAsync();
        await using var poster = await (await server.JoinAsync()).ConnectAsync(server.Endpoints[0]);
        var (log, key) = await poster.NewLogAsync();
        await using var listener = await (await server.JoinAsync()).ConnectAsync(server.Endpoints[^1]);
        await listener.SubscribeAsync(log, key);
        long ended = 0;
        for (ulong position = 1; position <= 5; position++)
        {
            using (var database = new PostgresDatabase(server.Options.Database!))
                ended += database.Scalar("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND datname = current_database()");
            await poster.PostAsync(Posts.Application(log, 0));
            Assert.Equal(position, Assert.Single(await listener.PushedAsync(1)).Position);
        }
        Assert.True(ended > 0);
    }

    /// <summary>Connections of nodes to the database end at any moment: what was acknowledged is there once, what was refused can be sent again.</summary>
    [Fact]
    public async Task NothingIsLostOrDoubledWhenTheDatabaseDropsItsConnections()
    {
        await using var server = await TestServer.StartAsync(options => options with { Diagnostics = Microsoft.Extensions.Logging.LogLevel.None });
        await using var session = await server.ConnectAsync();
        var (log, _) = await session.NewLogAsync();
        var done = new CancellationTokenSource();
        var dropping = Task.Run(() => DropConnectionsAsync(server.Options.Database!, done.Token), TestContext.Current.CancellationToken);
        var positions = new Dictionary<MessageId, ulong>();
        for (int i = 0; i < 60; i++)
        {
            var post = Posts.Application(log, 0);
            ServerFrame answer;
            while ((answer = await session.AskAsync(request => new SubmitPost(request, post))) is Refused refused)
            {
                Assert.Equal(RefusalCode.StorageFailed, refused.Code);
                await Task.Delay(10, TestContext.Current.CancellationToken);
            }
            positions.Add(post.Id, Assert.IsType<Accepted>(answer).Position);
        }
        await done.CancelAsync();
        await dropping;
        var entries = await session.ReadAllAsync(log);
        Assert.Equal(positions.OrderBy(each => each.Value).Select(each => (each.Key, each.Value)), entries.Select(entry => (entry.Id, entry.Position)));
    }

    /// <summary>Two copies of a profile never both post, whichever nodes they connect to: the later login puts the earlier out of action.</summary>
    [Fact]
    public async Task ALoginOnOneNodeEndsWhatTheDeviceHadOnAnother()
    {
        await using var server = await TestServer.StartAsync();
        var device = await server.JoinAsync();
        await using var first = await device.ConnectAsync(server.Endpoints[0]);
        var (log, key) = await first.NewLogAsync();
        await using var second = await device.ConnectAsync(server.Endpoints[^1]);
        await second.SubscribeAsync(log, key);
        try
        {
            var late = await first.AskAsync(request => new SubmitPost(request, Posts.Application(log, 0)));
            Assert.Equal(RefusalCode.NotLoggedIn, Assert.IsType<Refused>(late).Code);
        }
        catch (System.Net.WebSockets.WebSocketException) { /* it has ended already */ }
        Assert.Equal(1ul, await second.PostAsync(Posts.Application(log, 0)));
    }

    /// <summary>A node that no other can tell anything: what the row of the device says decides, with each request.</summary>
    [Fact]
    public async Task ADeviceThatLoggedInElsewherePostsNothingMoreThoughItsOldNodeHearsNothing()
    {
        Assert.SkipUnless(Place.Nodes > 1, "it takes two nodes");
        await using var server = await TestServer.StartAsync();
        var device = await server.JoinAsync();
        await (await (await server.JoinAsync()).ConnectAsync(server.Endpoints[^1])).DisposeAsync();   // all that a login needs is open from now on
        await using var first = await device.ConnectAsync(server.Endpoints[0]);
        var (log, key) = await first.NewLogAsync();
        using var database = new PostgresDatabase(server.Options.Database!);
        Assert.Equal(0, database.Scalar("SELECT 0"));
        Place.LetIn(server.Place, false);
        try
        {
            const string Listening = "FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND datname = current_database()";
            Assert.Equal(Place.Nodes, database.Scalar($"SELECT count(pg_terminate_backend(pid)) {Listening}"));
            await Eventually.Async(() => Task.FromResult(database.Scalar($"SELECT count(*) {Listening}") == 0));
            await using var second = await device.ConnectAsync(server.Endpoints[^1]);
            await second.SubscribeAsync(log, key);
            Assert.True(server.Node.Hub.IsOnline(device.Id));   // nobody has told the first node
            try
            {
                var late = await first.AskAsync(request => new SubmitPost(request, Posts.Application(log, 0)));
                Assert.Equal(RefusalCode.NotLoggedIn, Assert.IsType<Refused>(late).Code);
            }
            catch (System.Net.WebSockets.WebSocketException) { /* the connection ends before the answer has left */ }
            Assert.Equal(1ul, await second.PostAsync(Posts.Application(log, 0)));
        }
        finally { Place.LetIn(server.Place, true); }
    }

    /// <summary>A commit that lands on one node refuses what was sent on another without having seen it.</summary>
    [Fact]
    public async Task OfCommitsOnAllNodesOneIsAcceptedPerPosition()
    {
        await using var server = await TestServer.StartAsync();
        await using var owner = await server.ConnectAsync();
        var (log, key) = await owner.NewLogAsync();
        var sessions = new List<Session>();
        for (int i = 0; i < Posters; i++)
        {
            sessions.Add(await server.ConnectAsync());
            await sessions[i].SubscribeAsync(log, key);
        }
        for (ulong head = 0; head < 5; head++)
        {
            var next = Device.NewKey();
            ulong seen = head;
            var answers = await Task.WhenAll(sessions.Select(session =>
                session.AskAsync(request => new SubmitPost(request, Posts.Commit(log, seen, next)))));
            Assert.Equal(head + 1, Assert.Single(answers.OfType<Accepted>()).Position);
            Assert.All(answers.OfType<HeadMoved>(), moved => Assert.Equal(seen + 1, moved.Head));
            Assert.Equal(Posters - 1, answers.OfType<HeadMoved>().Count());
            foreach (var session in sessions) await session.SubscribeAsync(log, next);
        }
        foreach (var session in sessions) await session.DisposeAsync();
    }

    /// <summary>A reply is lost and the same registration goes to every node at once: one account, and the invite is used once.</summary>
    [Fact]
    public async Task OneRegistrationOnAllNodesIsOneAccount()
    {
        await using var server = await TestServer.StartAsync();
        byte[] token = Device.Link(await server.InviteAsync());
        var device = new Device();
        var answers = await Task.WhenAll(Enumerable.Range(0, 9).Select(i => device.RegisterAsync(server.Endpoints[i % server.Endpoints.Count], token)));
        var pins = new HashSet<string>();
        foreach (var answer in answers)
        {
            answer.EnsureSuccessStatusCode();
            pins.Add(Codec.Tls.Decode<Registered>(await answer.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken)).Pin.ToString());
            answer.Dispose();
        }
        Assert.Single(pins);
        await server.StopAsync();
        Assert.Equal(1, Disk.Count(server.Options, "accounts"));
    }

    /// <summary>No one-time key package is handed out twice, and none is passed over while there are some.</summary>
    [Fact]
    public async Task ClaimsOnAllNodesGetDifferentKeyPackages()
    {
        await using var server = await TestServer.StartAsync();
        await using var owner = await server.ConnectAsync();
        var packages = Enumerable.Range(0, 30).Select(_ => (ReadOnlyMemory<byte>)RandomSource.System.PublicBytes(200)).ToList();
        byte[] lastResort = RandomSource.System.PublicBytes(200);
        (await owner.HttpAsync(Rest.KeyPackages, new KeyPackageUpload(packages, lastResort))).EnsureSuccessStatusCode();
        var claimers = new List<Session>();
        for (int i = 0; i < Posters; i++) claimers.Add(await server.ConnectAsync());
        var claimed = await Task.WhenAll(Enumerable.Range(0, 30).Select(i => ClaimAsync(claimers[i % Posters], owner.Device!.Pin)));
        Assert.Equal(30, claimed.Distinct().Count());
        Assert.DoesNotContain(Convert.ToHexString(lastResort), claimed);
        Assert.Equal(Convert.ToHexString(lastResort), await ClaimAsync(claimers[0], owner.Device!.Pin));
        foreach (var claimer in claimers) await claimer.DisposeAsync();
    }

    [Fact]
    public async Task AnInboxItemFiledOnOneNodeReachesADeviceOnAnother()
    {
        await using var server = await TestServer.StartAsync();
        await using var sender = await (await server.JoinAsync()).ConnectAsync(server.Endpoints[0]);
        await using var receiver = await (await server.JoinAsync()).ConnectAsync(server.Endpoints[^1]);
        var item = Posts.To(receiver.Device!.Id);
        await sender.AskAsync<Done>(request => new SubmitDeliveries(request, [item]));
        var pushed = Assert.IsType<InboxItems>(await receiver.PushAsync());
        Assert.Equal(item.Bytes.ToArray(), Assert.Single(pushed.Items).Bytes.ToArray());
    }

    /// <summary>A row keeps the number of the transaction that wrote it: soon none of a person's has that of an entry, nor one from between two.</summary>
    [Fact]
    public async Task NoRowOfAPersonKeepsTheNumberOfAnEntrysTransaction()
    {
        await using var server = await TestServer.StartAsync();
        await using var session = await server.ConnectAsync();
        await using var other = await server.ConnectAsync();
        var (log, key) = await session.NewLogAsync();
        var next = Device.NewKey();
        await session.PostAsync(Posts.Commit(log, 0, next, Posts.To(other.Device!.Id)));
        await session.SubscribeAsync(log, next);
        await session.PostAsync(Posts.Commit(log, 1, key, Posts.To(session.Device!.Id)));
        using var database = new PostgresDatabase(server.Options.Database!);
        const string Joined = "SELECT count(*) FROM inbox i JOIN entries e ON i.xmin = e.xmin";
        Assert.Equal(2, database.Scalar(Joined));
        await server.Node.Sweeper.SweepAsync(CancellationToken.None);
        Assert.Equal(0, database.Scalar(Joined));
        Assert.Equal(1, database.Scalar("SELECT count(DISTINCT x) FROM (SELECT xmin::text AS x FROM inbox UNION ALL SELECT xmin::text FROM devices) r"));
    }

    /// <summary>After PostgreSQL's own tools have brought back an older state, no position is given out twice.</summary>
    [Fact]
    public async Task AfterAStepBackLogsGoOnFarBehindWhatMembersHave()
    {
        string place = Place.New();
        Device device;
        LogId log;
        SignatureKey access;
        await using (var server = await TestServer.StartAtAsync(place))
        {
            device = await server.JoinAsync();
            await using var session = await device.ConnectAsync(server.Endpoint);
            (log, access) = await session.NewLogAsync();
            await session.PostAsync(Posts.Application(log, 0));
        }
        var (code, _, errors) = await ServerProcess.RunAsync("stepped-back", "--database", place);
        Assert.True(code == 0, errors);
        await using (var server = await TestServer.StartAtAsync(place))
        {
            await using var session = await device.ConnectAsync(server.Endpoint);
            Assert.Equal(1ul << 32, (await session.SubscribeAsync(log, access)).Head);
            Assert.Equal((1ul << 32) + 1, await session.PostAsync(Posts.Application(log, 0)));
        }
        Place.Remove(place);
    }

    /// <summary>Acknowledged means on disk, whatever the database's own setting is, and also on a connection that was opened again.</summary>
    [Fact]
    public void ACommitIsWaitedForWhateverTheDatabaseIsSetTo()
    {
        string place = Place.New(), address = Place.Options(place).Database!;
        using (var database = new PostgresDatabase(address))
        {
            database.Execute($"ALTER DATABASE {new Uri(place).AbsolutePath.Trim('/')} SET synchronous_commit = off");
            Assert.Throws<Storage.StorageException>(() => database.Execute("SELECT pg_terminate_backend(pg_backend_pid())"));
            Assert.Equal("on", database.Prepare("SELECT current_setting('synchronous_commit')").Start().First(static row => row.Text(0)));
        }
        Place.Remove(place);
    }

    /// <summary>A plan that was made while a table was small would go through all of it for every batch, and longer each time.</summary>
    [Fact]
    public async Task NoTableIsReadWholeForAPost()
    {
        const int Messages = 40;
        await using var server = await TestServer.StartAsync();
        await using var session = await server.ConnectAsync();
        var (log, _) = await session.NewLogAsync();
        using var database = new PostgresDatabase(Place.Options(server.Place).Database!);
        await PostAsync();
        await PostAsync();
        Assert.InRange(Scans("seq_scan"), 0, Messages / 2);   // indexes are made by some

        async Task PostAsync()
        {
            long before = Scans("idx_scan");
            for (int i = 0; i < Messages; i++) await session.PostAsync(Posts.Application(log, 0, i));
            await Eventually.Async(() => Task.FromResult(Scans("idx_scan") >= before + Messages));   // the database counts a moment later
        }

        long Scans(string kind) =>
            database.Scalar($"SELECT sum({kind})::bigint FROM pg_stat_user_tables WHERE relname IN ('entries', 'access_keys')");
    }

    [Fact]
    public async Task ADatabaseThatNoServerHasUsedGivesNoInvites()
    {
        string place = Place.New();
        var (code, output, errors) = await ServerProcess.RunAsync("invite", "--database", place);
        Assert.Equal((1, ""), (code, output));
        Assert.Equal("There is no server's data in the database: start a server with --database first.", errors.Trim());
        Place.Remove(place);
    }

    /// <summary>One command moves a server from its folder to a database: what people had is there, under the same key and in the same places.</summary>
    [Fact]
    public async Task WhatAServerHadInAFolderIsThereAfterTheMove()
    {
        string folder = TestServer.NewFolder(), place = Place.New();
        byte[] content = RandomSource.System.PublicBytes(700_000), key;
        var blob = BlobId.Of(RandomSource.System.PublicBytes(16));
        var posts = Enumerable.Range(0, 300).Select(static i => Posts.Application(default, 0, i)).ToList();
        Device device, other;
        LogId log;
        SignatureKey access;
        Delivery item;
        await using (var old = await TestServer.StartAsync(folder: folder))
        {
            key = old.Endpoint.Key.ToArray();
            (device, other) = (await old.JoinAsync(), await old.JoinAsync());
            item = Posts.To(other.Id);
            await using var session = await device.ConnectAsync(old.Endpoint);
            (log, access) = await session.NewLogAsync();
            posts = [.. posts.Select(post => post with { Log = log })];
            foreach (var post in posts) await session.PostAsync(post);
            await session.AskAsync<Done>(request => new SubmitDeliveries(request, [item]));
            (await session.HttpAsync(Rest.Blobs + blob, new BlobCreation((ulong)content.Length, new byte[32], ExpiryBucket.Day))).EnsureSuccessStatusCode();
            using var upload = session.Request(HttpMethod.Patch, Rest.Blobs + blob, new ByteArrayContent(content));
            upload.Headers.Add(Rest.UploadOffset, "0");
            (await session.HttpAsync(upload)).EnsureSuccessStatusCode();
        }
        var (code, _, errors) = await ServerProcess.RunAsync("move", "--data", folder, "--to", place);
        Assert.True(code == 0, errors);
        foreach (string[] again in (string[][])[["run"], ["invite"], ["move", "--to", place]])
        {
            (code, _, errors) = await ServerProcess.RunAsync([.. again, "--data", folder]);
            Assert.Equal(1, code);
            Assert.Contains("was moved to PostgreSQL", errors, StringComparison.Ordinal);
        }
        File.Delete(Path.Combine(folder, "moved"));
        (code, _, errors) = await ServerProcess.RunAsync("move", "--data", folder, "--to", place);
        Assert.Equal(1, code);
        Assert.Contains("holds a server's data already", errors, StringComparison.Ordinal);
        await using (var server = await TestServer.StartAtAsync(place))
        {
            Assert.Null(server.OwnerInvite);
            Assert.Equal(key, server.Endpoint.Key.ToArray());
            await using var session = await device.ConnectAsync(server.Endpoint);
            Assert.Equal(300ul, (await session.SubscribeAsync(log, access)).Head);
            var entries = await session.ReadAllAsync(log);
            Assert.Equal(posts.Select(static post => Convert.ToHexString(post.Bytes.Span)), entries.Select(static entry => Convert.ToHexString(entry.Bytes.Span)));
            Assert.Equal(posts[7].Id, entries[7].Id);
            Assert.Equal(8ul, await session.PostAsync(posts[7]));   // sent again: it is there
            Assert.Equal(301ul, await session.PostAsync(Posts.Application(log, 0)));
            using var got = await session.HttpAsync(HttpMethod.Get, Rest.Blobs + blob);
            Assert.Equal(content, await got.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
            await using var receiver = await other.ConnectAsync(server.Endpoint);
            Assert.Equal(item.Bytes.ToArray(), Assert.Single((await receiver.AskAsync<InboxItems>(request => new ReadInbox(request))).Items).Bytes.ToArray());
        }
        Place.Remove(place);
        Directory.Delete(folder, recursive: true);
    }

    private static async Task PostAsync(Session session, LogId log, ConcurrentDictionary<MessageId, ulong> acknowledged)
    {
        for (int i = 0; i < PostsEach; i++)
        {
            var post = Posts.Application(log, 0);
            acknowledged[post.Id] = await session.PostAsync(post);
        }
    }

    /// <summary>What a client does: pushes that continue are taken, at a gap or when told to it reads.</summary>
    private static async Task<IEnumerable<LogEntry>> NextAsync(Session session, LogId log, List<LogEntry> seen)
    {
        ulong last = seen.Count == 0 ? 0 : seen[^1].Position;
        switch (await session.PushAsync())
        {
            case Entries pushed when pushed.Items[0].Position <= last + 1: return pushed.Items.Where(entry => entry.Position > last);
            case Entries or Behind: return await session.ReadAllAsync(log, last);
            case var other: throw new InvalidOperationException($"unexpected {other}");
        }
    }

    private static async Task<string> ClaimAsync(Session claimer, Pin pin)
    {
        using var answer = await claimer.HttpAsync(HttpMethod.Post, Rest.Claim(pin));
        answer.EnsureSuccessStatusCode();
        var claimed = Codec.Tls.Decode<ClaimedKeyPackages>(await answer.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        return Convert.ToHexString(Assert.Single(claimed.Packages).Span);
    }

    private static async Task DropConnectionsAsync(string address, CancellationToken done)
    {
        using var database = new PostgresDatabase(address);
        while (!done.IsCancellationRequested)
        {
            database.Scalar("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()");
            await Task.Delay(50, CancellationToken.None);
        }
    }
}
