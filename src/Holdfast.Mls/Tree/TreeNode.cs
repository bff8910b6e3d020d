using Holdfast.Codec;
using Holdfast.Cryptography;

namespace Holdfast.Mls;

/// <summary>
/// One node with everything below it. It never changes, so trees share what is the same in them and a tree hash is computed
/// once (RFC 9420 §7.8). Changing a leaf makes new nodes on the path to it and no others. Blank nodes with nothing below are made
/// when somebody goes there: who sends a tree can say that there are many in a byte each.
/// </summary>
internal sealed class TreeNode
{
    /// <summary>So many blank leaves are hashed at once: that is what going there costs later.</summary>
    private const int HashedAtOnce = 256;

    private TreeNode? _left, _right;
    private byte[]? _hash;

    internal TreeNode(NodeIndex index, LeafNode? leaf)
    {
        (Index, Leaf) = (index, leaf);
        MemberCount = ResolutionCount = leaf is null ? 0 : 1;
        IsEmpty = leaf is null;
    }

    /// <summary>A parent; a child is null where it is blank and has nothing below.</summary>
    internal TreeNode(NodeIndex index, ParentNode? parent, TreeNode? left, TreeNode? right)
    {
        (Index, Parent, _left, _right) = (index, parent, left, right);
        MemberCount = (left?.MemberCount ?? 0) + (right?.MemberCount ?? 0);
        IsEmpty = parent is null && left is null or { IsEmpty: true } && right is null or { IsEmpty: true };
        ResolutionCount = parent is null ? (left?.ResolutionCount ?? 0) + (right?.ResolutionCount ?? 0) : 1 + parent.UnmergedLeaves.Count;
    }

    internal NodeIndex Index { get; }

    internal LeafNode? Leaf { get; }

    internal ParentNode? Parent { get; }

    internal TreeNode Left => _left ??= Blank(Index.Left);

    internal TreeNode Right => _right ??= Blank(Index.Right);

    /// <summary>The leaf or the parent, or null where the node is blank.</summary>
    internal object? Holder => (object?)Leaf ?? Parent;

    internal bool IsBlank => Leaf is null && Parent is null;

    /// <summary>Whether this node and all below are blank: then its resolution is empty.</summary>
    internal bool IsEmpty { get; }

    /// <summary>RFC 9420 §4.1.1: how many nodes the resolution has.</summary>
    internal int ResolutionCount { get; }

    /// <summary>How many leaves below are not blank.</summary>
    internal int MemberCount { get; }

    /// <summary>How many leaves there are below, blank or not.</summary>
    internal int LeafCount => 1 << Index.Level;

    internal ReadOnlyMemory<byte> EncryptionKey => Leaf?.EncryptionKey ?? Parent?.EncryptionKey ?? default;

    /// <summary>A blank node with nothing below.</summary>
    internal static TreeNode Blank(NodeIndex index) => index.IsLeaf ? new TreeNode(index, null) : new TreeNode(index, null, null, null);

    /// <summary>The child on the way to a node below.</summary>
    internal TreeNode Towards(NodeIndex target) => target.Value < Index.Value ? Left : Right;

    internal TreeNode Find(NodeIndex target)
    {
        var node = this;
        while (node.Index != target) node = node.Towards(target);
        return node;
    }

    /// <summary>This node and those below that are not blank, and blank ones above them; each before its children.</summary>
    internal IEnumerable<TreeNode> All()
    {
        var open = new Stack<TreeNode>([this]);
        while (open.TryPop(out var node))
        {
            yield return node;
            if (node._right is { IsEmpty: false } right) open.Push(right);
            if (node._left is { IsEmpty: false } left) open.Push(left);
        }
    }

    /// <summary>The same with another leaf, and on the way to it the parents that <paramref name="onPath"/> says.</summary>
    internal TreeNode Replace(NodeIndex target, LeafNode? leaf, Func<TreeNode, ParentNode?> onPath)
    {
        if (Index == target) return new TreeNode(Index, leaf);
        return target.Value < Index.Value
            ? new TreeNode(Index, onPath(this), Left.Replace(target, leaf, onPath), Right)
            : new TreeNode(Index, onPath(this), Left, Right.Replace(target, leaf, onPath));
    }

    /// <summary>RFC 9420 §12.1.1: the leftmost blank leaf, where there is one.</summary>
    internal LeafIndex? FirstBlankLeaf()
    {
        var node = this;
        if (node.MemberCount == node.LeafCount) return null;
        while (!node.Index.IsLeaf) node = node.Left.MemberCount < node.Left.LeafCount ? node.Left : node.Right;
        return node.Index.Leaf;
    }

    /// <summary>RFC 9420 §4.1.1: the nearest non-blank nodes that cover every non-blank node here.</summary>
    internal void AddResolution(List<NodeIndex> resolution)
    {
        if (!IsBlank)
        {
            resolution.Add(Index);
            if (Parent is not null) resolution.AddRange(Parent.UnmergedLeaves.Select(leaf => leaf.Node));
        }
        else if (!IsEmpty)
        {
            Left.AddResolution(resolution);
            Right.AddResolution(resolution);
        }
    }

    /// <summary>RFC 9420 §7.8: the tree hash.</summary>
    internal byte[] Hash(Hkdf hkdf) => _hash ??= IsEmpty && LeafCount <= HashedAtOnce ? BlankHash.Of(hkdf, Index)
        : Index.IsLeaf ? HashLeaf(hkdf, Leaf)
        : HashParent(hkdf, Parent, Left.Hash(hkdf), Right.Hash(hkdf));

    /// <summary>RFC 9420 §7.9: the tree hash as it was before those leaves, strictly increasing and all below, were added.</summary>
    internal byte[] HashWithout(Hkdf hkdf, ReadOnlySpan<LeafIndex> removed)
    {
        if (removed.IsEmpty) return Hash(hkdf);
        if (Index.IsLeaf) return HashLeaf(hkdf, null);
        int middle = removed.BinarySearch(new LeafIndex((Index.Value + 1) / 2));   // the first leaf on the right
        if (middle < 0) middle = ~middle;
        return HashParent(
            hkdf,
            Parent?.WithoutUnmerged(removed),
            Left.HashWithout(hkdf, removed[..middle]),
            Right.HashWithout(hkdf, removed[middle..]));
    }

    /// <summary>RFC 9420 §7.8 TreeHashInput with LeafNodeHashInput.</summary>
    private byte[] HashLeaf(Hkdf hkdf, LeafNode? leaf)
    {
        using var writer = new TlsWriter(512);
        writer.WriteUInt8((byte)NodeType.Leaf);
        writer.Write(Index.Leaf);
        writer.WriteOptional(leaf);
        return hkdf.Hash(writer.Written);
    }

    /// <summary>RFC 9420 §7.8 TreeHashInput with ParentNodeHashInput.</summary>
    private static byte[] HashParent(Hkdf hkdf, ParentNode? parent, byte[] left, byte[] right)
    {
        using var writer = new TlsWriter();
        writer.WriteUInt8((byte)NodeType.Parent);
        writer.WriteOptional(parent);
        writer.WriteOpaque(left);
        writer.WriteOpaque(right);
        return hkdf.Hash(writer.Written);
    }
}

/// <summary>RFC 9420 §7.8.</summary>
internal enum NodeType : byte
{
    Leaf = 1,
    Parent = 2,
}
