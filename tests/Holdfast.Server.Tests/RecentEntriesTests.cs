using System.Globalization;
using Holdfast.Cryptography;
using Holdfast.Protocol;
using Holdfast.Server.Logs;
using Holdfast.Server.Storage.Sqlite;
using Holdfast.Server.Tests.Support;

namespace Holdfast.Server.Tests;

/// <summary>Entries of a SQLite file that are in no index yet: found like the others, and taken in later, whatever comes between.</summary>
[Trait(Place.Trait, Place.Sqlite)]
public sealed class RecentEntriesTests : IDisposable
{
    private const long Hour = 1000;

    private readonly string _folder = TestServer.NewFolder();
    private readonly RecentEntries _recent = new();

    private string File => Path.Combine(_folder, "holdfast.db");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>Steps at random beside a model: appends, batches that come to nothing, entries that expire, indexes written, and ends without notice.</summary>
    [Fact]
    public void WhateverHappensEachEntryIsFoundOnce()
    {
        int seed = int.Parse(Environment.GetEnvironmentVariable("HOLDFAST_SEED") ?? "1", CultureInfo.InvariantCulture);
        int steps = Environment.GetEnvironmentVariable("HOLDFAST_LONG") is null ? 400 : 20_000;
        var random = new Random(seed);
        LogId[] logs = [.. Enumerable.Range(1, 7).Select(static i => new LogId((UInt128)i << 64))];
        var model = logs.ToDictionary(static log => log, static _ => new List<(Post Post, long ExpiresHour)>());
        long gone = 0;
        var database = Open();
        var store = database.NewLogs();
        In(database, () => { foreach (var log in logs) store.Create(log, [1]); });
        for (int step = 0; step < steps; step++)
        {
            switch (random.Next(10))
            {
                case < 5:
                    bool fails = random.Next(4) == 0;
                    var added = new List<(Post Post, long ExpiresHour)>();
                    database.Begin();
                    for (int i = random.Next(1, 40); i > 0; i--) added.Add(Append(store, logs[random.Next(logs.Length)], random));
                    if (random.Next(3) == 0) store.Settle(anyway: true);
                    if (fails)
                    {
                        database.Rollback();
                        break;
                    }
                    database.Commit();
                    foreach (var each in added) model[each.Post.Log].Add(each);
                    break;
                case < 7:
                    In(database, () => store.Settle(anyway: true));
                    break;
                case < 8:
                    gone = Math.Max(gone, Hour + random.Next(100));
                    In(database, () => { while (store.DropExpired(gone) > 0) { } });
                    break;
                default:
                    database.Dispose();   // what was in memory is lost
                    database = Open();
                    store = database.NewLogs();
                    break;
            }
            if (step % 10 == 0) Expect(store, model, gone);
        }
        In(database, () => { while (store.Unsettled > 0) { store.Settle(anyway: true); database.Commit(); database.Begin(); } });
        In(database, () => { while (store.DropExpired(gone) > 0) { } });
        Expect(store, model, gone);
        foreach (string table in (string[])["entry_positions", "entry_ids", "entry_expiries"])
            Assert.Equal(database.Scalar("SELECT count(*) FROM entries"), database.Scalar("SELECT count(*) FROM " + table));
        Assert.Equal(0, database.Scalar("SELECT count(*) FROM entries WHERE expires_hour <= " + gone.ToString(CultureInfo.InvariantCulture)));
        database.Dispose();
    }

    [Fact]
    public void WhatWasInNoIndexAtAnEndWithoutNoticeIsThereAgain()
    {
        var log = new LogId(5);
        Post commit = Post(log, 1, PostKind.Commit), text = Post(log, 2, PostKind.Application);
        using (var before = Open())
        {
            var store = before.NewLogs();
            In(before, () => store.Create(log, [1]));
            In(before, () => Append(store, commit));
            In(before, () => Append(store, text));
            Assert.Equal(0, before.Scalar("SELECT count(*) FROM entry_positions"));
        }
        using var after = Open();
        var logs = after.NewLogs();
        Assert.Equal(2UL, logs.Head(log));
        Assert.Equal((1UL, 2UL), (logs.Find(log, commit.Id), logs.Find(log, text.Id)));
        Assert.Equal([commit.Id, text.Id], logs.Read(log, 0, Hour).Entries.Select(static entry => entry.Id));
        Assert.Null(logs.Advance(Post(log, 3, PostKind.Application) with { Position = 0 }));   // behind it lies a commit
        Assert.Equal(3UL, logs.Advance(Post(log, 3, PostKind.Application) with { Position = 1 }));
    }

