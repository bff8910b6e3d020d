using System.Text.Json;
using CsCheck;
using Xunit;

namespace Holdfast.Mls.Tests;

public sealed class TreeMathTests(ITestOutputHelper output)
{
    [Fact]
    public void AgreesWithTheVectors()
    {
        var cases = Vectors.Read("tree-math");
        foreach (var vector in cases) Check(vector);
        Assert.Equal(10, cases.Count);
        output.WriteLine($"tree-math: {cases.Count} cases");
    }

    [Fact]
    public void CommonAncestorIsTheLowestNodeOnBothPaths() => Gen.Select(Gen.UInt[0, 1023], Gen.UInt[0, 1023]).Sample((a, b) =>
    {
        NodeIndex first = new LeafIndex(a).Node, second = new LeafIndex(b).Node;
        var other = TreeMath.DirectPath(second, 1024).Prepend(second).ToHashSet();
        return TreeMath.CommonAncestor(first, second) == TreeMath.DirectPath(first, 1024).Prepend(first).First(other.Contains);
    });

    [Fact]
    public void CopathIsTheSiblingsOfThePath() => Gen.UInt[0, 255].Sample(leaf =>
    {
        var node = new LeafIndex(leaf).Node;
        var path = TreeMath.DirectPath(node, 256).Prepend(node).SkipLast(1);
        return TreeMath.Copath(node, 256).SequenceEqual(path.Select(index => index.Sibling));
    });

    [Fact]
    public void ALeafHasNoChildren()
    {
        Assert.Throws<InvalidOperationException>(() => new NodeIndex(4).Left);
        Assert.Throws<InvalidOperationException>(() => new NodeIndex(4).Right);
        Assert.Throws<InvalidOperationException>(() => new NodeIndex(3).Leaf);
    }

    private static void Check(JsonElement vector)
    {
        int leaves = vector.GetProperty("n_leaves").GetInt32();
        int nodes = TreeMath.NodeCount(leaves);
        Assert.Equal(vector.GetProperty("n_nodes").GetInt32(), nodes);
        Assert.Equal(vector.GetProperty("root").GetUInt32(), TreeMath.Root(leaves).Value);
        for (int i = 0; i < nodes; i++)
        {
            var node = new NodeIndex((uint)i);
            bool isRoot = node == TreeMath.Root(leaves);
            Assert.Equal(Expected(vector, "left", i), node.IsLeaf ? null : node.Left.Value);
            Assert.Equal(Expected(vector, "right", i), node.IsLeaf ? null : node.Right.Value);
            Assert.Equal(Expected(vector, "parent", i), isRoot ? null : node.Parent.Value);
            Assert.Equal(Expected(vector, "sibling", i), isRoot ? null : node.Sibling.Value);
        }
    }

    private static uint? Expected(JsonElement vector, string name, int node)
    {
        var value = vector.GetProperty(name)[node];
        return value.ValueKind == JsonValueKind.Null ? null : value.GetUInt32();
    }
}
