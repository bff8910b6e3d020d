using System.Numerics;

namespace Holdfast.Mls;

/// <summary>RFC 9420 §4.1, Appendix C: how the nodes of a full tree lie to each other. A tree has 2^d leaves.</summary>
public static class TreeMath
{
    /// <summary>The number of nodes of a tree with that many leaves.</summary>
    public static int NodeCount(int leafCount) => (2 * leafCount) - 1;

    /// <summary>The root of a tree with that many leaves.</summary>
    public static NodeIndex Root(int leafCount) => new((uint)leafCount - 1);

    /// <summary>The fewest leaves a full tree may have to hold that many.</summary>
    public static int FullLeafCount(int leaves) => (int)BitOperations.RoundUpToPowerOf2((uint)leaves);

    /// <summary>RFC 9420 §4.1.2: from the node's parent to the root.</summary>
    public static IEnumerable<NodeIndex> DirectPath(NodeIndex node, int leafCount)
    {
        var root = Root(leafCount);
        while (node != root)
        {
            node = node.Parent;
            yield return node;
        }
    }

    /// <summary>RFC 9420 §4.1.2: the sibling of the node and of each node on its direct path but the root.</summary>
    public static IEnumerable<NodeIndex> Copath(NodeIndex node, int leafCount)
    {
        var root = Root(leafCount);
        for (; node != root; node = node.Parent) yield return node.Sibling;
    }

    /// <summary>The lowest node that has both below it, or is one of them.</summary>
    public static NodeIndex CommonAncestor(NodeIndex first, NodeIndex second)
    {
        while (!first.Covers(second)) first = first.Parent;
        return first;
    }
}
