using System.Buffers.Binary;
using Holdfast.Cryptography;
using Xunit;

namespace Holdfast.Mls.Tests;

/// <summary>RFC 9420 §9.2, §7.5, §8: after a step no record holds what the step has used up, whichever step it was.</summary>
public sealed class ConsumedKeysTests
{
    private static readonly CipherSuite Suite = CipherSuite.Mandatory;

    [Theory, InlineData(1), InlineData(2), InlineData(3), InlineData(4)]
    public void NoConsumedKeyIsLeftInAnyRecord(int seed)
    {
        using var room = Room.Of(4, seed);
        var before = room.Members.ToDictionary(member => member, member => member.Store.Copy());
        int checkedKeys = 0;
        for (int step = 0; step < 40; step++)
        {
            Step(room, step);
            foreach (var member in room.Members)
            {
                if (before.TryGetValue(member, out var was)) checkedKeys += Check(was, RecordStore.Of(member.Group), member.Store);
                before[member] = member.Store.Copy();
            }
        }
        Assert.InRange(checkedKeys, 200, int.MaxValue);
    }

    [Fact]
    public void ARecordThatIsNotDeletedIsFound()
    {
        using var room = Room.Of(4);
        room.Say(room[1], "opens");
        var was = room[0].Store.Copy();
        room.Say(room[2], "opens");
        var kept = room[0].Store.Copy();
        Assert.InRange(Check(was, room[0].Store, kept), 1, int.MaxValue);
        string opened = was.Rows.Keys.Single(key => !kept.Rows.ContainsKey(key));
        kept.Rows[opened] = was.Rows[opened];
        Assert.ThrowsAny<Xunit.Sdk.XunitException>(() => Check(was, room[0].Store, kept));
    }

    private static void Step(Room room, int step)
    {
        var by = room[room.Random.Below(room.Members.Count)];
        switch (room.Random.Below(6))
        {
            case 0: room.ProposeUpdate(by); room.Commit(room[room.Random.Below(room.Members.Count)], new CommitOptions()); break;
            case 1 when room.Members.Count < 9: room.Add(by, room.NewClient($"new {step}")); break;
            case 2 when room.Members.Count > 3: room.Remove(by, room.Others(by).First()); break;
            case 3: Overtake(room, by); break;
            default: room.Say(by, "words"); break;
        }
    }

    /// <summary>Messages that come out of order: their keys are kept until they come, and no longer.</summary>
    private static void Overtake(Room room, Client by)
    {
        byte[][] said = [.. Enumerable.Range(0, 4).Select(i => by.Say($"{i}"))];
        foreach (var other in room.Others(by))
        {
            foreach (int i in (int[])[2, 0, 3, 1]) other.HearText(said[i]);
        }
    }

    /// <summary>Looks in what is stored for what was used up between two states, and says how much that was.</summary>
    private static int Check(RecordStore was, RecordStore now, RecordStore stored)
    {
        byte[] all = [.. stored.Rows.Values.SelectMany(static value => value)];
        int count = 0;
        foreach (var consumed in Consumed(was, now))
        {
            Assert.True(all.AsSpan().IndexOf(consumed) < 0, "a record holds a key that has been used");
            count++;
        }
        return count;
    }

    private static IEnumerable<byte[]> Consumed(RecordStore was, RecordStore now)
    {
        bool isNewEpoch = !was.Rows["01"].AsSpan().SequenceEqual(now.Rows["01"]);
        foreach (var (name, value) in was.Rows)
        {
            now.Rows.TryGetValue(name, out var next);
            if (next is not null && next.AsSpan().SequenceEqual(value)) continue;
            switch (RecordKey.Read(Convert.FromHexString(name)))
            {
                case { Type: RecordType.SecretNode or RecordType.PrivateKey or RecordType.ResumptionPsk }: yield return value; break;
                case { Type: RecordType.SkippedKey }: yield return value[..Suite.Aead.KeySize]; break;
                case { Type: RecordType.Ratchet } key:
                    foreach (byte[] used in Passed(key, value, next, now)) yield return used;
                    break;
                case { Type: RecordType.Head } when isNewEpoch:
                    foreach (byte[] used in EpochKeys(value)) yield return used;
                    break;
            }
        }
    }

    /// <summary>
    /// The secrets of the generations that a ratchet has left behind, and their keys unless those wait for a late message.
    /// </summary>
    private static List<byte[]> Passed(RecordKey name, byte[] was, byte[]? now, RecordStore store)
    {
        var passed = new List<byte[]>();
        uint generation = BinaryPrimitives.ReadUInt32BigEndian(was);
        uint head = now is null ? generation + 1 : BinaryPrimitives.ReadUInt32BigEndian(now);
        var secret = Secret.CopyOf(was.AsSpan(4));
        for (; generation < head; generation++)
        {
            passed.Add(secret.Reveal().ToArray());
            using var key = Suite.DeriveTreeSecret(secret, Labels.Key, generation, Suite.Aead.KeySize);
            bool waits = store.Rows.ContainsKey(RecordStore.Key(name with { Type = RecordType.SkippedKey, Generation = generation }));
            if (!waits) passed.Add(key.Reveal().ToArray());
            secret = Suite.DeriveTreeSecret(secret, Labels.RatchetSecret, generation, Suite.Hkdf.HashSize);
        }
        return passed;
    }

    /// <summary>Of the seven secrets of an epoch those that nothing keeps: exporter, external, confirmation, membership and init.</summary>
    private static IEnumerable<byte[]> EpochKeys(byte[] head)
    {
        int size = Suite.Hkdf.HashSize, first = SecretsIn(head);
        foreach (int index in (int[])[1, 2, 3, 4, 6]) yield return head.AsSpan(first + (index * size), size).ToArray();
    }

    private static int SecretsIn(byte[] head)
    {
        var reader = new Codec.TlsReader(head);
        GroupContext.Decode(ref reader);
        LeafIndex.Decode(ref reader);
        return reader.Position;
    }
}
