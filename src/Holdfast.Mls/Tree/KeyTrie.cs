using System.Numerics;

namespace Holdfast.Mls;

/// <summary>
/// A set of what holds keys, found by key: a hash trie of up to 32 branches a level. It never changes, and the next one shares all that is
/// the same, so that looking for a key and changing one cost the same in a small group and in a large one. Two holders of one key are
/// both kept, and counted: a tree from a stranger may have them.
/// </summary>
internal sealed class KeyTrie
{
    private const int Bits = 5, Mask = (1 << Bits) - 1;

    private readonly Func<object, ReadOnlyMemory<byte>> _keyOf;
    private readonly object? _root;

    private KeyTrie(Func<object, ReadOnlyMemory<byte>> keyOf, object? root, int repeated) =>
        (_keyOf, _root, Repeated) = (keyOf, root, repeated);

    /// <summary>By the encryption keys of leaves and parents.</summary>
    internal static KeyTrie ByEncryptionKey { get; } = new(
        static holder => holder is LeafNode leaf ? leaf.EncryptionKey : ((ParentNode)holder).EncryptionKey, null, 0);

    /// <summary>By the signature keys of leaves.</summary>
    internal static KeyTrie BySignatureKey { get; } = new(static holder => ((LeafNode)holder).SignatureKey, null, 0);

    /// <summary>How many holders have a key that another has too, the first of each not counted.</summary>
    internal int Repeated { get; }

    /// <summary>Who holds that key, or null.</summary>
    internal object? Find(ReadOnlyMemory<byte> key)
    {
        uint hash = Hash(key);
        object? slot = _root;
        for (int shift = 0; slot is Branch branch; shift += Bits) slot = branch.Child(hash, shift);
        return slot switch
        {
            object[] bucket => Array.Find(bucket, holder => Holds(holder, key)),
            { } holder when Holds(holder, key) => holder,
            _ => null,
        };
    }

    /// <summary>With one more.</summary>
    internal KeyTrie With(object holder)
    {
        var key = _keyOf(holder);
        return new KeyTrie(_keyOf, Insert(_root, holder, Hash(key), 0), Repeated + (Find(key) is null ? 0 : 1));
    }

    /// <summary>Without one that is there.</summary>
    internal KeyTrie Without(object holder)
    {
        var key = _keyOf(holder);
        var next = new KeyTrie(_keyOf, Delete(_root, holder, Hash(key), 0), Repeated);
        return next.Find(key) is null ? next : new KeyTrie(_keyOf, next._root, Repeated - 1);
    }

    private object Insert(object? slot, object holder, uint hash, int shift)
    {
        if (slot is null) return holder;
        if (slot is Branch branch) return branch.With(hash, shift, Insert(branch.Child(hash, shift), holder, hash, shift + Bits));
        uint other = Hash(_keyOf(slot is object[] bucket ? bucket[0] : slot));
        if (other == hash) return slot is object[] holders ? (object[])[.. holders, holder] : new[] { slot, holder };
        return Insert(Branch.Of(other, shift, slot), holder, hash, shift);
    }

    private static object? Delete(object? slot, object holder, uint hash, int shift) => slot switch
    {
        Branch branch => Delete(branch.Child(hash, shift), holder, hash, shift + Bits) is { } child
            ? branch.With(hash, shift, child)
            : branch.Without(hash, shift),
        object[] bucket => Array.FindAll(bucket, other => !ReferenceEquals(other, holder)) is { Length: > 1 } rest
            ? rest
            : Array.Find(bucket, other => !ReferenceEquals(other, holder)),
        _ => ReferenceEquals(slot, holder) ? null : slot,
    };

    private bool Holds(object holder, ReadOnlyMemory<byte> key) => _keyOf(holder).Span.SequenceEqual(key.Span);

    private static uint Hash(ReadOnlyMemory<byte> key) => unchecked((uint)Bytes.HashCode(key.Span));

    /// <summary>
    /// One level: a bit for each child that is there, and those children. A child is a branch, a holder, or holders of one hash.
    /// </summary>
    private sealed class Branch(uint map, object[] children)
    {
        internal static Branch Of(uint hash, int shift, object child) => new(Bit(hash, shift), [child]);

        internal object? Child(uint hash, int shift) => (map & Bit(hash, shift)) == 0 ? null : children[Place(hash, shift)];

        internal Branch With(uint hash, int shift, object child)
        {
            int place = Place(hash, shift);
            uint bit = Bit(hash, shift);
            if ((map & bit) == 0) return new Branch(map | bit, [.. children.AsSpan(0, place), child, .. children.AsSpan(place)]);
            if (ReferenceEquals(children[place], child)) return this;
            object[] next = [.. children];
            next[place] = child;
            return new Branch(map, next);
        }

        /// <summary>Without that child, or null where it was the only one.</summary>
        internal Branch? Without(uint hash, int shift)
        {
            uint bit = Bit(hash, shift);
            if ((map & bit) == 0) return this;
            if (children.Length == 1) return null;
            int place = Place(hash, shift);
            return new Branch(map & ~bit, [.. children.AsSpan(0, place), .. children.AsSpan(place + 1)]);
        }

        private int Place(uint hash, int shift) => BitOperations.PopCount(map & (Bit(hash, shift) - 1));

        private static uint Bit(uint hash, int shift) => 1u << (int)((hash >> shift) & Mask);
    }
}
