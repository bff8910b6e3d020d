using Holdfast.Codec;
using Holdfast.Cryptography;

namespace Holdfast.Mls;

/// <summary>The ratchet tree as records: one for each node that is not blank (docs/STATE.md).</summary>
internal static class TreeRecords
{
    internal static void Compare(RatchetTree? older, RatchetTree newer, RecordChanges changes) =>
        TreeDifferences.Between(older?.Root, newer.Root, (index, before, after) => changes.Change(
            new RecordKey(RecordType.TreeNode, Index: index.Value), RecordOf(before), RecordOf(after)));

    /// <summary>Reads the tree of that tree hash.</summary>
    /// <exception cref="CodecException">The records are not that tree's.</exception>
    internal static RatchetTree Restore(StateReading records, CipherSuite suite, GroupContext context)
    {
        var keys = records.Keys(RecordType.TreeNode);
        if (keys.IsEmpty) throw new CodecException("group state: the tree is missing");
        if (keys[^1].Index >= MlsLimits.MaxNodes) throw new CodecException("group state: a larger tree than we allow");
        if (!new NodeIndex(keys[^1].Index).IsLeaf) throw new CodecException("group state: a parent with nobody at its right");
        var nodes = new List<PlacedNode>(keys.Length);
        foreach (var key in keys) nodes.Add(new PlacedNode(new NodeIndex(key.Index), Decode(new NodeIndex(key.Index), records.Take(key))));
        var tree = RatchetTree.FromNodes(suite, nodes);
        if (!tree.TreeHash.Span.SequenceEqual(context.TreeHash.Span))
            throw new CodecException("group state: the tree is damaged or another group's");
        return tree;
    }

    private static object Decode(NodeIndex index, ReadOnlySpan<byte> value)
    {
        var reader = new TlsReader(value);
        object node = index.IsLeaf ? LeafNode.Decode(ref reader) : ParentNode.Decode(ref reader);
        reader.ExpectEnd();
        return node;
    }

    private static NodeRecord? RecordOf(TreeNode? node) => node is null || node.IsBlank ? null : new NodeRecord(node);

    private sealed class NodeRecord(TreeNode node) : IStateRecord
    {
        public void EncodeRecord(TlsWriter writer)
        {
            if (node.Leaf is not null) writer.Write(node.Leaf);
            else writer.Write(node.Parent!);
        }
    }
}