    /// <summary>Whoever moved the head: what is in no index is taken in.</summary>
    [Fact]
    public void WhatIsInNoIndexIsTakenInWhateverTheHeadSays()
    {
        var log = new LogId(5);
        using (var before = Open())
        {
            var store = before.NewLogs();
            In(before, () => store.Create(log, [1]));
            In(before, () => Append(store, Post(log, 1, PostKind.Application)));
            before.Execute("UPDATE logs SET head = 7");
        }
        using var after = Open();
        Assert.Equal(1UL, after.NewLogs().Find(log, new MessageId(1)));
        Assert.Equal(7UL, after.NewLogs().Head(log));
    }

    /// <summary>No number is given twice, or an end without notice would leave out the entry that has it.</summary>
    [Fact]
    public void AnArrivalIsNotGivenAgainWhenTheLastEntriesAreGone()
    {
        var log = new LogId(5);
        for (uint i = 1; i <= 3; i++)
        {
            using var database = Open();
            var store = database.NewLogs();
            Assert.Equal(i - 1, store.Head(log));
            In(database, () => store.Create(log, [1]));
            In(database, () => Append(store, Post(log, i, PostKind.Application)));
            if (i < 3) In(database, () => store.Settle(anyway: true));
            if (i < 3) In(database, () => store.DropExpired(long.MaxValue));
        }
        using var after = Open();
        Assert.Equal(3UL, after.NewLogs().Find(log, new MessageId(3)));
    }

    [Fact]
    public void TooManyAreTakenInBesideTheOthersOldestLogsFirstAndSomeAtATime()
    {
        using var database = Open();
        var store = database.NewLogs();
        LogId old = new(1), busy = new(2);
        In(database, () =>
        {
            store.Create(old, [1]);
            store.Create(busy, [1]);
        });
        In(database, () => Append(store, Post(old, 1, PostKind.Application)));
        for (uint i = 0; i < 17; i++)
            In(database, () => { for (uint n = 0; n < 1000; n++) Append(store, Post(busy, (i * 1000) + n + 2, PostKind.Application)); });
        Assert.Equal(0, database.Scalar("SELECT count(*) FROM entry_ids"));
        In(database, () => store.Settle(anyway: false));
        Assert.Equal(512, database.Scalar("SELECT count(*) FROM entry_ids"));
        Assert.Equal(1, database.Scalar("SELECT head FROM logs WHERE log = x'00000000000000000000000000000001'"));
        Assert.Equal(511, database.Scalar("SELECT head FROM logs WHERE log = x'00000000000000000000000000000002'"));
        In(database, () => store.Settle(anyway: false));
        Assert.Equal(1024, database.Scalar("SELECT count(*) FROM entry_ids"));
        In(database, () => store.Settle(anyway: false));
        Assert.Equal(1024, database.Scalar("SELECT count(*) FROM entry_ids"));   // few enough
    }

    /// <summary>Whoever sends as much as goes into one transaction does not fill the memory.</summary>
    [Fact]
    public void MoreAreTakenInThanCome()
    {
        using var database = Open();
        var store = database.NewLogs();
        LogId log = new(1);
        uint id = 0;
        In(database, () => store.Create(log, [1]));
        for (int batch = 0; batch < 24; batch++)
        {
            In(database, () =>
            {
                for (int i = 0; i < 1000; i++) Append(store, Post(log, ++id, PostKind.Application));
                store.Settle(anyway: false);
            });
        }
        Assert.InRange(store.Unsettled, 14_000, 18_000);
        Assert.Equal(id, (uint)store.Head(log));
    }

