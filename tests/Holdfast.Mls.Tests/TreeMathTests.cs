using CsCheck;
using Xunit;

namespace Holdfast.Mls.Tests;

public sealed class TreeMathTests
{
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
}
