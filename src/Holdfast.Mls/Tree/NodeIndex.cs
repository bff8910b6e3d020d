using System.Numerics;

namespace Holdfast.Mls;

/// <summary>RFC 9420 Appendix C: a node's place in the array that lists a tree from left to right; leaves are even.</summary>
public readonly record struct NodeIndex(uint Value)
{
    /// <summary>Height above the leaves: the count of low 1-bits.</summary>
    public int Level => BitOperations.TrailingZeroCount(~Value);

    /// <summary>Whether this is a leaf.</summary>
    public bool IsLeaf => (Value & 1) == 0;

    /// <summary>This node as a leaf.</summary>
    /// <exception cref="InvalidOperationException">It is a parent.</exception>
    public LeafIndex Leaf => IsLeaf ? new LeafIndex(Value / 2) : throw new InvalidOperationException("a parent is no leaf");

    /// <summary>The left child: <c>01x</c> becomes <c>00x</c>.</summary>
    public NodeIndex Left => new(Value ^ (1u << (RequireParent() - 1)));

    /// <summary>The right child: <c>01x</c> becomes <c>10x</c>.</summary>
    public NodeIndex Right => new(Value ^ (3u << (RequireParent() - 1)));

    /// <summary>The node above; the caller knows that this is not the root.</summary>
    public NodeIndex Parent => new((Value | (1u << Level)) & ~(2u << Level));

    /// <summary>The other child of the node above.</summary>
    public NodeIndex Sibling => new(Value ^ (2u << Level));

    /// <summary>Whether <paramref name="other"/> is this node or lies below it.</summary>
    public bool Covers(NodeIndex other) => other.Level <= Level && other.Value >> (Level + 1) == Value >> (Level + 1);

    /// <summary>The place; the generated text would ask a parent for its leaf.</summary>
    public override string ToString() => $"node {Value}";

    private int RequireParent() => IsLeaf ? throw new InvalidOperationException("a leaf has no children") : Level;
}
