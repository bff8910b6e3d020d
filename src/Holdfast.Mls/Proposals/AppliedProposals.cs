namespace Holdfast.Mls;

/// <summary>The ratchet tree and the extensions while a commit's proposals are applied to them, with what changed.</summary>
internal sealed class AppliedProposals(RatchetTree before)
{
    private readonly List<(LeafIndex Index, KeyPackage KeyPackage)> _added = [];
    private readonly List<Member> _removed = [];
    private readonly List<UpdatedMember> _updated = [];
    private readonly RatchetTree _before = before;

    internal RatchetTree Tree { get; private set; } = before;

    /// <summary>The leaf that the commit's path starts from.</summary>
    internal LeafIndex Committer { get; set; }

    internal required IReadOnlyList<Extension> Extensions { get; init; }

    /// <summary>Who is new, with the key package each is let in by.</summary>
    internal IReadOnlyList<(LeafIndex Index, KeyPackage KeyPackage)> Added => _added;

    /// <summary>RFC 9420 §7.5: the leaves to which a path in the same commit is not encrypted.</summary>
    internal IReadOnlySet<LeafIndex> AddedLeaves => _added.Select(entry => entry.Index).ToHashSet();

    internal IReadOnlyList<Member> Removed => _removed;

    internal IReadOnlyList<UpdatedMember> Updated => _updated;

    /// <summary>RFC 9420 §12.1.2.</summary>
    internal void Update(LeafIndex index, LeafNode leaf)
    {
        _updated.Add(new UpdatedMember(index, _before.Leaf(index)!, leaf));
        Tree = Tree.Update(index, leaf);
    }

    /// <summary>RFC 9420 §12.1.3.</summary>
    internal void Remove(LeafIndex index)
    {
        _removed.Add(new Member(index, _before.Leaf(index)!));
        Tree = Tree.Remove(index);
    }

    /// <summary>RFC 9420 §12.1.1.</summary>
    internal void Add(KeyPackage keyPackage)
    {
        (Tree, var index) = Tree.Add(keyPackage.LeafNode);
        _added.Add((index, keyPackage));
    }

    /// <summary>RFC 9420 §12.4.2: room for who joins by an external commit.</summary>
    internal LeafIndex ReserveLeaf()
    {
        (Tree, var index) = Tree.ReserveLeaf();
        return index;
    }
}
