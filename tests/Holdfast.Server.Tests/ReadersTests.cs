using Holdfast.Cryptography;
using Holdfast.Protocol;
using Holdfast.Server.Storage;
using Holdfast.Server.Storage.Sqlite;
using Holdfast.Server.Tests.Support;

namespace Holdfast.Server.Tests;

[Trait(Place.Trait, Place.Sqlite)]
public sealed class ReadersTests : IDisposable
{
    private readonly string _folder = TestServer.NewFolder();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>
    /// Entries and head of a log are two statements. A head that is later than the entries tells a device that those between have expired, and it
    /// goes on behind them: they would be lost to it.
    /// </summary>
    [Fact]
    public async Task WhatIsReadIsOneStateWhateverIsWrittenMeanwhile()
    {
        string path = Path.Combine(_folder, "holdfast.db");
        using var writing = Database.Open(path);
        SqliteSchema.Ensure(writing);
        using var writer = new Stores(writing, RandomSource.System);
        using var readers = new Readers(() => Database.Open(path), RandomSource.System);
        var log = new LogId(70);
        writer.Logs.Create(log, Device.NewKey().PublicKey.Span);
        Append(writer, log);
        var (read, head) = await readers.ReadAsync(
            stores =>
            {
                var entries = stores.Logs.Read(log, 0, 0);
                Append(writer, log);
                return (entries, stores.Logs.Head(log));
            },
            TestContext.Current.CancellationToken);
        Assert.Equal(1ul, Assert.Single(read).Position);
        Assert.Equal(1ul, head);
        Assert.Equal(2ul, await readers.ReadAsync(stores => stores.Logs.Head(log), TestContext.Current.CancellationToken));
    }

    private static void Append(Stores stores, LogId log)
    {
        var post = Posts.Application(log, 0);
        stores.Logs.Append(post, stores.Logs.Advance(post)!.Value, long.MaxValue);
    }
}
