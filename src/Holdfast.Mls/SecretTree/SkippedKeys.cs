using Holdfast.Codec;
using Holdfast.Cryptography;

namespace Holdfast.Mls;

/// <summary>RFC 9420 §9.2: the unused keys of generations that were passed over, in ascending order, for messages that come late.</summary>
internal sealed class SkippedKeys : Shared
{
    private readonly MessageKey[] _keys;

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

    internal void Encode(TlsWriter writer)
    {
        writer.WriteUInt32((uint)_keys.Length);
        foreach (var key in _keys) key.Encode(writer);
    }

    /// <summary>Reads keys that must be in order and older than the ratchet's <paramref name="head"/>.</summary>
    internal static SkippedKeys Decode(ref TlsReader reader, CipherSuite suite, uint head)
    {
        uint count = reader.ReadUInt32();
        var keys = new List<MessageKey>();
        for (uint i = 0; i < count; i++)
        {
            var key = MessageKey.Decode(ref reader, suite);
            if (key.Generation >= head || (keys.Count > 0 && keys[^1].Generation >= key.Generation))
                throw new CodecException("secret tree: skipped generations are out of order");
            keys.Add(key);
        }
        return new SkippedKeys([.. keys]);
    }

    protected override void Wipe()
    {
        foreach (var key in _keys) key.Release();
    }

    private static MessageKey[] Held(IEnumerable<MessageKey> keys)
    {
        MessageKey[] held = [.. keys];
        foreach (var key in held) key.Hold();
        return held;
    }
}
