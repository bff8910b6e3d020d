using Holdfast.Codec;
using Xunit;

namespace Holdfast.Mls.Tests;

/// <summary>Trees as no honest member would send them.</summary>
internal static class TreeEdit
{
    /// <summary>The same tree, read again, with another parent at that place.</summary>
    internal static RatchetTree With(this RatchetTree tree, NodeIndex place, ParentNode? parent) => Read(Write(tree, place, null, parent));

    /// <summary>The same tree, read again, with another leaf at that place.</summary>
    internal static RatchetTree With(this RatchetTree tree, LeafIndex place, LeafNode? leaf) => Read(Write(tree, place.Node, leaf, null));

    internal static RatchetTree Read(byte[] bytes) => RatchetTree.Decode(TreeGroup.Suite, bytes);

    internal static List<NodeIndex> Parents(this RatchetTree tree) =>
        [.. tree.Root.All().Where(node => node.Parent is not null).Select(node => node.Index)];

    /// <summary>What is refused, and by which rule.</summary>
    internal static void Refuses(MlsError error, string rule, Action act)
    {
        var refusal = MlsException.Of(Assert.ThrowsAny<Exception>(act))!;
        Assert.Equal(error, refusal.Error);
        Assert.Contains(rule, refusal.Rule, StringComparison.Ordinal);
    }

    internal static void RefusesToValidate(this RatchetTree tree, MlsError error, string rule) =>
        Refuses(error, rule, () => tree.Validate(TreeGroup.ContextOf(tree)));

    internal static byte[] Flipped(ReadOnlyMemory<byte> bytes)
    {
        byte[] flipped = bytes.IsEmpty ? [1] : bytes.ToArray();
        flipped[^1] ^= 1;
        return flipped;
    }

    private static byte[] Write(RatchetTree tree, NodeIndex place, LeafNode? leaf, ParentNode? parent)
    {
        var nodes = new (LeafNode? Leaf, ParentNode? Parent)[TreeMath.NodeCount(tree.LeafCount)];
        foreach (var node in tree.Root.All()) nodes[node.Index.Value] = (node.Leaf, node.Parent);
        nodes[place.Value] = (leaf, parent);
        int count = Array.FindLastIndex(nodes, node => node.Leaf is not null || node.Parent is not null) + 1;
        var writer = new TlsWriter();
        writer.WriteVector(nodes.Take(count), static (output, node) => WriteNode(output, node.Leaf, node.Parent));
        return writer.ToArray();
    }

    private static void WriteNode(TlsWriter writer, LeafNode? leaf, ParentNode? parent)
    {
        writer.WriteUInt8(leaf is null && parent is null ? (byte)0 : (byte)1);
        if (leaf is not null) writer.WriteUInt8(1);
        if (leaf is not null) writer.Write(leaf);
        if (parent is not null) writer.WriteUInt8(2);
        if (parent is not null) writer.Write(parent);
    }
}
