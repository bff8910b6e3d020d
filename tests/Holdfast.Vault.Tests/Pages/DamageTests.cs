using Holdfast.Cryptography;
using Holdfast.Protocol;
using Holdfast.Tests;
using Holdfast.Vault.Pages;

namespace Holdfast.Vault.Tests.Pages;

/// <summary>
/// Files that are not as we left them: the store says so and names the file, or it is as it was at an earlier commit of the
/// write-ahead log; it never shows what was not there.
/// </summary>
public sealed class DamageTests : IDisposable
{
    private readonly StoreStates _states = new();

    public void Dispose() => _states.Dispose();

    /// <summary>A store that was closed.</summary>
    [Fact]
    public void EveryFlippedBitOfAClosedStoreIsNoticed()
    {
        var closed = Closed();
        Assert.Equal([StoreStates.Path, StoreStates.ListPath], closed.Files.Keys);
        FlipBits(closed, StoreStates.ListPath, every: 1, mayLose: 0);
        FlipBits(closed, StoreStates.Path, every: LongRun.IsWanted ? 1 : 97, mayLose: 0);
    }

    /// <summary>
    /// A store whose process was killed. What is damaged in the log's last transaction looks as if the write had been torn; what
    /// comes before it cannot have been. A header that stands twice is read from its second place.
    /// </summary>
    [Fact]
    public void EveryFlippedBitOfAKilledStoreIsNoticedOrEndsTheLog()
    {
        var killed = Killed();
        Assert.Equal(3, killed.Files.Count);
        FlipBits(killed, StoreStates.ListPath, every: 1, mayLose: 0);
        FlipBits(killed, StoreStates.LogPath, every: LongRun.IsWanted ? 1 : 131, mayLose: 1);
        FlipBits(killed, StoreStates.Path, every: LongRun.IsWanted ? 1 : 131, mayLose: 0);
    }

    [Theory, InlineData(StoreStates.Path), InlineData(StoreStates.LogPath), InlineData(StoreStates.ListPath)]
    public void ACutFileIsNoticedOrEndsTheLog(string path)
    {
        foreach (var disk in (RecordedDisk[])[Killed(), Closed()])
        {
            if (!disk.Exists(path)) continue;
            byte[] content = disk.Content(path);
            foreach (int length in LongRun.Numbers(content.Length, LongRun.IsWanted ? 1 : 61))
            {
                var cut = disk.Copy();
                cut.SetContent(path, content.AsSpan(0, length));
                AssertNoticed(cut, path, $"cut to {length}", mayLose: path == StoreStates.LogPath ? int.MaxValue : 0);
            }
        }
    }

    /// <summary>With nothing in its list, a store would pass for one that was just made, and be written over.</summary>
    [Fact]
    public void AnEmptyPageListIsNoNewStore()
    {
        var closed = Closed();
        byte[] list = closed.Content(StoreStates.ListPath);
        closed.SetContent(StoreStates.ListPath, list.AsSpan(0, 8));
        var (state, reason) = _states.ReadAll(closed);
        Assert.Null(state);
        Assert.Contains("(vault.db-pages)", reason);
        closed.SetContent(StoreStates.ListPath, list);
        Assert.NotNull(_states.ReadAll(closed).State);
    }

    /// <summary>A list that ends behind one of its records is one of an earlier time, whole in itself: both files are named.</summary>
    [Fact]
    public void APageListCutBehindARecordIsNoticed()
    {
        var closed = Closed();
        byte[] list = closed.Content(StoreStates.ListPath);
        int cuts = 0;
        for (int end = 8; end < list.Length; end += 4 + 28 + System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(list.AsSpan(end)), cuts++)
        {
            var cut = closed.Copy();
            cut.SetContent(StoreStates.ListPath, list.AsSpan(0, end));
            AssertNoticed(cut, StoreStates.ListPath, $"cut behind a record, to {end}", mayLose: 0);
        }
        Assert.True(cuts > 1);
    }

