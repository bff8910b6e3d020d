using Holdfast.Codec;

namespace Holdfast.Mls;

/// <summary>The leaves of an epoch, stored as how they differ from the leaves of the epoch after it.</summary>
internal static class LeafChangesSince
{
    internal static void Encode(TlsWriter writer, IReadOnlyList<LeafNode?> older, IReadOnlyList<LeafNode?> newer)
    {
        writer.WriteUInt32((uint)older.Count);
        var changed = Enumerable.Range(0, older.Count).Where(index => !ReferenceEquals(older[index], At(newer, index)));
        writer.WriteVector(changed, (output, index) =>
        {
            output.WriteUInt32((uint)index);
            output.WriteOptional(older[index]);
        });
    }

    internal static LeafNode?[] Decode(ref TlsReader reader, IReadOnlyList<LeafNode?> newer)
    {
        uint count = reader.ReadUInt32();
        if (count > MlsLimits.MaxLeaves) throw new CodecException("group state: more leaves than we allow");
        var older = new LeafNode?[count];
        for (int index = 0; index < older.Length; index++) older[index] = At(newer, index);
        var changes = new TlsReader(reader.ReadOpaque());
        while (changes.Remaining > 0)
        {
            uint index = changes.ReadUInt32();
            if (index >= count) throw new CodecException("group state: a leaf outside its tree");
            older[index] = changes.ReadOptional<LeafNode>();
        }
        return older;
    }

    private static LeafNode? At(IReadOnlyList<LeafNode?> leaves, int index) => index < leaves.Count ? leaves[index] : null;
}
