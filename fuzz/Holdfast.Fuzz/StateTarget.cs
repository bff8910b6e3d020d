using System.Numerics;
using Holdfast.Codec;
using Holdfast.Mls;

namespace Holdfast.Fuzz;

/// <summary>
/// A client that opens what its storage has left of a group: as it is, where the root tells what was changed, or with a root that
/// fits, so that what is behind it is tried.
/// </summary>
internal sealed class StateTarget(Circle circle, bool rooted)
    : Target(rooted ? "Group.Restore, with a root that fits" : "Group.Restore", circle.States)
{
    private const int MostNodes = 1 << 12;

    private static readonly byte[] RootKey = [(byte)RecordType.Root];

    /// <summary>Every record becomes an object, and every key a secret of its own.</summary>
    internal override long MostBytes(byte[] input) => Oracle.FreeBytes + (64L * input.Length);

    /// <summary>
    /// A leaf far out makes a large tree, all of which has to be hashed: that has a test of its own, and would take all the time here.
    /// </summary>
    internal override byte[] Prepare(byte[] input)
    {
        if (Nodes(input) > MostNodes) throw new CodecException("a large tree");
        if (!rooted) return input;
        using var given = StateRecords.Deserialize(input);
        var rows = Rows(given);
        rows.RemoveAll(static row => row.Key.AsSpan().SequenceEqual(RootKey));
        using var others = Sorted(rows);
        rows.Add((RootKey, RootOf(others)));
        using var all = Sorted(rows);
        return Bytes(all);
    }

    internal override object? Read(ReadOnlySpan<byte> input)
    {
        Group group;
        try
        {
            group = circle.Restore(input);
        }
        catch (ArgumentException key) when (key.ParamName == "signatureKey")
        {
            throw new CodecException("another's state");   // declared as well
        }
        if (rooted) return group;
        group.Dispose();
        return null;
    }

    /// <summary>What is opened is a state, and is stored as it was.</summary>
    internal override byte[] Write(object value)
    {
        using var group = (Group)value;
        using var records = group.Records();
        using var sorted = Sorted(Rows(records));
        return Bytes(sorted);
    }

    /// <summary>Changes one record's value, leaves a record out, or gives it another's name.</summary>
    internal static byte[] Reshape(byte[] input, FuzzRandom random)
    {
        using var records = StateRecords.Deserialize(input);
        var rows = Rows(records);
        if (rows.Count == 0) return ByteChange.Of(input, random);
        int at = random.Below(rows.Count);
        switch (random.Below(8))
        {
            case 0: rows.RemoveAt(at); break;
            case 1: rows[at] = (ByteChange.Of(rows[at].Key, random), rows[at].Value); break;
            case 2: rows[at] = (rows[at].Key, random.Of(rows).Value); break;
            default: rows[at] = (rows[at].Key, ByteChange.Of(rows[at].Value, random)); break;
        }
        using var changed = Sorted(rows);
        return Bytes(changed);
    }

    /// <summary>How many nodes the trees have that the library builds, this epoch's and those of past ones.</summary>
    private static long Nodes(byte[] input)
    {
        long last = 0, past = 0;
        try
        {
            using var records = StateRecords.Deserialize(input);
            foreach (var record in records)
            {
                var key = new TlsReader(record.Key);
                switch ((RecordType)key.ReadUInt8())
                {
                    case RecordType.TreeNode: last = Math.Max(last, key.ReadUInt32()); break;
                    case RecordType.PastEpoch: past += NodesOf(PastLeaves(record.Value)); break;
                    default: break;
                }
            }
        }
        catch (CodecException)
        {
            // what comes after is not read either
        }
        return past + (last % 2 == 0 ? NodesOf((last / 2) + 1) : 0);
    }

    private static long NodesOf(long leaves) => leaves is 0 or > MlsLimits.MaxLeaves
        ? 0
        : 2L * (long)BitOperations.RoundUpToPowerOf2((ulong)leaves);

    private static uint PastLeaves(ReadOnlySpan<byte> record)
    {
        var reader = new TlsReader(record);
        GroupContext.Decode(ref reader);
        reader.ReadOpaque();
        return reader.ReadUInt32();
    }

    private static List<(byte[] Key, byte[] Value)> Rows(StateRecords records)
    {
        var rows = new List<(byte[] Key, byte[] Value)>();
        foreach (var record in records)
        {
            if (record.IsDelete) throw new CodecException("changes, and not a state");
            rows.Add((record.Key.ToArray(), record.Value.ToArray()));
        }
        return rows;
    }

    private static StateRecords Sorted(List<(byte[] Key, byte[] Value)> rows)
    {
        var records = new StateRecords();
        foreach (var (key, value) in rows.OrderBy(static row => Convert.ToHexString(row.Key), StringComparer.Ordinal))
            records.Put(key, value);
        return records;
    }

    private static byte[] RootOf(StateRecords records)
    {
        var digest = new StateDigest();
        for (int i = 0; i < records.Count; i++)
        {
            if (records[i].Key is not [(byte)RecordType.Root or (byte)RecordType.TreeNode, ..]) digest.Add(records.Framed(i));
        }
        return [StateRoot.Version, .. digest.ToBytes()];
    }

    private static byte[] Bytes(StateRecords records)
    {
        using var serialized = records.Serialize();
        return serialized.Reveal().ToArray();
    }
}
