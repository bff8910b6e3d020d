using System.Runtime.InteropServices;
using Holdfast.Codec;
using Holdfast.Cryptography;

namespace Holdfast.Mls;

/// <summary>RFC 9420 §12.4.3.3: the tree as a <c>ratchet_tree</c> extension carries it.</summary>
public sealed partial class RatchetTree
{
    /// <summary>A parent with the shortest key there is and nothing else.</summary>
    private const int LeastNodeSize = 32;

    /// <summary>RFC 9420 §12.4.3.3: all nodes from left to right, up to the last that is not blank.</summary>
    public byte[] Encode()
    {
        var nodes = new TreeNode?[TreeMath.NodeCount(LeafCount)];
        foreach (var node in _root.All()) nodes[node.Index.Value] = node;
        int count = Array.FindLastIndex(nodes, static node => node is { IsBlank: false }) + 1;
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
        var list = new TlsReader(reader.ReadOpaque());
        reader.ExpectEnd();
        var nodes = new List<PlacedNode>();
        uint count = 0;
        int filled = TlsReader.Many + (list.Remaining / LeastNodeSize);
        for (; list.Remaining > 0; count++)
        {
            if (count == MlsLimits.MaxNodes) throw new CodecException($"a ratchet tree has more than {MlsLimits.MaxNodes} nodes");
            if (nodes.Count > filled) throw new CodecException("a ratchet tree has nodes that are too short to hold a key");
            if (list.ReadPresence()) nodes.Add(new PlacedNode(new NodeIndex(count), DecodeNode(ref list, new NodeIndex(count))));
        }
        MlsException.Require(
            nodes.Count > 0 && nodes[^1].Index.Value == count - 1, MlsError.InvalidTree, "RFC 9420 §12.4.3.3: the last node must not be blank");
        var tree = FromNodes(suite, nodes);
        tree.CheckUnmergedLeaves();
        return tree;
    }

    /// <summary>The smallest tree that has those nodes, which are given from left to right.</summary>
    internal static RatchetTree FromNodes(CipherSuite suite, List<PlacedNode> nodes)
    {
        var root = TreeMath.Root(TreeMath.FullLeafCount((int)((nodes[^1].Index.Value + 1) / 2) + 1));
        return new RatchetTree(suite, Assemble(CollectionsMarshal.AsSpan(nodes), root) ?? TreeNode.Blank(root));
    }

    private static void EncodeNode(TlsWriter writer, TreeNode? node)
    {
        writer.WritePresence(node is { IsBlank: false });
        if (node is null or { IsBlank: true }) return;
        writer.WriteUInt8((byte)(node.Index.IsLeaf ? NodeType.Leaf : NodeType.Parent));
        if (node.Leaf is not null) writer.Write(node.Leaf);
        if (node.Parent is not null) writer.Write(node.Parent);
    }

    private static object DecodeNode(ref TlsReader reader, NodeIndex index)
    {
        var type = (NodeType)reader.ReadUInt8();
        if (type is not (NodeType.Leaf or NodeType.Parent)) throw new CodecException("RFC 9420 §7.8: an unknown NodeType");
        MlsException.Require(
            (type == NodeType.Leaf) == index.IsLeaf, MlsError.InvalidTree, "RFC 9420 §12.4.3.3: leaves and only leaves are at even places");
        return index.IsLeaf ? LeafNode.Decode(ref reader) : ParentNode.Decode(ref reader);
    }

    /// <summary>What is at and below that place, or null where that is nothing.</summary>
    private static TreeNode? Assemble(ReadOnlySpan<PlacedNode> nodes, NodeIndex index)
    {
        if (nodes.IsEmpty) return null;
        if (index.IsLeaf) return new TreeNode(index, (LeafNode)nodes[0].Node);
        int left = 0;
        while (left < nodes.Length && nodes[left].Index.Value < index.Value) left++;
        bool isBlank = left == nodes.Length || nodes[left].Index != index;
        var right = nodes[(isBlank ? left : left + 1)..];
        return new TreeNode(
            index, isBlank ? null : (ParentNode)nodes[left].Node, Assemble(nodes[..left], index.Left), Assemble(right, index.Right));
    }
}

/// <summary>A leaf or a parent, and its place.</summary>
internal readonly record struct PlacedNode(NodeIndex Index, object Node);
