using System.Buffers.Binary;
using Holdfast.Codec;
using Holdfast.Cryptography;
using Xunit;

namespace Holdfast.Mls.Tests;

/// <summary>
/// docs/STATE.md: each rule about what records say together, broken alone and behind a root that fits, so that nothing but that rule
/// is in the way.
/// </summary>
public sealed class StateRulesTests : IDisposable
{
    /// <summary>A tag or a hash as it is stored: a byte for its length and 32 of its own.</summary>
    private const int HashField = 33;

    /// <summary>An opaque field of 256 bytes, one more than any hash has.</summary>
    private static readonly byte[] TooLong = [0x41, 0x00, .. new byte[MlsLimits.MaxHashSize + 1]];

    private readonly Room _room = Busy();

    private static string Head => Name(new RecordKey(RecordType.Head));

    private Client One => _room[0];

    private int ContextSize => Tls.Encode(One.Group.Context).Length;

    public void Dispose() => _room.Dispose();

    [Fact]
    public void WhatIsStoredIsAState() => Opened(static _ => { }).Dispose();

    [Fact]
    public void OurLeafIsAMembers() => Refused("our own leaf is blank", rows => rows[Head][ContextSize + 3] = 7);

    [Fact]
    public void TagAndHashAreNoLongerThanAny()
    {
        Refused("over its limit", rows => rows[Head] = [.. rows[Head][..^HashField], .. TooLong]);
        Refused(
            "over its limit",
            rows => rows[Head] = [.. rows[Head][..^(2 * HashField)], .. TooLong, .. rows[Head][^HashField..]]);
    }

    [Fact]
    public void AGroupIsClosedByAReInitAndByNothingElse()
    {
        byte[] reInit = Tls.Encode<Proposal>(new ReInitProposal("next"u8.ToArray(), ProtocolVersion.Mls10, One.Suite.Id, []));
        using (var closed = Opened(rows => rows[Head] = [.. rows[Head], .. reInit])) Assert.NotNull(closed.ReInit);
        Refused("closed by something else", rows => rows[Head] = [.. rows[Head], .. Tls.Encode<Proposal>(new RemoveProposal(default))]);
        Refused("left over", rows => rows[Head] = [.. rows[Head], .. reInit, 0]);
    }

    [Fact]
    public void ThereIsATreeAndNoLargerOneThanWeAllow()
    {
        Refused("the tree is missing", static rows =>
        {
            foreach (string node in NamesOf(RecordType.TreeNode, rows).ToList()) rows.Remove(node);
        });
        byte[] leaf = One.Store.Rows[Name(new RecordKey(RecordType.TreeNode))];
        Refused("a larger tree", rows => rows[Name(new RecordKey(RecordType.TreeNode, Index: uint.MaxValue - 1))] = leaf);
        Refused("a larger tree", rows => rows[Name(new RecordKey(RecordType.TreeNode, Index: MlsLimits.MaxNodes + 1))] = leaf);
    }

    [Fact]
    public void APrivateKeyIsOfANodeAboveUs()
    {
        string theirs = Name(new RecordKey(RecordType.PrivateKey, Index: _room[1].Group.OwnLeaf.Node.Value));
        Refused("of no node of ours", rows => rows[theirs] = _room[1].Store.Rows[theirs]);
        string blank = Name(new RecordKey(RecordType.PrivateKey, Index: new LeafIndex(7).Node.Value));
        Refused("of no node of ours", rows => rows[blank] = _room[1].Store.Rows[theirs]);
    }

    [Fact]
    public void AResumptionKeyIsOfAnEpochThatIsPast()
    {
        string past = NamesOf(RecordType.ResumptionPsk, One.Store.Rows).First();
        foreach (ulong epoch in (ulong[])[One.Group.Epoch, One.Group.Epoch + 1, ulong.MaxValue])
            Refused("not past", rows => rows[Name(new RecordKey(RecordType.ResumptionPsk, epoch))] = rows[past]);
    }

    [Fact]
    public void ASkippedKeyIsOfAGenerationThatIsPast()
    {
        string skipped = NamesOf(RecordType.SkippedKey, One.Store.Rows).First();
        var key = RecordKey.Read(Convert.FromHexString(skipped));
        Refused("yet to come", rows => Move(rows, skipped, Name(key with { Generation = uint.MaxValue })));
    }

    [Fact]
    public void PastEpochsAreWhatTheirNamesSayAndHaveNoGap()
    {
        string last = PastEpoch(One.Group.Epoch - 1);
        int epoch = 4 + 1 + One.Group.GroupId.Length;   // version, cipher suite, group id
        Refused("under another's name", rows => BinaryPrimitives.WriteUInt64BigEndian(rows[last].AsSpan(epoch), One.Group.Epoch - 2));
        Refused("a gap", rows => Move(rows, PastEpoch(One.Group.Epoch - 2), PastEpoch(One.Group.Epoch - 3)));
        Refused("a gap", rows => rows.Remove(last));
    }

