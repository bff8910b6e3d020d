using System.Text;
using Holdfast.Cryptography;
using Microsoft.Data.Sqlite;

namespace Holdfast.Vault.Tests.Pages;

/// <summary>ATTACKS D-20: what is stored is in no file in the clear, at any time.</summary>
public sealed class PlaintextTests : IDisposable
{
    private const string Sentinel = "the sentinel sleeps under the bridge";

    private readonly string _folder = Directory.CreateTempSubdirectory("holdfast-pages-").FullName;
    private readonly Secret _key = Secret.Random(32, RandomSource.System);

    public void Dispose()
    {
        _key.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void NothingIsInTheClearAtAnyTime()
    {
        string path = Path.Combine(_folder, "vault.db");
        using (var store = SealedStore.Open(path, _key, RandomSource.System))
        {
            store.Change(() =>
            {
                for (int i = 0; i < 20_000; i++) store.Put(RecordKind.History, Key(i), Encoding.UTF8.GetBytes($"{Sentinel} {i}"));   // more than the cache
                AssertClean();
                return 0;
            });
            AssertClean();
            store.Change(() => { store.DeleteAll(RecordKind.History, []); return 0; });
            store.Checkpoint();
            AssertClean();
            Assert.Equal(["vault.db", "vault.db-pages", "vault.db-wal"], Names());
        }
        AssertClean();
        Assert.Equal(["vault.db", "vault.db-pages"], Names());
    }

    /// <summary>The search finds what SQLite itself leaves.</summary>
    [Fact]
    public void TheSearchSeesWhatADatabaseInTheClearShows()
    {
        using (var connection = new SqliteConnection($"Data Source={Path.Combine(_folder, "plain.db")};Pooling=False"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = $"PRAGMA journal_mode=WAL; CREATE TABLE t (v); INSERT INTO t VALUES ('{Sentinel}')";
            command.ExecuteNonQuery();
            Assert.Contains("plain.db-wal", Found());
        }
        Assert.Contains("plain.db", Found());
    }

    /// <summary>Journals and temporary files cannot be opened: statements that would want one work in memory, or fail.</summary>
    [Fact]
    public void NoOtherFileIsEverMade()
    {
        var disk = new RecordedDisk();
        using var store = SealedStore.Open(disk, StoreStates.Path, _key, RandomSource.System, 2048);
        store.Change(() =>
        {
            for (int i = 0; i < 2000; i++) store.Put(RecordKind.History, Key(i), new byte[3000]);
            return 0;
        });
        store.Change(() => { store.DeleteAll(RecordKind.History, []); return 0; });
        Assert.Equal([StoreStates.Path, StoreStates.ListPath, StoreStates.LogPath], disk.Files.Keys);
        Assert.All(disk.Steps, static step => Assert.StartsWith(StoreStates.Path, step.Path));
    }

    [Fact]
    public void TwoCannotHaveTheSameStore()
    {
        string path = Path.Combine(_folder, "vault.db");
        using (SealedStore.Open(path, _key, RandomSource.System))
        {
            var refused = Assert.Throws<VaultException>(() => SealedStore.Open(path, _key, RandomSource.System));
            Assert.Contains("Another process", refused.Message);
        }
        SealedStore.Open(path, _key, RandomSource.System).Dispose();
    }

    private static byte[] Key(int i) => SealedStore.Key([], (ulong)i);

    private string[] Names() => [.. Directory.EnumerateFiles(_folder).Select(static path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    private void AssertClean() => Assert.Empty(Found());

    private List<string> Found()
    {
        var found = new List<string>();
        foreach (string path in Directory.EnumerateFiles(_folder))
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            var content = new byte[file.Length];
            file.ReadExactly(content);
            if (content.AsSpan().IndexOf("the sentinel"u8) >= 0 || content.AsSpan().IndexOf("CREATE TABLE"u8) >= 0) found.Add(Path.GetFileName(path));
        }
        return found;
    }
}