    /// <summary>What follows the end is no part of the store.</summary>
    [Theory, InlineData(StoreStates.Path), InlineData(StoreStates.LogPath), InlineData(StoreStates.ListPath)]
    public void WhatIsAppendedChangesNothingOrIsNoticed(string path)
    {
        foreach (int length in (int[])[1, 100, 4096, 4188, 10_000])
        {
            var killed = Killed();
            killed.SetContent(path, [.. killed.Content(path), .. new byte[length]]);
            AssertNoticed(killed, path, $"{length} bytes more", mayLose: 0);
        }
    }

    [Theory, InlineData(StoreStates.Path), InlineData(StoreStates.ListPath)]
    public void AMissingFileIsNamed(string path)
    {
        foreach (var disk in (RecordedDisk[])[Closed(), Killed()])
        {
            disk.Files.Remove(path);
            var (state, reason) = _states.ReadAll(disk);
            Assert.Null(state);
            Assert.Contains($"({Path.GetFileName(path)})", reason);
        }
    }

    [Fact]
    public void PagesThatChangePlacesAreNoticed()
    {
        var closed = Closed();
        byte[] content = closed.Content(StoreStates.Path);
        int pages = (content.Length / 4096) - 1;
        Assert.True(pages > 4);
        for (int first = 1; first <= pages; first++)
        {
            for (int second = first + 1; second <= pages; second++)
            {
                var swapped = closed.Copy();
                byte[] bytes = [.. content];
                content.AsSpan(first * 4096, 4096).CopyTo(bytes.AsSpan(second * 4096));
                content.AsSpan(second * 4096, 4096).CopyTo(bytes.AsSpan(first * 4096));
                swapped.SetContent(StoreStates.Path, bytes);
                AssertNoticed(swapped, StoreStates.Path, $"pages {first} and {second} swapped", mayLose: 0);
            }
        }
    }

    /// <summary>The same place, the same key, sealed by us: only older.</summary>
    [Fact]
    public void AnOlderVersionOfAPageIsNoticed()
    {
        _states.Commit(30, 900);
        var before = Closed();
        _states.Commit(20, 900);
        var after = Closed();
        byte[] old = before.Content(StoreStates.Path), present = after.Content(StoreStates.Path);
        int replayed = 0;
        for (int at = 4096; at < Math.Min(old.Length, present.Length); at += 4096)
        {
            if (old.AsSpan(at, 4096).SequenceEqual(present.AsSpan(at, 4096))) continue;
            byte[] bytes = [.. present];
            old.AsSpan(at, 4096).CopyTo(bytes.AsSpan(at));
            var mixed = after.Copy();
            mixed.SetContent(StoreStates.Path, bytes);
            AssertNoticed(mixed, StoreStates.Path, $"page at {at} of an earlier time", mayLose: 0);
            replayed++;
        }
        Assert.True(replayed > 2);
    }

    /// <summary>Each file by itself as it was at an earlier time.</summary>
    [Fact]
    public void AnOlderFileAmongNewerOnesIsNoticed()
    {
        _states.Commit(30, 900);
        var before = Killed();
        _states.Store.Checkpoint();
        _states.Commit(30, 900);
        var after = Killed();
        foreach (string path in after.Files.Keys)
        {
            var mixed = after.Copy();
            mixed.SetContent(path, before.Content(path));
            var (state, reason) = _states.ReadAll(mixed);
            Assert.True(state is null, $"{path} of an earlier time was taken");
            Assert.Contains("damaged", reason);
        }
        var closed = Closed();
        foreach (string path in closed.Files.Keys)
        {
            var mixed = closed.Copy();
            mixed.SetContent(path, before.Content(path));
            Assert.Null(_states.ReadAll(mixed).State);
        }
    }