    [Fact]
    public void APastEpochsTreeHasASizeThatATreeCanHave()
    {
        byte[] record = One.Store.Rows[PastEpoch(One.Group.Epoch - 1)];
        var tree = One.Group.State.Tree;
        int count = ContextIn(record).Length + HashField;   // behind the context and the sender data secret
        PastEpochRecord.Decode(record, tree).Release();
        foreach (uint size in (uint[])[0, 3, 5, 2 * MlsLimits.MaxLeaves, 1u << 31, uint.MaxValue])
        {
            byte[] other = [.. record];
            BinaryPrimitives.WriteUInt32BigEndian(other.AsSpan(count), size);
            Assert.Throws<CodecException>(() => PastEpochRecord.Decode(other, tree));
        }
        Assert.Throws<CodecException>(() => PastEpochRecord.Decode([.. record, 0], tree));
    }

    [Fact]
    public void AProposalIsOneThatItsSenderCouldSend()
    {
        string update = Name(new RecordKey(RecordType.Proposal));
        Refused("could not send", rows => rows[update][HashField] = (byte)SenderType.External);
        Refused("over its limit", rows => rows[update] = [.. TooLong, .. rows[update][HashField..]]);
        Refused("left over", rows => rows[update] = [.. rows[update], 0]);
        Refused("no private key", rows => rows[update] = [.. rows[update][..^HashField], 1, 7]);
        Refused("over its limit", rows => rows[update] = [.. rows[update][..^HashField], 0x60, 1, .. new byte[MlsLimits.MaxKeySize + 1]]);
        Refused("more proposals than we keep", rows =>
        {
            for (uint i = 1; i <= MlsLimits.MaxPendingProposals; i++)
                rows[Name(new RecordKey(RecordType.Proposal, Index: i))] = rows[update];
        });
    }

    [Fact]
    public void ARecordIsNamedOnceAndIsNoChange()
    {
        string some = PastEpoch(One.Group.Epoch - 1);
        Refused("two records of one name", records => records.Put(Convert.FromHexString(some), One.Store.Rows[some]));
        Refused("these are changes", records => records.Delete(new RecordKey(RecordType.Proposal, Index: 1)));
    }

    [Fact]
    public void ARecordIsTakenOnce()
    {
        using var records = One.Store.Load();
        var reading = new StateReading(records);
        _ = reading.Take(new RecordKey(RecordType.Head));
        Assert.Throws<CodecException>(() => reading.Take(new RecordKey(RecordType.Head)));
    }

    [Fact]
    public void ANameIsOneOfThisFormat()
    {
        Assert.Equal(new RecordKey(RecordType.Head), RecordKey.Read([1]));
        byte[][] names = [[], [11], [255], [1, 0], [2, 0, 0, 0], [2, 0, 0, 0, 0, 0], [5, .. new byte[12], 2], [5, .. new byte[12], 255]];
        foreach (byte[] name in names)
            Assert.Throws<CodecException>(() => RecordKey.Read(name));
        using var records = new StateRecords();
        records.Put(new byte[255], []);
        Assert.Throws<CodecException>(() => records.Put(new byte[256], []));
    }

    [Fact]
    public void ChangesAreOfOneSuiteToo()
    {
        using var other = new Client(One.Name, _room.Random, CipherSuite.Find(3));
        using var self = other.NewKeyPackage();
        using var sameId = Group.Create(other.Suite, One.Group.GroupId, self, other.SignatureKey, [], other.Policy, _room.Random);
        Assert.Throws<ArgumentException>(() => sameId.ChangesSince(One.Group));
    }

    /// <summary>A group with past epochs, skipped keys, and an Update of our own before anything else that is pending.</summary>
    private static Room Busy()
    {
        var room = Room.Of(5, seed: 3);
        for (int i = 1; i < 4; i++) room.Commit(room[i], new CommitOptions());
        room[3].Say("lost");
        room.Say(room[3], "heard");
        room.ProposeUpdate(room[0]);
        return room;
    }

    private static string PastEpoch(ulong epoch) => Name(new RecordKey(RecordType.PastEpoch, epoch));

    private static string Name(RecordKey key) => RecordStore.Key(key);

    private static IEnumerable<string> NamesOf(RecordType type, SortedDictionary<string, byte[]> rows) =>
        rows.Keys.Where(name => Convert.FromHexString(name)[0] == (byte)type);

    private static void Move(SortedDictionary<string, byte[]> rows, string from, string to)
    {
        rows[to] = rows[from];
        rows.Remove(from);
    }

    private static byte[] ContextIn(byte[] record)
    {
        var reader = new TlsReader(record);
        _ = GroupContext.Decode(ref reader);
        return record[..reader.Position];
    }

    private Group Opened(Action<SortedDictionary<string, byte[]>> change)
    {
        var store = One.Store.Copy();
        change(store.Rows);
        store.Reroot();
        return store.Open(One.SignatureKey, One.Policy);
    }

    private void Refused(string rule, Action<SortedDictionary<string, byte[]>> change) =>
        Assert.Contains(rule, Assert.Throws<CodecException>(() => Opened(change)).Message, StringComparison.Ordinal);

    private void Refused(string rule, Action<StateRecords> add)
    {
        using var records = new StateRecords();
        foreach (var (name, value) in One.Store.Rows.Where(static row => row.Key != "00")) records.Put(Convert.FromHexString(name), value);
        add(records);
        records.Put([0], RecordStore.RootOf(records));
        var refused = Assert.Throws<CodecException>(() => Group.Restore(records, One.SignatureKey, One.Policy));
        Assert.Contains(rule, refused.Message, StringComparison.Ordinal);
    }
}
