using Holdfast.Codec;
using Holdfast.Cryptography;

namespace Holdfast.Mls;

/// <summary>RFC 9420 §12.4.3.3: the tree as a <c>ratchet_tree</c> extension carries it.</summary>
public sealed partial class RatchetTree
{
    /// <summary>RFC 9420 §12.4.3.3: all nodes from left to right, up to the last that is not blank.</summary>
    public byte[] Encode()
    {
        var nodes = new TreeNode[TreeMath.NodeCount(LeafCount)];
        foreach (var node in _root.All()) nodes[node.Index.Value] = node;
        int count = Array.FindLastIndex(nodes, node => !node.IsBlank) + 1;
        var writer = new TlsWriter(count * 128);
        writer.WriteVector(nodes.Take(count), EncodeNode);
        return writer.ToArray();
    }

    /// <summary>
    /// Reads a tree that is well formed; <see cref="Validate(GroupContext)"/> then says whether it is one that members made.
    /// </summary>
    /// <exception cref="CodecException">The bytes are malformed.</exception>
    /// <exception cref="MlsException">A rule about the tree's form is broken.</exception>
    public static RatchetTree Decode(CipherSuite suite, ReadOnlySpan<byte> bytes)
    {
        var reader = new TlsReader(bytes);
        var nodes = reader.ReadVector(DecodeNode, MlsLimits.MaxNodes);
        reader.ExpectEnd();
        MlsException.Require(
            nodes.Count > 0 && nodes[^1] is not null, MlsError.InvalidTree, "RFC 9420 §12.4.3.3: the last node must not be blank");
        for (int i = 0; i < nodes.Count; i++)
        {
            bool fits = nodes[i] is null || (nodes[i] is LeafNode) == new NodeIndex((uint)i).IsLeaf;
            MlsException.Require(fits, MlsError.InvalidTree, "RFC 9420 §12.4.3.3: leaves and only leaves are at even places");
        }
        var tree = FromNodes(suite, nodes);
        tree.CheckUnmergedLeaves();
        return tree;
    }

    /// <summary>The smallest tree that has those nodes, each a leaf, a parent or null, from left to right.</summary>
    internal static RatchetTree FromNodes(CipherSuite suite, IReadOnlyList<object?> nodes) =>
        new(suite, Assemble(nodes, TreeMath.Root(TreeMath.FullLeafCount((nodes.Count / 2) + 1))));

    private static void EncodeNode(TlsWriter writer, TreeNode node)
    {
        writer.WritePresence(!node.IsBlank);
        if (node.IsBlank) return;
        writer.WriteUInt8((byte)(node.Index.IsLeaf ? NodeType.Leaf : NodeType.Parent));
        if (node.Leaf is not null) writer.Write(node.Leaf);
        if (node.Parent is not null) writer.Write(node.Parent);
    }

    private static object? DecodeNode(ref TlsReader reader) => !reader.ReadPresence() ? null : (NodeType)reader.ReadUInt8() switch
    {
        NodeType.Leaf => LeafNode.Decode(ref reader),
        NodeType.Parent => ParentNode.Decode(ref reader),
        _ => throw new CodecException("RFC 9420 §7.8: an unknown NodeType"),
    };

    private static TreeNode Assemble(IReadOnlyList<object?> nodes, NodeIndex index)
    {
        object? value = index.Value < nodes.Count ? nodes[(int)index.Value] : null;
        return index.IsLeaf
            ? new TreeNode(index, (LeafNode?)value)
            : new TreeNode(index, (ParentNode?)value, Assemble(nodes, index.Left), Assemble(nodes, index.Right));
    }
}
