using Holdfast.Vault.Pages;

namespace Holdfast.Vault.Tests.Pages;

/// <summary>What tells a whole store that was put back from the one that went on.</summary>
public sealed class AnchorTests : IDisposable
{
    private readonly StoreStates _states = new();

    public void Dispose() => _states.Dispose();

    [Fact]
    public void EachCommitRaisesItAndNothingElseDoes()
    {
        var seen = new List<Anchor> { _states.Store.Anchor };
        for (int i = 0; i < 10; i++)
        {
            _states.Commit(3, 500);
            seen.Add(_states.Store.Anchor);
            if (i % 3 == 0) _states.Store.Checkpoint();
            if (i % 4 == 0) _states.Reopen();
            Assert.Equal(seen[^1], _states.Store.Anchor);
        }
        Assert.Equal(Enumerable.Range((int)seen[0].Number, seen.Count).Select(static number => (ulong)number), seen.Select(static anchor => anchor.Number));
        Assert.Equal(seen.Count, seen.Select(static anchor => Convert.ToHexString(anchor.Hash.Span)).Distinct().Count());
    }

    [Fact]
    public void AChangeThatIsUndoneLeavesItAsItWas()
    {
        var before = _states.Store.Anchor;
        Assert.Throws<InvalidOperationException>(() => _states.Store.Change<int>(() =>
        {
            for (int i = 0; i < 3000; i++) _states.Store.Put(RecordKind.History, SealedStore.Key([], (ulong)i), new byte[3000]);   // more than the cache holds
            throw new InvalidOperationException("no");
        }));
        Assert.Equal(before, _states.Store.Anchor);
        _states.Commit(3, 500);
        Assert.Equal(before.Number + 1, _states.Store.Anchor.Number);
        _states.Reopen();
        Assert.Equal(before.Number + 1, _states.Store.Anchor.Number);
    }

    /// <summary>Whole files of an earlier time, also with the end of the log cut off, open as what they were: only their anchor tells.</summary>
    [Fact]
    public void AnOlderStoreHasAnOlderAnchor()
    {
        var anchors = new List<Anchor>();
        var disks = new List<RecordedDisk>();
        for (int i = 0; i < 8; i++)
        {
            _states.Commit(5, 500);
            if (i == 4) _states.Store.Checkpoint();
            anchors.Add(_states.Store.Anchor);
            disks.Add(_states.Disk.Copy());
        }
        for (int i = 0; i < disks.Count; i++)
        {
            using var old = _states.OpenOn(disks[i]);
            Assert.Equal(anchors[i], old.Anchor);
        }
        var cut = _states.Disk.Copy();
        cut.SetContent(StoreStates.LogPath, cut.Content(StoreStates.LogPath).AsSpan(0, 8192));
        using var without = _states.OpenOn(cut);
        Assert.True(without.Anchor.Number < anchors[^1].Number);
    }

    /// <summary>Two copies that went on by themselves are as far as each other, but not the same.</summary>
    [Fact]
    public void CopiesThatGoOnPartWays()
    {
        _states.Commit(5, 500);
        var copy = _states.Disk.Copy();
        _states.Commit(5, 500);
        using var other = _states.OpenOn(copy);
        other.Change(() => { other.Put(RecordKind.History, "x"u8.ToArray(), "y"u8); return 0; });
        Assert.Equal(_states.Store.Anchor.Number, other.Anchor.Number);
        Assert.NotEqual(_states.Store.Anchor, other.Anchor);
    }

    /// <summary>A transaction larger than the cache writes some pages twice, and frames of the log again.</summary>
    [Fact]
    public void ATransactionLargerThanTheCacheIsWholeWhereverItStops()
    {
        int first = _states.Disk.Steps.Count;
        var store = _states.Store;
        store.Change(() =>
        {
            for (int round = 0; round < 2; round++)
            {
                for (int i = 0; i < 1500; i++) store.Put(RecordKind.History, SealedStore.Key([], (ulong)(i * 7919 % 1500)), new byte[1500 + round]);
            }
            return 0;
        });
        var chance = new Random(5);
        foreach (int step in Enumerable.Range(0, 25).Select(_ => chance.Next(first, _states.Disk.Steps.Count)).Append(_states.Disk.Steps.Count))
        {
            using var found = _states.OpenOn(_states.Disk.Killed(step, 0));
            int count = found.ScanAll(RecordKind.History).Count;
            Assert.True(count == (step == _states.Disk.Steps.Count ? 1500 : count == 1500 ? 1500 : 0), $"{count} at {step}");
            Assert.Equal("ok", found.Check());
        }
    }
}
