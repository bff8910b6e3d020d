using Holdfast.Codec;
using Holdfast.Cryptography;

namespace Holdfast.Mls;

/// <summary>RFC 9420 §9.2: the unused keys of generations that were passed over, in ascending order, for messages that come late.</summary>
internal sealed class SkippedKeys : Shared
{
    private MessageKey[] _keys;

    /// <summary>Takes ownership of each key.</summary>
    private SkippedKeys(MessageKey[] keys) => _keys = keys;

    internal static SkippedKeys Empty() => new([]);

    /// <summary>The key of that generation, borrowed, or null where it was used, dropped or never skipped.</summary>
    internal MessageKey? Find(uint generation) => Array.Find(_keys, key => key.Generation == generation);

    /// <summary>All but one.</summary>
    internal SkippedKeys Without(MessageKey used) => new(Held(_keys.Where(key => key != used)));

    /// <summary>These and newer ones, whose ownership it takes; of them all the newest <paramref name="limit"/>.</summary>
    internal SkippedKeys With(List<MessageKey> newer, int limit) =>
        new([.. Held(_keys.TakeLast(Math.Max(0, limit - newer.Count))), .. newer]);

    /// <summary>
    /// The records that differ between two states, either of which may be missing; <paramref name="name"/> lacks the generation.
    /// </summary>
    internal static void Compare(SkippedKeys? older, SkippedKeys? newer, in RecordKey name, RecordChanges changes)
    {
        if (ReferenceEquals(older, newer)) return;
        ReadOnlySpan<MessageKey> before = older is null ? [] : older._keys, after = newer is null ? [] : newer._keys;
        while (!before.IsEmpty || !after.IsEmpty)
        {
            uint generation = Math.Min(FirstOf(before), FirstOf(after));
            var (gone, come) = (TakeFirst(ref before, generation), TakeFirst(ref after, generation));
            changes.Change(name with { Generation = generation }, gone, come);
        }
    }

    /// <summary>Reads the keys of a ratchet, all of which must be older than its <paramref name="head"/>.</summary>
    /// <exception cref="CodecException">A record is damaged.</exception>
    internal static SkippedKeys Restore(StateReading records, CipherSuite suite, in RecordKey name, uint head)
    {
        var names = records.Keys(name, name with { Generation = uint.MaxValue });
        var keys = new MessageKey[names.Length];
        for (int i = 0; i < keys.Length; i++)
        {
            if (names[i].Generation >= head) throw new CodecException("group state: a skipped key of a generation that is yet to come");
            keys[i] = MessageKey.Decode(records.Take(names[i]), suite, names[i].Generation);
        }
        return new SkippedKeys(keys);
    }

    protected override void Wipe()
    {
        foreach (var key in _keys) key.Release();
        _keys = [];   // who still holds an older group holds no list of what was in it
    }

    private static uint FirstOf(ReadOnlySpan<MessageKey> keys) => keys.IsEmpty ? uint.MaxValue : keys[0].Generation;

    private static MessageKey? TakeFirst(ref ReadOnlySpan<MessageKey> keys, uint generation)
    {
        if (keys.IsEmpty || keys[0].Generation != generation) return null;
        var first = keys[0];
        keys = keys[1..];
        return first;
    }

    private static MessageKey[] Held(IEnumerable<MessageKey> keys)
    {
        MessageKey[] held = [.. keys];
        foreach (var key in held) key.Hold();
        return held;
    }
}
