using Holdfast.Tests;
using Xunit;

namespace Holdfast.Mls.Tests.Trees;

/// <summary>
/// Small trees, all of them: the library agrees with RFC 9420 §4 and §7 written down word by word (ATTACKS B-2, B-3, B-5).
/// </summary>
public sealed class ExhaustiveTreeTests
{
    /// <summary>Every pattern of up to four leaves, lists that are no lists of unmerged leaves included.</summary>
    [Theory, InlineData(1), InlineData(2), InlineData(4)]
    public void EveryPatternOfAFewLeavesIsJudgedAsTheReferenceDoes(int leafCount)
    {
        using var parts = new TreeParts(leafCount, signs: false);
        var seen = new Seen();
        foreach (var pattern in TreePattern.All(leafCount)) seen.Compare(pattern, parts);
        Assert.True(seen.Accepted > 0 && (leafCount == 1 || seen.Refused > 0));
    }

    /// <summary>Of the patterns of eight leaves that are well formed, one in 499; all of them in a long run.</summary>
    [Fact]
    public void PatternsOfEightLeavesAreJudgedAsTheReferenceDoes()
    {
        using var parts = new TreeParts(8, signs: false);
        var seen = new Seen();
        int number = 0;
        foreach (var pattern in TreePattern.WellFormed(8, LongRun.IsWanted ? 1 : 499)) seen.Compare(pattern, parts, sides: number++);
        Assert.True(seen.Accepted > 0 && seen.Refused > 0);
        if (LongRun.IsWanted)
            Recording.Write("mls-trees", new { leaves = 8, patterns = number, accepted = seen.Accepted, refused = seen.Refused });
    }

    /// <summary>ATTACKS B-3, B-12: what every member may compute of a tree, against the same from scratch.</summary>
    [Fact]
    public void HashesResolutionsAndPathsAreTheReferences()
    {
        using var parts = new TreeParts(64, signs: false);
        var random = new SeededRandom(3);
        for (int members = 1; members <= 64; members++)
        {
            var reference = TreePattern.Random(members, random, 2 * members).Build(parts);
            if (reference.Nodes[^1] is null) continue;   // shorter when read again
            AssertSame(reference, RatchetTree.Decode(TreeGroup.Suite, reference.Encode()));
        }
    }

    internal static void AssertSame(ReferenceTree reference, RatchetTree tree)
    {
        Assert.Equal(reference.LeafCount, tree.LeafCount);
        Assert.Equal(reference.TreeHash(reference.Root, []), tree.TreeHash.ToArray());
        for (int place = 0; place < reference.Nodes.Length; place++)
            Assert.Equal(reference.Resolution(place), tree.Resolution(new NodeIndex((uint)place)).Select(static node => (int)node.Value));
        for (int leaf = 0; leaf < reference.LeafCount; leaf++) Assert.Equal(FilteredPath(reference, leaf), Path(tree, leaf));
    }

    private static List<int> FilteredPath(ReferenceTree tree, int leaf) =>
        [
            .. tree.DirectPath(2 * leaf).Where(
                node => tree.Resolution(2 * leaf < node ? ReferenceTree.Right(node) : ReferenceTree.Left(node)).Count > 0),
        ];

    private static List<int> Path(RatchetTree tree, int leaf) =>
        [.. tree.FilteredDirectPath(new LeafIndex((uint)leaf)).Select(static step => (int)step.Node.Value)];

    private sealed class Seen
    {
        internal int Accepted { get; private set; }

        internal int Refused { get; private set; }

        internal void Compare(TreePattern pattern, TreeParts parts, int sides = 0)
        {
            var tree = pattern.Build(parts, sides);
            if (!Array.Exists(tree.Nodes, static node => node is not null)) return;   // no tree at all
            int leaves = TreeMath.FullLeafCount((Array.FindLastIndex(tree.Nodes, static node => node is not null) / 2) + 1);
            if (leaves < tree.LeafCount) return;   // a smaller tree, which is seen as such
            bool expected = TreeVerdict.OfReference(tree);
            if (TreeVerdict.OfLibrary(tree) != expected)
                Assert.Fail(
                    $"leaves {string.Join(',', pattern.Leaves)}, unmerged {string.Join(',', pattern.Unmerged)}, " +
                    $"sides {sides}: should be {expected}");
            if (expected) Accepted++;
            else Refused++;
        }
    }
}
