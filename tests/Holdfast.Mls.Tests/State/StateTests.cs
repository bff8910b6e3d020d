using Holdfast.Codec;
using Holdfast.Tests;
using Xunit;

namespace Holdfast.Mls.Tests;

/// <summary>docs/STATE.md: what a step stores, and that only a whole and sound state opens.</summary>
public sealed class StateTests
{
    [Fact]
    public void AMessageChangesItsRatchetAndTheRootAndNoMore()
    {
        using var room = Room.Of(8);
        room.Say(room[3], "opens the way down to this sender");
        byte[] message = room[3].Say("again");
        using var next = Heard(room[0], message);
        using var changes = next.ChangesSince(room[0].Group);
        Assert.Equal([RecordType.Ratchet, RecordType.Root], TypesOf(changes));
    }

    [Fact]
    public void ASendersFirstMessageOpensTheWayDownToItAndDeletesWhatItOpened()
    {
        using var room = Room.Of(8);
        using var next = Heard(room[0], room[3].Say("first"));
        using var changes = next.ChangesSince(room[0].Group);
        var deleted = new List<RecordType>();
        foreach (var record in changes)
        {
            if (record.IsDelete) deleted.Add((RecordType)record.Key[0]);
        }
        Assert.Equal([RecordType.SecretNode], deleted);   // RFC 9420 §9.2: the root's secret is consumed
        Assert.Equal(3, TypesOf(changes).Count(type => type == RecordType.SecretNode) - deleted.Count);
        Assert.Equal(2, TypesOf(changes).Count(type => type == RecordType.Ratchet));
    }

    [Fact]
    public void ALateMessageDeletesTheOneKeyThatWasKeptForIt()
    {
        using var room = Room.Of(2);
        byte[] late = room[1].Say("late");
        for (int i = 0; i < 20; i++) room[1].Say("lost");
        room[0].HearText(room[1].Say("newest"));
        Assert.Equal(21, room[0].Store.Rows.Keys.Count(key => key.StartsWith("06", StringComparison.Ordinal)));
        using var next = Heard(room[0], late);
        using var changes = next.ChangesSince(room[0].Group);
        Assert.InRange(changes.Count, 2, 3);
        Assert.True(changes[0].IsDelete || changes[1].IsDelete);
    }

    public static TheoryData<int> Sizes => LongRun.IsWanted ? [16, 64, 256] : [16, 64];   // 256 who all follow take ten seconds

    [Theory, MemberData(nameof(Sizes))]
    public void ACommitChangesItsPathAndNotTheTree(int members)
    {
        using var room = Room.Of(members);
        foreach (int by in (int[])[0, 1, members - 1]) room.Commit(room[by], new CommitOptions());   // so that the path is there
        using var pending = new DroppedCommit(room[1].Group.Commit(new CommitOptions(), room.Random));
        using var next = Assert.IsType<Handled.CommitApplied>(room[0].Group.Handle(pending.Commit.Message)).Next;
        using var changes = next.ChangesSince(room[0].Group);
        int levels = int.Log2(members);
        Assert.Equal(levels + 1, TypesOf(changes).Count(type => type == RecordType.TreeNode));
        Assert.InRange(changes.Count, levels, (3 * levels) + 21);
    }

    [Fact]
    public void TheSameStateStoresNothing()
    {
        using var room = Room.Of(3);
        using var changes = room[0].Group.ChangesSince(room[0].Group);
        Assert.Equal(0, changes.Count);
    }

    [Fact]
    public void ChangesSinceAnyStateOfTheGroupLeadToThisOne()
    {
        using var room = Room.Of(4);
        var store = RecordStore.Of(room[0].Group);
        using var first = room[0].Store.Open(room[0].SignatureKey, room[0].Policy);   // of the same bytes, sharing nothing
        for (int i = 0; i < 3; i++)
        {
            room.Say(room[1], "on");
            room.ProposeUpdate(room[2]);
            room.Commit(room[i], new CommitOptions());
        }
        room.Add(room[1], [.. Enumerable.Range(0, 5).Select(i => room.NewClient($"new {i}"))]);
        room.Remove(room[0], room[3]);
        using var changes = room[0].Group.ChangesSince(first);
        store.Apply(changes);
        Assert.Equal(RecordStore.Of(room[0].Group).Rows, store.Rows);
        using var back = first.ChangesSince(room[0].Group);
        store.Apply(back);
        Assert.Equal(RecordStore.Of(first).Rows, store.Rows);
    }

    [Fact]
    public void ChangesAreOfOneGroup()
    {
        using var room = Room.Of(2);
        using var other = Room.Of(2, seed: 2);
        Assert.Throws<ArgumentException>(() => room[0].Group.ChangesSince(other[0].Group));
    }

    [Fact]
    public void NoRecordIsLeftOfAnEpochThatIsNoLongerKept()
    {
        using var room = Room.Of(4);
        foreach (var member in room.Members) room.Say(member, "opens every ratchet");
        ulong ended = room[0].Group.Epoch;
        for (int i = 0; i <= room[0].Policy.PastEpochs; i++) room.Commit(room[0], new CommitOptions());
        foreach (string name in room[0].Store.Rows.Keys)
        {
            var key = RecordKey.Read(Convert.FromHexString(name));
            bool isOfAnEpoch = key.Type is RecordType.SecretNode or RecordType.Ratchet or RecordType.SkippedKey or RecordType.PastEpoch;
            Assert.False(isOfAnEpoch && key.Epoch <= ended);
        }
    }

    [Fact]
    public void TheSignatureKeyMustBeOurLeafs()
    {
        using var room = Room.Of(2);
        Assert.Throws<ArgumentException>(() => room[0].Store.Open(room[1].SignatureKey, room[0].Policy));
    }

    [Fact]
    public void ANewerFormatIsRefusedByItsNumber()
    {
        using var room = Room.Of(2);
        var store = room[0].Store.Copy();
        store.Rows["00"][0]++;
        var refused = Assert.Throws<CodecException>(() => store.Open(room[0].SignatureKey, room[0].Policy));
        Assert.Contains("format 2", refused.Message, StringComparison.Ordinal);
        store.Rows["00"][0] = 0;
        Assert.Throws<CodecException>(() => store.Open(room[0].SignatureKey, room[0].Policy));
    }

    [Fact]
    public void ChangesAreNoState()
    {
        using var room = Room.Of(4);
        using var next = Heard(room[0], room[1].Say("x"));
        using var changes = next.ChangesSince(room[0].Group);
        Assert.Throws<CodecException>(() => Group.Restore(changes, room[0].SignatureKey, room[0].Policy));
        using var none = new StateRecords();
        Assert.Throws<CodecException>(() => Group.Restore(none, room[0].SignatureKey, room[0].Policy));
    }

    [Fact]
    public void RecordsAreWipedWhenDisposed()
    {
        using var room = Room.Of(2);
        var records = room[0].Group.Records();
        var value = records[0].Value;
        Assert.True(value.ContainsAnyExcept((byte)0));
        records.Dispose();
        Assert.False(value.ContainsAnyExcept((byte)0));
        Assert.Equal(0, records.Count);
    }

    private static Group Heard(Client client, byte[] message) =>
        Assert.IsType<Handled.ApplicationReceived>(client.Group.Handle(message)).Next;

    private static List<RecordType> TypesOf(StateRecords records)
    {
        var types = new List<RecordType>();
        foreach (var record in records) types.Add((RecordType)record.Key[0]);
        return types;
    }
}
