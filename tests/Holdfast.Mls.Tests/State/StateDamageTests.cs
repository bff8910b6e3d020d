using Holdfast.Codec;
using Holdfast.Tests;
using Xunit;

namespace Holdfast.Mls.Tests;

/// <summary>
/// Whatever happens to the records of a group: it opens whole or not at all, and says why by <see cref="CodecException"/>.
/// </summary>
public sealed class StateDamageTests : IDisposable
{
    private readonly Room _room = Busy(1), _other = Busy(2);

    public StateDamageTests() => One.Store.Open(One.SignatureKey, One.Policy).Dispose();   // undamaged it opens

    private Client One => _room[0];

    [Fact]
    public void EachRecordTruncatedRemovedOrLongerIsRefused()
    {
        foreach (string key in One.Store.Rows.Keys.ToList())
        {
            foreach (int length in (int[])[0, 1, One.Store.Rows[key].Length / 2, One.Store.Rows[key].Length - 1])
                Refuse(rows => rows[key] = rows[key][..Math.Min(length, rows[key].Length - 1)]);
            Refuse(rows => rows[key] = [.. rows[key], 0]);
            Refuse(rows => rows.Remove(key));
        }
    }

    [Fact]
    public void EachFlippedBitIsRefused()
    {
        foreach (string key in One.Store.Rows.Keys.ToList())
        {
            int step = Math.Max(1, One.Store.Rows[key].Length / 16);
            for (int i = 0; i < One.Store.Rows[key].Length; i += step) Refuse(rows => rows[key][i] ^= (byte)(1 << (i % 8)));
        }
    }

    [Fact]
    public void EachRecordOfAnotherGroupIsRefused()
    {
        var theirs = _other[0].Store.Rows;
        foreach (var (key, value) in theirs)
        {
            if (One.Store.Rows.TryGetValue(key, out var own) && own.AsSpan().SequenceEqual(value)) continue;
            Refuse(rows => rows[key] = value);
        }
    }

    [Fact]
    public void EachRecordOfAnEarlierStateIsRefused()
    {
        var earlier = One.Store.Copy();
        One.TakeProposal(_room[1].ProposeUpdate());
        foreach (var (key, value) in earlier.Rows)
        {
            bool isSame = One.Store.Rows.TryGetValue(key, out var now) && now.AsSpan().SequenceEqual(value);
            if (!isSame) Refuse(rows => rows[key] = value);   // such as a ratchet that would give out a key once more
        }
    }

    [Fact]
    public void RecordsExchangedWithOneAnotherAreRefused()
    {
        var keys = One.Store.Rows.Keys.ToList();
        for (int i = 1; i < keys.Count; i++)
        {
            var (first, second) = (keys[i - 1], keys[i]);
            if (One.Store.Rows[first].AsSpan().SequenceEqual(One.Store.Rows[second])) continue;
            Refuse(rows => (rows[first], rows[second]) = (rows[second], rows[first]));
        }
    }

    [Fact]
    public void RecordsThatBelongToNothingAreRefused()
    {
        string[] keys = ["", "0A", "FF", "0000", "01FF", "02", "020000", "0200FFFFFF", "03FFFFFFFF", "05000000000000000100000000FF"];
        foreach (string key in keys)
            Refuse(rows => rows[key] = [1, 2, 3]);
    }

    /// <summary>As above with a root that fits: nothing but <see cref="CodecException"/> may come of what is behind it either.</summary>
    [Fact]
    public void BehindARootThatFitsDamageIsRefusedOrMakesAnotherGroup()
    {
        int places = LongRun.IsWanted ? 40 : 12;   // in each record
        foreach (string key in One.Store.Rows.Keys.Where(static key => key != "00").ToList())
        {
            byte[] value = One.Store.Rows[key];
            int step = Math.Max(1, value.Length / places), cut = Math.Max(1, 2 * value.Length / places);
            for (int i = 0; i < value.Length; i += step) TryBehindRoot(rows => rows[key][i] ^= (byte)(1 << (i / step % 8)));
            for (int length = 0; length < value.Length; length += cut) TryBehindRoot(rows => rows[key] = value[..length]);
            TryBehindRoot(rows => rows.Remove(key));
            if (_other[0].Store.Rows.TryGetValue(key, out var theirs)) TryBehindRoot(rows => rows[key] = theirs);
        }
    }

