using Holdfast.Codec;
using Holdfast.Cryptography;

namespace Holdfast.Mls;

/// <summary>
/// Records of a group's state, which are secret: what <see cref="Group.Records"/> and <see cref="Group.ChangesSince"/> give out
/// and what <see cref="Group.Restore(StateRecords, SignatureKey, GroupPolicy)"/> takes. They are in one pinned buffer that is
/// wiped when this is disposed.
/// </summary>
/// <example>
/// With any store that has transactions:
/// <code>
/// using (var transaction = store.Begin())
/// {
///     using var changes = next.ChangesSince(group);              // for a new group: group.Records()
///     foreach (var record in changes)
///     {
///         if (record.IsDelete) transaction.Delete(groupId, record.Key);
///         else transaction.Put(groupId, record.Key, record.Value);
///     }
///     transaction.Commit();                                      // before the message leaves or is shown
/// }
/// using var records = new StateRecords();
/// foreach (var (key, value) in store.All(groupId)) records.Put(key, value);
/// var restored = Group.Restore(records, signatureKey, policy);
/// </code>
/// </example>
public sealed class StateRecords : IDisposable
{
    private readonly TlsWriter _bytes = new(512, pinned: true);
    private readonly List<Entry> _entries = [];

    /// <summary>How many records there are.</summary>
    public int Count => _entries.Count;

    /// <summary>The record at that place.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is none.</exception>
    public StateRecord this[int index]
    {
        get
        {
            var (start, keySize, valueSize) = _entries[index];
            var record = _bytes.Written[start..];
            return new StateRecord(
                record.Slice(1, keySize), valueSize < 0 ? default : record.Slice(1 + keySize, valueSize), valueSize < 0);
        }
    }

    /// <summary>Adds a record, whose bytes are copied.</summary>
    /// <exception cref="CodecException">The key is longer than 255 bytes.</exception>
    public void Put(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        int start = WriteKey(key);
        _bytes.WriteBytes(value);
        _entries.Add(new Entry(start, key.Length, value.Length));
    }

    /// <summary>The records in their order.</summary>
    public Enumerator GetEnumerator() => new(this);

    /// <summary>Wipes the records.</summary>
    public void Dispose()
    {
        _bytes.Dispose();
        _entries.Clear();
    }

    /// <summary>How many, never what.</summary>
    public override string ToString() => $"StateRecords({Count})";

    /// <summary>Adds a part of a group, and gives it back as <see cref="StateDigest"/> takes it.</summary>
    internal ReadOnlySpan<byte> Put(in RecordKey key, IStateRecord record)
    {
        Span<byte> name = stackalloc byte[RecordKey.MaxSize];
        int start = WriteKey(name[..key.Write(name)]), value = _bytes.Length;
        record.EncodeRecord(_bytes);
        _entries.Add(new Entry(start, value - start - 1, _bytes.Length - value));
        return _bytes.Written[start..];
    }

    /// <summary>Takes back what was put last.</summary>
    internal void TakeBack()
    {
        _bytes.Truncate(_entries[^1].Start);
        _entries.RemoveAt(_entries.Count - 1);
    }

    /// <summary>Adds that a record is to be deleted.</summary>
    internal void Delete(in RecordKey key)
    {
        Span<byte> name = stackalloc byte[RecordKey.MaxSize];
        int size = key.Write(name);
        _entries.Add(new Entry(WriteKey(name[..size]), size, -1));
    }

    /// <summary>One record as <see cref="StateDigest"/> takes it.</summary>
    internal ReadOnlySpan<byte> Framed(int index)
    {
        var (start, keySize, valueSize) = _entries[index];
        return _bytes.Written.Slice(start, 1 + keySize + Math.Max(0, valueSize));
    }

    /// <summary>docs/STATE.md SerializedState: all records behind one another.</summary>
    internal Secret Serialize()
    {
        using var writer = new TlsWriter(_bytes.Length + (Count * 8) + 8, pinned: true);
        foreach (var record in this)
        {
            writer.WriteOpaque(record.Key);
            writer.WriteOpaque(record.Value);
        }
        return Secret.CopyOf(writer.Written);
    }

    /// <summary>Reads what <see cref="Serialize"/> wrote.</summary>
    internal static StateRecords Deserialize(ReadOnlySpan<byte> bytes)
    {
        var records = new StateRecords();
        var reader = new TlsReader(bytes);
        while (reader.Remaining > 0) records.Put(reader.ReadOpaque(RecordKey.MaxSize), reader.ReadOpaque());
        return records;
    }

    private int WriteKey(ReadOnlySpan<byte> key)
    {
        if (key.Length > byte.MaxValue) throw new CodecException("group state: a record's key is longer than any of this format");
        int start = _bytes.Length;
        _bytes.WriteUInt8((byte)key.Length);
        _bytes.WriteBytes(key);
        return start;
    }

    private readonly record struct Entry(int Start, int KeySize, int ValueSize);

    /// <summary>Goes through the records.</summary>
    public ref struct Enumerator
    {
        private readonly StateRecords _records;
        private int _index = -1;

        internal Enumerator(StateRecords records) => _records = records;

        /// <summary>The record it is at.</summary>
        public readonly StateRecord Current => _records[_index];

        /// <summary>Goes on.</summary>
        public bool MoveNext() => ++_index < _records.Count;
    }
}

/// <summary>One record, borrowed from the <see cref="StateRecords"/> it is in.</summary>
public readonly ref struct StateRecord
{
    internal StateRecord(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, bool isDelete)
    {
        Key = key;
        Value = value;
        IsDelete = isDelete;
    }

    /// <summary>What the record is called within its group: up to 18 bytes, not secret, and in the order of their bytes.</summary>
    public ReadOnlySpan<byte> Key { get; }

    /// <summary>What is to be stored under the key in place of what is there: secret.</summary>
    public ReadOnlySpan<byte> Value { get; }

    /// <summary>Whether the record is to be deleted instead: its key or secret is used up (RFC 9420 §9.2).</summary>
    public bool IsDelete { get; }
}
