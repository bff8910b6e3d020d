using Holdfast.Cryptography;
using Holdfast.Server.Storage;
using Holdfast.Server.Storage.Sqlite;
using Holdfast.Server.Tests.Support;

namespace Holdfast.Server.Tests;

[Trait(Place.Trait, Place.Sqlite)]
public sealed class ReadersTests : IDisposable
{
    private readonly string _folder = TestServer.NewFolder();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>What is asked in several statements is of one moment, as if nothing were written between them.</summary>
    [Fact]
    public async Task WhatIsReadIsOneStateWhateverIsWrittenMeanwhile()
    {
        string path = Path.Combine(_folder, "holdfast.db");
        using var writing = Database.Open(path);
        SqliteSchema.Ensure(writing);
        using var writer = new Stores(writing, RandomSource.System);
        using var readers = new Readers(() => Database.Open(path), RandomSource.System);
        writer.Settings.Set(Settings.Probe, "1");
        var (before, after) = await readers.ReadAsync(
            stores =>
            {
                string? first = stores.Settings.Text(Settings.Probe);
                writer.Settings.Set(Settings.Probe, "2");
                return (first, stores.Settings.Text(Settings.Probe));
            },
            TestContext.Current.CancellationToken);
        Assert.Equal(("1", "1"), (before, after));
        Assert.Equal("2", await readers.ReadAsync(static stores => stores.Settings.Text(Settings.Probe), TestContext.Current.CancellationToken));
    }
}
