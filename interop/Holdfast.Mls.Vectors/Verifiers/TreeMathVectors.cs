using System.Text.Json;

namespace Holdfast.Mls.Vectors;

/// <summary>RFC 9420 Appendix C: how the nodes of a full tree stand to each other.</summary>
internal static class TreeMathVectors
{
    internal static void Verify(JsonElement vector)
    {
        int leaves = vector.Int32("n_leaves");
        int nodes = TreeMath.NodeCount(leaves);
        Expect.Equal("n_nodes", vector.Int32("n_nodes"), nodes);
        Expect.Equal("root", vector.UInt32("root"), TreeMath.Root(leaves).Value);
        for (int i = 0; i < nodes; i++)
        {
            var node = new NodeIndex((uint)i);
            bool isRoot = node == TreeMath.Root(leaves);
            Check(vector, "left", i, node.IsLeaf ? null : node.Left.Value);
            Check(vector, "right", i, node.IsLeaf ? null : node.Right.Value);
            Check(vector, "parent", i, isRoot ? null : node.Parent.Value);
            Check(vector, "sibling", i, isRoot ? null : node.Sibling.Value);
        }
    }

    private static void Check(JsonElement vector, string name, int node, uint? ours)
    {
        var value = vector.GetProperty(name)[node];
        Expect.Equal($"{name}[{node}]", value.ValueKind == JsonValueKind.Null ? null : value.GetUInt32(), ours);
    }
}
