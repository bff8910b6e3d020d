using Holdfast.Tests;
using Xunit;

namespace Holdfast.Mls.Tests.Trees;

/// <summary>Good trees of up to 64 members in which exactly one thing is broken: every one is refused.</summary>
public sealed class BrokenTreeTests
{
    /// <summary>Every size in a long run; otherwise every small one, and those about the powers of two.</summary>
    public static TheoryData<int> Members =>
        LongRun.IsWanted ? [.. Enumerable.Range(2, 63)] : [.. Enumerable.Range(2, 18), 31, 32, 33, 63, 64];

    /// <summary>ATTACKS B-2, B-4: another parent hash, and an empty one, at each node that has one.</summary>
    [Theory, MemberData(nameof(Members))]
    public void AnyOneBrokenParentHashIsRefused(int members)
    {
        var tree = Good(members, out var parts);
        int broken = 0;
        for (int place = 0; place < tree.Nodes.Length; place++)
        {
            object? good = tree.Nodes[place];
            foreach (object bad in Broken(good))
            {
                tree.Nodes[place] = bad;
                broken++;
                Assert.False(TreeVerdict.OfLibrary(tree), $"node {place} of {members} members");
            }
            tree.Nodes[place] = good;
        }
        Assert.True(TreeVerdict.OfLibrary(tree));
        Assert.True(broken > 0);
        parts.Dispose();
    }

    /// <summary>ATTACKS B-5: lists that are unsorted, doubled, too far, of blank leaves or of leaves elsewhere, at each parent.</summary>
    [Theory, MemberData(nameof(Members))]
    public void AnyOneBrokenUnmergedListIsRefused(int members)
    {
        var tree = Good(members, out var parts);
        for (int place = 1; place < tree.Nodes.Length; place += 2)
        {
            if (tree.Nodes[place] is not ParentNode good) continue;
            foreach (var list in BrokenLists(tree, place, good))
            {
                tree.Nodes[place] = good with { UnmergedLeaves = list };
                Assert.False(TreeVerdict.OfLibrary(tree), $"node {place} of {members} members: {string.Join(", ", list)}");
            }
            tree.Nodes[place] = good;
        }
        Assert.True(TreeVerdict.OfLibrary(tree));
        parts.Dispose();
    }

    private static ReferenceTree Good(int members, out TreeParts parts)
    {
        parts = new TreeParts(TreeMath.FullLeafCount(members), signs: false);
        var random = new SeededRandom(members);
        while (true)
        {
            var tree = TreePattern.Random(members, random, 3 * members).Build(parts);
            bool full = tree.Nodes.Skip(tree.LeafCount).Any(static node => node is not null);   // or it would be read as a smaller tree
            if (!full || !tree.Nodes.Any(static node => node is ParentNode)) continue;
            Assert.True(TreeVerdict.OfReference(tree));
            return tree;
        }
    }

    private static IEnumerable<object> Broken(object? good)
    {
        var (hash, put) = good switch
        {
            ParentNode parent => (parent.ParentHash, (Func<byte[], object>)(other => parent with { ParentHash = other })),
            LeafNode { Source: LeafNodeSource.Commit } leaf => (leaf.ParentHash, other => leaf with { ParentHash = other }),
            _ => (default, static _ => null!),
        };
        if (good is null or LeafNode { Source: not LeafNodeSource.Commit }) yield break;
        yield return put(TreeEdit.Flipped(hash));
        yield return put([.. hash.Span, 0]);
        if (!hash.IsEmpty) yield return put([]);
        if (!hash.IsEmpty) yield return put(hash[..^1].ToArray());
    }

    private static IEnumerable<LeafIndex[]> BrokenLists(ReferenceTree tree, int place, ParentNode good)
    {
        var list = good.UnmergedLeaves;
        var leaves = Enumerable.Range(0, tree.LeafCount).ToLookup(leaf => (
            IsBelow: ReferenceTree.IsWithin(2 * leaf, place),
            IsThere: tree.Nodes[2 * leaf] is not null,
            IsListed: list.Contains(At(leaf))));
        if (list.Count > 1) yield return [.. list.Reverse()];
        if (list.Count > 0) yield return [.. list, list[^1]];
        if (list.Count > 0) yield return [.. list.Skip(1)];
        foreach (int stranger in leaves[(false, true, false)].Take(2)) yield return Sorted(list, At(stranger));
        foreach (int blank in leaves[(true, false, false)].Take(2)) yield return Sorted(list, At(blank));
        foreach (int merged in leaves[(true, true, false)].Take(2)) yield return Sorted(list, At(merged));
        foreach (uint far in new[] { (uint)tree.LeafCount, 1u << 24, 1u << 31, uint.MaxValue })
            yield return Sorted(list, new LeafIndex(far));
    }

    private static LeafIndex At(int leaf) => new((uint)leaf);

    private static LeafIndex[] Sorted(IEnumerable<LeafIndex> list, LeafIndex more) => [.. list.Append(more).Order()];
}