    /// <summary>A reader goes through a log again and again while it grows and moves into the indexes: it never has a gap, and never goes back.</summary>
    [Fact]
    public async Task AReaderMissesNothingWhileEntriesMove()
    {
        const int Rounds = 1500;
        var log = new LogId(5);
        using var writing = Open();
        var store = writing.NewLogs();
        In(writing, () => store.Create(log, [1]));
        using var reading = SqliteDatabase.OpenFile(File, _recent);
        var reader = reading.NewLogs();
        ulong durable = 0;
        var writer = Task.Run(() =>
        {
            for (uint i = 1; i <= Rounds; i++)
            {
                In(writing, () => Append(store, Post(log, i, PostKind.Application)));
                Volatile.Write(ref durable, i);
                if (i % 3 == 0) In(writing, () => store.Settle(anyway: true));
            }
        }, TestContext.Current.CancellationToken);
        ulong next = 0, last = 0;
        while (last < Rounds)
        {
            ulong least = Volatile.Read(ref durable);
            reading.BeginReading();
            var (entries, head) = reader.Read(log, next, Hour);
            reading.Rollback();
            Assert.InRange(head, Math.Max(last, least), (ulong)Rounds);
            last = head;
            foreach (var entry in entries) Assert.Equal(++next, entry.Position);
            if (entries.Count < ProtocolLimits.EntriesPerRead) Assert.Equal(head, next);   // else those between look as if they had expired
            if (writer.IsFaulted) break;
        }
        await writer;
    }

    /// <summary>As a server does when it begins.</summary>
    private SqliteDatabase Open()
    {
        _recent.Forget(_recent.Oldest(int.MaxValue));
        var database = SqliteDatabase.OpenFile(File, _recent);
        SqliteSchema.Ensure(database);
        SqliteSchema.Recover(database);
        return database;
    }

    private static void In(SqliteDatabase database, Action work)
    {
        database.Begin();
        work();
        database.Commit();
    }

    private static Post Post(LogId log, uint id, PostKind kind) =>
        new(log, new MessageId(id), 0, kind, ExpiryBucket.Retention, kind == PostKind.Commit ? new byte[32] : default, new byte[] { 1, 2, 3 }, []);

    private static void Append(LogStore store, Post post) => store.Append(post, store.Advance(post with { Position = store.Head(post.Log) })!.Value, Hour + 100);

    private static (Post Post, long ExpiresHour) Append(LogStore store, LogId log, Random random)
    {
        var post = Post(log, 0, random.Next(5) == 0 ? PostKind.Commit : PostKind.Application) with { Id = MessageId.Of(RandomSource.System.PublicBytes(16)) };
        long expires = Hour + random.Next(1, 200);
        store.Append(post, store.Advance(post with { Position = store.Head(log) })!.Value, expires);
        return (post, expires);
    }

    private static void Expect(LogStore store, Dictionary<LogId, List<(Post Post, long ExpiresHour)>> model, long gone)
    {
        foreach (var (log, posts) in model)
        {
            Assert.Equal((ulong)posts.Count, store.Head(log));
            var read = new List<MessageId>();
            ulong after = 0;
            while (store.Read(log, after, gone).Entries is { Count: > 0 } page)
            {
                read.AddRange(page.Select(static entry => entry.Id));
                after = page[^1].Position;
            }
            Assert.Equal(posts.Where(post => post.ExpiresHour > gone).Select(static post => post.Post.Id), read);
            for (int i = 0; i < posts.Count; i++)
                if (posts[i].ExpiresHour > gone) Assert.Equal((ulong)i + 1, store.Find(log, posts[i].Post.Id));
            ulong lastCommit = (ulong)(posts.FindLastIndex(static post => post.Post.Kind == PostKind.Commit) + 1);
            if (lastCommit > 0) Assert.Null(store.Advance(posts[0].Post with { Position = lastCommit - 1 }));
        }
    }
}