    /// <summary>
    /// A key that is none, or not its node's, would show much later and as something else: when a commit has to be opened.
    /// </summary>
    [Fact]
    public void BehindARootThatFitsAPrivateKeyIsItsNodes()
    {
        var keys = One.Store.Rows.Keys.Where(static key => key.StartsWith("03", StringComparison.Ordinal)).ToList();
        Assert.True(keys.Count > 1);
        foreach (string key in keys)
        {
            RefuseBehindRoot(rows => rows[key] = rows[key][..^1]);
            RefuseBehindRoot(rows => rows[key] = [.. rows[key], 0]);
            RefuseBehindRoot(rows => rows[key] = []);
            RefuseBehindRoot(rows => rows[key][7] ^= 1);
            RefuseBehindRoot(rows => rows[key] = rows[keys.First(other => other != key)]);
        }
        RefuseBehindRoot(rows => (rows[keys[0]], rows[keys[1]]) = (rows[keys[1]], rows[keys[0]]));
    }

    /// <summary>RFC 9420 §12.1.2: who has lost the key of its own Update cannot follow the commit of it, and says so.</summary>
    [Fact]
    public void WithoutTheKeyOfAnUpdateOfOursWeAreStranded()
    {
        _room.Commit(_room[1], new CommitOptions());
        byte[] proposed = One.ProposeUpdate();
        _room[1].TakeProposal(proposed);
        var store = One.Store.Copy();
        string key = store.Rows.Keys.Single(static name => name.StartsWith("09", StringComparison.Ordinal));
        store.Rows[key] = [.. store.Rows[key][..^33], 0];   // no key where there were 32 bytes
        store.Reroot();
        One.Adopt(store.Open(One.SignatureKey, One.Policy));
        using var commit = new DroppedCommit(_room[1].Group.Commit(new CommitOptions(), _room.Random));
        var stranded = Assert.IsType<Handled.Stranded>(One.Group.Handle(commit.Commit.Message));
        Assert.Contains("an Update in our name", stranded.Rule, StringComparison.Ordinal);
    }

    /// <summary>
    /// RFC 9420 §4.2, §12.1.3: below each parent somebody is at its right; so it is not the last, and the tree is not built for it.
    /// </summary>
    [Fact]
    public void AParentFarOutIsRefusedBeforeTheTreeIsBuilt()
    {
        string leaf = Node((uint)MlsLimits.MaxNodes - 1), parent = Node((uint)MlsLimits.MaxNodes - 2);
        var (somebody, subgroup) = (One.Store.Rows[Node(0)], One.Store.Rows[Node(1)]);
        long built = Cost(rows => rows[leaf] = somebody), refused = Cost(rows => rows[parent] = subgroup);
        Assert.InRange(built, 0, MlsLimits.MaxNodes);   // the largest tree takes little, with all but a few blank
        Assert.InRange(refused, 0, MlsLimits.MaxNodes);
    }

    public void Dispose()
    {
        _room.Dispose();
        _other.Dispose();
    }

    /// <summary>A group with something of everything: skipped keys, a past epoch, proposals of others and an own Update.</summary>
    private static Room Busy(int seed)
    {
        var room = Room.Of(5, seed);
        foreach (var member in room.Members) room.Say(member, member.Name);
        room.Commit(room[2], new CommitOptions());
        byte[] lost = room[3].Say("lost");
        room.Say(room[3], "heard");
        Assert.NotEmpty(lost);
        room.ProposeUpdate(room[0]);
        room.Propose(room[1], new RemoveProposal(room[4].Group.OwnLeaf));
        return room;
    }

    private static string Node(uint index) => RecordStore.Key(new RecordKey(RecordType.TreeNode, Index: index));

    /// <summary>The memory that goes into refusing it.</summary>
    private long Cost(Action<SortedDictionary<string, byte[]>> damage)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        Refuse(damage);
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private void Refuse(Action<SortedDictionary<string, byte[]>> damage)
    {
        var store = One.Store.Copy();
        damage(store.Rows);
        Refuse(store);
    }

    private void Refuse(RecordStore store)
    {
        var refused = Assert.Throws<CodecException>(() => store.Open(One.SignatureKey, One.Policy));
        Assert.Matches("^(?!group state: group state: )group state: ", refused.Message);
    }

    private void RefuseBehindRoot(Action<SortedDictionary<string, byte[]>> damage)
    {
        var store = One.Store.Copy();
        damage(store.Rows);
        store.Reroot();
        Refuse(store);
    }

    private void TryBehindRoot(Action<SortedDictionary<string, byte[]>> damage)
    {
        var store = One.Store.Copy();
        damage(store.Rows);
        store.Reroot();
        try
        {
            using var opened = store.Open(One.SignatureKey, One.Policy);
            Assert.Equal(store.Rows, RecordStore.Of(opened).Rows);   // then it is a state, and stores as it was
        }
        catch (CodecException)
        {
        }
        catch (ArgumentException key) when (key.ParamName == "signatureKey")
        {
        }
    }
}
