using System.Security.Cryptography;
using Holdfast.Codec;

namespace Holdfast.Mls;

/// <summary>The records of one state, to be taken one by one until none is left. Its root has been checked against all of them.</summary>
internal sealed class StateReading
{
    /// <summary>With which every message begins that says what is wrong with a state.</summary>
    internal const string Prefix = "group state: ";

    private readonly StateRecords _records;
    private readonly RecordKey[] _keys;
    private readonly int[] _places;
    private readonly bool[] _taken;
    private int _left;

    /// <exception cref="CodecException">The records are not those of one state that was stored whole.</exception>
    internal StateReading(StateRecords records)
    {
        (_records, _keys, _places, _taken) = (records, new RecordKey[records.Count], new int[records.Count], new bool[records.Count]);
        _left = records.Count;
        for (int i = 0; i < records.Count; i++)
        {
            if (records[i].IsDelete) throw new CodecException("group state: these are changes, not a state");
            (_keys[i], _places[i]) = (RecordKey.Read(records[i].Key), i);
        }
        Array.Sort(_keys, _places);
        for (int i = 1; i < _keys.Length; i++)
        {
            if (_keys[i - 1] == _keys[i]) throw new CodecException("group state: two records of one name");
        }
        CheckDigest();
    }

    /// <summary>Whether a message says already what it is about.</summary>
    internal static bool Says(string message) => message.StartsWith(Prefix, StringComparison.Ordinal);

    /// <summary>Takes a record that must be there.</summary>
    /// <exception cref="CodecException">It is missing.</exception>
    internal ReadOnlySpan<byte> Take(in RecordKey key) =>
        TryTake(key, out var value) ? value : throw new CodecException($"group state: a record is missing ({key.Type})");

    /// <summary>Takes a record if it is there.</summary>
    internal bool TryTake(in RecordKey key, out ReadOnlySpan<byte> value)
    {
        int place = Array.BinarySearch(_keys, key);
        value = default;
        if (place < 0) return false;
        value = TakeAt(place);
        return true;
    }

    /// <summary>The keys from one to another, in their order.</summary>
    internal ReadOnlySpan<RecordKey> Keys(scoped in RecordKey first, scoped in RecordKey last)
    {
        int from = Array.BinarySearch(_keys, first), to = Array.BinarySearch(_keys, last);
        if (from < 0) from = ~from;
        to = to < 0 ? ~to : to + 1;
        return _keys.AsSpan(from, to - from);
    }

    /// <summary>The keys of one type.</summary>
    internal ReadOnlySpan<RecordKey> Keys(RecordType type) =>
        Keys(new RecordKey(type), new RecordKey(type, ulong.MaxValue, uint.MaxValue, RatchetType.Application, uint.MaxValue));

    /// <exception cref="CodecException">Some record belongs nowhere.</exception>
    internal void ExpectEnd()
    {
        if (_left > 0) throw new CodecException("group state: records that belong to nothing");
    }

    private ReadOnlySpan<byte> TakeAt(int place)
    {
        if (_taken[place]) throw new CodecException("group state: a record that stands for two things");
        _taken[place] = true;
        _left--;
        return _records[_places[place]].Value;
    }

    private void CheckDigest()
    {
        var root = StateRoot.Decode(Take(new RecordKey(RecordType.Root)));
        var digest = new StateDigest();
        for (int i = 0; i < _keys.Length; i++)
        {
            if (_keys[i].IsDigested) digest.Add(_records.Framed(_places[i]));
        }
        if (!CryptographicOperations.FixedTimeEquals(root.Digest, digest.ToBytes()))
            throw new CodecException("group state: the records are damaged, incomplete, or not all of one state");
    }
}
