using Holdfast.Cryptography;

namespace Holdfast.Mls;

/// <summary>
/// RFC 9420 §4, §7: the public keys of a group's members and subgroups. It never changes: every operation returns another
/// tree, which shares with this one all that is the same in both.
/// </summary>
public sealed partial class RatchetTree
{
    private readonly TreeNode _root;

    private Indexed? _indexed;

    private RatchetTree(CipherSuite suite, TreeNode root, Indexed? indexed = null) => (Suite, _root, _indexed) = (suite, root, indexed);

    /// <summary>The group's cipher suite.</summary>
    public CipherSuite Suite { get; }

    /// <summary>How many leaves there are, blank or not: a power of two.</summary>
    public int LeafCount => _root.LeafCount;

    /// <summary>How many leaves are not blank.</summary>
    public int MemberCount => _root.MemberCount;

    /// <summary>RFC 9420 §7.8: the tree hash of the root.</summary>
    public ReadOnlyMemory<byte> TreeHash => _root.Hash(Suite.Hkdf);

    /// <summary>The non-blank leaves, from left to right.</summary>
    public IEnumerable<(LeafIndex Index, LeafNode Leaf)> Leaves =>
        from node in _root.All() where node.Leaf is not null select (node.Index.Leaf, node.Leaf);

    internal TreeNode Root => _root;

    /// <summary>The keys and kinds of members, made when first asked for from those of the tree this one came from.</summary>
    internal TreeIndex Index
    {
        get
        {
            var known = _indexed;
            if (known is null || !ReferenceEquals(known.Root, _root))
                _indexed = known = new Indexed(_root, TreeIndex.After(known?.Root, known?.Index, _root));
            return known.Index;
        }
    }

    /// <summary>RFC 9420 §11: the tree of a group with one member.</summary>
    public static RatchetTree Create(CipherSuite suite, LeafNode creator) =>
        new(suite, new TreeNode(new NodeIndex(0), creator));

    /// <summary>The leaf at that place, or null where it is blank or outside the tree.</summary>
    public LeafNode? Leaf(LeafIndex index) => Contains(index) ? _root.Find(index.Node).Leaf : null;

    /// <summary>The parent at that place, or null where it is blank, a leaf or outside the tree.</summary>
    public ParentNode? Parent(NodeIndex index) => Contains(index) ? _root.Find(index).Parent : null;

    /// <summary>The public key at that place, empty where the node is blank or outside the tree.</summary>
    public ReadOnlyMemory<byte> EncryptionKey(NodeIndex index) => Contains(index) ? _root.Find(index).EncryptionKey : default;

    /// <summary>RFC 9420 §4.1.1: the nearest non-blank nodes that cover every non-blank node at and below that place.</summary>
    public IReadOnlyList<NodeIndex> Resolution(NodeIndex index)
    {
        var resolution = new List<NodeIndex>();
        if (Contains(index)) _root.Find(index).AddResolution(resolution);
        return resolution;
    }

    /// <summary>
    /// RFC 9420 §4.1.2: the leaf's direct path without the nodes whose copath child resolves to nothing; from the leaf upwards.
    /// </summary>
    public IReadOnlyList<PathStep> FilteredDirectPath(LeafIndex leaf)
    {
        RequireInside(leaf);
        var steps = new List<PathStep>();
        for (var node = _root; !node.Index.IsLeaf; node = node.Towards(leaf.Node))
        {
            var copath = leaf.Node.Value < node.Index.Value ? node.Right : node.Left;
            if (!copath.IsEmpty) steps.Add(new PathStep(node.Index, copath.Index));
        }
        steps.Reverse();
        return steps;
    }

    /// <summary>RFC 9420 §12.1.1: the tree with a new member at the leftmost blank leaf, and where that is.</summary>
    /// <exception cref="MlsException">The tree is as large as we allow.</exception>
    public (RatchetTree Tree, LeafIndex Index) Add(LeafNode leaf)
    {
        var (tree, index) = ReserveLeaf();
        return (new RatchetTree(Suite, tree._root.Replace(index.Node, leaf, node => node.Parent?.WithUnmerged(index)), _indexed), index);
    }

    /// <summary>
    /// RFC 9420 §12.4.2: the tree with room for who joins by an external commit, and the blank leaf that is to be theirs.
    /// </summary>
    /// <exception cref="MlsException">The tree is as large as we allow.</exception>
    public (RatchetTree Tree, LeafIndex Index) ReserveLeaf()
    {
        var root = _root.FirstBlankLeaf() is null ? Extend() : _root;
        return (new RatchetTree(Suite, root, _indexed), root.FirstBlankLeaf()!.Value);
    }

    /// <summary>RFC 9420 §12.1.2: the tree with a member's leaf replaced and the nodes above it blank.</summary>
    public RatchetTree Update(LeafIndex index, LeafNode leaf)
    {
        RequireInside(index);
        return new RatchetTree(Suite, _root.Replace(index.Node, leaf, static _ => null), _indexed);
    }

    /// <summary>RFC 9420 §12.1.3: the tree with a leaf and the nodes above it blank, and then as small as it can be.</summary>
    public RatchetTree Remove(LeafIndex index)
    {
        RequireInside(index);
        var root = _root.Replace(index.Node, null, static _ => null);
        while (!root.Index.IsLeaf && root.Right.MemberCount == 0) root = root.Left;
        return new RatchetTree(Suite, root, _indexed);
    }

    /// <summary>RFC 9420 §7.7: a blank root, this tree at its left and as many blank leaves at its right.</summary>
    private TreeNode Extend()
    {
        int leaves = LeafCount * 2;
        MlsException.Require(leaves <= MlsLimits.MaxLeaves, MlsError.TooLarge, "a tree with more leaves than we allow");
        var root = TreeMath.Root(leaves);
        return new TreeNode(root, null, _root, TreeNode.Blank(root.Right));
    }

    /// <summary>The tree with so many leaves and otherwise the same ones: of its parents nothing is to be relied on.</summary>
    internal RatchetTree Resize(int leafCount)
    {
        var tree = this;
        while (tree.LeafCount > leafCount) tree = new RatchetTree(Suite, tree._root.Left);
        while (tree.LeafCount < leafCount) tree = new RatchetTree(Suite, tree.Extend());
        return tree;
    }

    /// <summary>The tree with another leaf there, or none: of its parents nothing is to be relied on.</summary>
    internal RatchetTree Put(LeafIndex index, LeafNode? leaf) => new(Suite, _root.Replace(index.Node, leaf, static _ => null));

    private bool Contains(LeafIndex index) => index.Value < LeafCount;

    private bool Contains(NodeIndex index) => index.Value < TreeMath.NodeCount(LeafCount);

    private void RequireInside(LeafIndex index)
    {
        if (!Contains(index)) throw new ArgumentOutOfRangeException(nameof(index), "the tree has no such leaf");
    }

    /// <summary>An index and the tree that it is of: this one, or one that this one came from.</summary>
    private sealed record Indexed(TreeNode Root, TreeIndex Index);
}

/// <summary>RFC 9420 §4.1.2: one node of a filtered direct path.</summary>
/// <param name="Node">The node itself.</param>
/// <param name="Copath">Its child that is not on the path.</param>
public readonly record struct PathStep(NodeIndex Node, NodeIndex Copath);
