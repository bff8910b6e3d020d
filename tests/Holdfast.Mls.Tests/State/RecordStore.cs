using Holdfast.Cryptography;
using Xunit;

namespace Holdfast.Mls.Tests;

/// <summary>What an application's store of records holds, in the order of the keys' bytes.</summary>
internal sealed class RecordStore
{
    private readonly SortedDictionary<string, byte[]> _rows = new(StringComparer.Ordinal);

    internal SortedDictionary<string, byte[]> Rows => _rows;

    internal static RecordStore Of(Group group)
    {
        var store = new RecordStore();
        using var records = group.Records();
        store.Apply(records);
        return store;
    }

    /// <summary>Stores a step: what is deleted must be there, and nothing is written in vain.</summary>
    internal void Apply(StateRecords changes)
    {
        var seen = new HashSet<string>();
        foreach (var record in changes)
        {
            string key = Convert.ToHexString(record.Key);
            Assert.True(seen.Add(key), "a record is named twice in one step");
            if (record.IsDelete) Assert.True(_rows.Remove(key), "a record is deleted that is not there");
            else _rows[key] = record.Value.ToArray();
        }
    }

    internal StateRecords Load()
    {
        var records = new StateRecords();
        foreach (var (key, value) in _rows) records.Put(Convert.FromHexString(key), value);
        return records;
    }

    internal Group Open(SignatureKey signatureKey, GroupPolicy policy)
    {
        using var records = Load();
        return Group.Restore(records, signatureKey, policy);
    }

    internal RecordStore Copy()
    {
        var copy = new RecordStore();
        foreach (var (key, value) in _rows) copy._rows.Add(key, [.. value]);
        return copy;
    }

    /// <summary>Makes the root fit what else there is, as an attacker or a fault never would: so that what is behind it is tried.</summary>
    internal void Reroot()
    {
        string root = Key(new RecordKey(RecordType.Root));
        _rows.Remove(root);
        using var records = Load();
        _rows[root] = RootOf(records);
    }

    internal static byte[] RootOf(StateRecords records)
    {
        var digest = new StateDigest();
        for (int i = 0; i < records.Count; i++)
        {
            if (records[i].Key[0] is not ((byte)RecordType.Root or (byte)RecordType.TreeNode)) digest.Add(records.Framed(i));
        }
        return [StateRoot.Version, .. digest.ToBytes()];
    }

    internal static string Key(RecordKey key)
    {
        Span<byte> bytes = stackalloc byte[RecordKey.MaxSize];
        return Convert.ToHexString(bytes[..key.Write(bytes)]);
    }
}
