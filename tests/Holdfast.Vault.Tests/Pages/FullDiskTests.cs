using Microsoft.Data.Sqlite;

namespace Holdfast.Vault.Tests.Pages;

/// <summary>A disk that is full, that fails, or that may not be written: a clear error, and nothing half done.</summary>
public sealed class FullDiskTests : IDisposable
{
    private const int NoSpace = 28;

    private readonly StoreStates _states = new();

    public void Dispose() => _states.Dispose();

    /// <summary>The disk is full from some step on; then there is room again.</summary>
    [Fact]
    public void AFullDiskLosesNothingAndTheStoreGoesOn()
    {
        for (int allowed = 0; allowed < 25; allowed++)
        {
            int left = allowed, refused = 0;
            _states.Disk.Refuses = step => step.Deed is Deed.Write && left-- <= 0 ? new IOException("no space left on device", NoSpace) : null;
            for (int i = 0; i < 8; i++)
            {
                byte[] value = [.. Enumerable.Repeat((byte)((allowed * 8) + i), 4000)];
                var before = _states.States[^1].State;
                var full = Record.Exception(() => _states.Store.Change(() =>
                {
                    for (int j = 0; j < 200; j++) _states.Store.Put(RecordKind.Group, SealedStore.Key([], (ulong)j), value);
                    return 0;
                }));
                if (full is not null)
                {
                    Assert.Equal(13, Assert.IsType<SqliteException>(full).SqliteErrorCode);
                    refused++;
                }
                if (i == 2 && Record.Exception(_states.Store.Checkpoint) is { } refusal) Assert.IsType<SqliteException>(refusal);
                Assert.Equal(before, _states.ReadAll(_states.Disk.Copy()).State);
            }
            _states.Disk.Refuses = null;
            Assert.True(refused > 0);
            _states.Commit(5, 900);
            Assert.Equal(_states.States[^1].State, _states.ReadAll(_states.Disk.Copy()).State);
            if (allowed % 5 == 0) _states.Reopen();
        }
    }

    /// <summary>What a disk did not keep once is not tried a second time: the page would be taken for clean.</summary>
    [Fact]
    public void ADiskThatFailsToSyncEndsTheStore()
    {
        _states.Commit(5, 900);
        _states.Disk.Refuses = static step => step.Deed is Deed.Sync ? new IOException("input/output error", 5) : null;
        Assert.Throws<SqliteException>(() => _states.Commit(5, 900));
        _states.Disk.Refuses = null;
        Assert.Throws<SqliteException>(() => _states.Commit(5, 900));
        _states.Store.Dispose();
        Assert.Null(_states.ReadAll(_states.Disk.Copy()).Reason);
        _states.Reopen();
    }

    /// <summary>
    /// The same where a new run of the log begins: nothing but the store's own memory of the failure stands against a second attempt, for
    /// SQLite begins anew.
    /// </summary>
    [Fact]
    public void ADiskThatFailsToSyncANewRunEndsTheStore()
    {
        _states.Commit(5, 900);
        _states.Store.Checkpoint();
        string before = _states.States[^1].State;
        _states.Disk.Refuses = static step => step is { Deed: Deed.Sync, Path: StoreStates.LogPath } ? new IOException("input/output error", 5) : null;
        Assert.Throws<SqliteException>(() => _states.Commit(5, 900));
        _states.Disk.Refuses = null;
        for (int attempt = 0; attempt < 3; attempt++) Assert.Throws<SqliteException>(() => _states.Commit(5, 900));
        _states.Store.Dispose();
        Assert.Equal((before, null), _states.ReadAll(_states.Disk.Copy()));
        _states.Reopen();
        _states.Store.Change(() => { _states.Store.Put(RecordKind.Group, "k"u8.ToArray(), "v"u8); return 0; });
    }

    [Fact]
    public void AReadOnlyFolderIsRefusedWithoutATrace()
    {
        _states.Commit(5, 900);
        _states.Store.Dispose();
        var disk = _states.Disk.Copy();
        var files = disk.Copy();
        disk.Refuses = static _ => new UnauthorizedAccessException("read-only");
        Assert.ThrowsAny<Exception>(() => Write(_states.OpenOn(disk)));
        Assert.Equal(files.Files.Select(static file => Convert.ToHexString(file.Value.ToArray())), disk.Files.Select(static file => Convert.ToHexString(file.Value.ToArray())));
        _states.Reopen();
    }

    /// <summary>A store could not even be made: the next attempt can.</summary>
    [Fact]
    public void AStoreThatCouldNotBeMadeIsInNobodysWay()
    {
        for (int allowed = 0; allowed < _states.Created; allowed++)
        {
            var disk = new RecordedDisk();
            int left = allowed;
            disk.Refuses = step => left-- <= 0 && step.Deed != Deed.Delete ? new IOException("no space left on device", NoSpace) : null;
            Assert.ThrowsAny<Exception>(() => Write(_states.OpenOn(disk)));
            disk.Refuses = null;
            disk.Files.Clear();   // as the monitor does
            Write(_states.OpenOn(disk));
        }
    }

    private static void Write(SealedStore store)
    {
        using (store) store.Change(() => { store.Put(RecordKind.History, "k"u8.ToArray(), "v"u8); return 0; });
    }
}