    /// <summary>A store of the same key, but another file: another identity, so another key for each page.</summary>
    [Fact]
    public void AnotherStoresFilesAreNoticed()
    {
        _states.Commit(30, 900);
        using var others = new StoreStates();
        others.Commit(30, 900);
        RecordedDisk ours = Killed(), theirs = others.Disk.Copy();
        foreach (string path in ours.Files.Keys)
        {
            var mixed = ours.Copy();
            mixed.SetContent(path, theirs.Content(path));
            AssertNoticed(mixed, null, $"{path} of another store", mayLose: 0);
            byte[] bytes = ours.Content(path), foreign = theirs.Content(path);
            int page = path == StoreStates.Path ? 4096 : path == StoreStates.LogPath ? 8192 : 8;
            foreign.AsSpan(page, Math.Min(4096, Math.Min(foreign.Length, bytes.Length) - page)).CopyTo(bytes.AsSpan(page));
            mixed = ours.Copy();
            mixed.SetContent(path, bytes);
            AssertNoticed(mixed, path, $"the first page of {path} of another store", mayLose: path == StoreStates.LogPath ? 1 : 0);
        }
    }

    [Fact]
    public void AWrongKeyIsNotTakenForDamage()
    {
        var closed = Closed();
        using var other = Secret.Random(32, RandomSource.System);
        var refused = Assert.Throws<VaultException>(() => SealedStore.Open(closed, StoreStates.Path, other, RandomSource.System, 2048));
        Assert.Equal(VaultError.StoreFailed, refused.Error);
        Assert.Contains("key does not open", refused.Message);
        Assert.Contains("vault.db", refused.Message);
        Assert.DoesNotContain("damaged", refused.Message);
    }

    [Fact]
    public void AStoreOfAnEarlierVersionIsRefusedAsSuch()
    {
        var disk = new RecordedDisk();
        disk.SetContent(StoreStates.Path, [.. "SQLite format 3\0"u8, .. new byte[8192]]);
        Assert.Contains("earlier version of Holdfast", _states.ReadAll(disk).Reason);
    }

    [Fact]
    public void OneKeySealsOnlySoManyPages()
    {
        using var keys = new StoreKeys(_states.Key, new byte[32]);
        using var list = PageListFile.Create(new RecordedDisk(), "/list", keys, RandomSource.System);
        typeof(PageListFile).GetProperty(nameof(PageListFile.Seals), System.Reflection.BindingFlags.Instance | System.Reflection.BindingFlags.NonPublic)!
            .SetValue(list, PageListFile.MostSeals - 1);
        list.Note(1, new byte[16]);
        Assert.Throws<IOException>(() => list.Note(1, new byte[16]));
    }

    private RecordedDisk Closed()
    {
        Fill();
        _states.Reopen();
        _states.Store.Dispose();
        var closed = _states.Disk.Copy();
        _states.Reopen();
        return closed;
    }

    /// <summary>Three transactions in the log, behind a checkpoint.</summary>
    private RecordedDisk Killed()
    {
        Fill();
        _states.Store.Checkpoint();
        for (int i = 0; i < 3; i++) _states.Commit(2, 300);
        return _states.Disk.Copy();
    }

    private void Fill()
    {
        if (_states.States.Count < 3) _states.Commit(40, 900);
    }

    private void FlipBits(RecordedDisk disk, string path, int every, int mayLose)
    {
        int bits = disk.Content(path).Length * 8;
        byte[] content = disk.Content(path);
        foreach (int bit in LongRun.Numbers(bits, every))
        {
            content[bit / 8] ^= (byte)(1 << (bit % 8));
            disk.SetContent(path, content);
            AssertNoticed(disk.Copy(), path, $"bit {bit} of {path}", mayLose);
            content[bit / 8] ^= (byte)(1 << (bit % 8));
        }
        disk.SetContent(path, content);
    }

    private void AssertNoticed(RecordedDisk disk, string? path, string what, int mayLose)
    {
        var (state, reason) = _states.ReadAll(disk);
        if (reason is not null)
        {
            Assert.True(path is null || reason.Contains($"({Path.GetFileName(path)})", StringComparison.Ordinal), $"{what}: {reason}");
            return;
        }
        var allowed = _states.States.Select(static committed => committed.State).Reverse().Take(1 + (int)Math.Min(mayLose, _states.States.Count)).ToList();
        Assert.True(allowed.Contains(state!), $"{what}: shows what is not the store's");
    }
}
