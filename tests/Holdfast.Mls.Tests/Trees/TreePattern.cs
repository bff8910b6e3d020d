namespace Holdfast.Mls.Tests.Trees;

/// <summary>
/// Which nodes of a tree are blank, and which leaves are unmerged where. It is made into a tree whose parent hashes are right
/// wherever they can be.
/// </summary>
/// <param name="Leaves">For each leaf whether it is there.</param>
/// <param name="Unmerged">
/// For each parent from the left (node 1, 3, …) the unmerged leaves as a bit each, or null where it is blank.
/// </param>
internal sealed record TreePattern(bool[] Leaves, ulong?[] Unmerged)
{
    internal int LeafCount => Leaves.Length;

    /// <summary>
    /// Every pattern of that many leaves whose lists name only leaves that are there, are below and are named between; or of
    /// those the first, and each <paramref name="step"/>th after it.
    /// </summary>
    internal static IEnumerable<TreePattern> WellFormed(int leafCount, int step = 1)
    {
        int number = 0;
        for (int present = 0; present < 1 << (leafCount - 1); present++)
        {
            var places = Enumerable.Range(0, leafCount - 1).Where(place => (present >> place & 1) == 1)
                .Select(place => (2 * place) + 1).ToList();
            var above = Enumerable.Range(0, leafCount)
                .Select(leaf => places.Where(place => ReferenceTree.IsWithin(2 * leaf, place)).OrderBy(ReferenceTree.Level).ToList())
                .ToList();
            int[] choice = new int[leafCount];   // 0: blank; 1: there; 1 + k: unmerged at the k lowest parents above
            do
            {
                if (number++ % step == 0) yield return Choose(places, above, choice);
            }
            while (Next(choice, above));
        }
    }

    /// <summary>Every pattern of that many leaves with every list of leaves of the tree, most of them malformed.</summary>
    internal static IEnumerable<TreePattern> All(int leafCount)
    {
        int lists = 1 + (1 << leafCount);
        long count = 1L << leafCount;
        for (int place = 1; place < leafCount; place++) count *= lists;
        for (long number = 0; number < count; number++)
        {
            long rest = number >> leafCount;
            var unmerged = new ulong?[leafCount - 1];
            for (int place = 0; place < unmerged.Length; place++, rest /= lists)
                unmerged[place] = rest % lists == 0 ? null : (ulong)((rest % lists) - 1);
            yield return new TreePattern(Bits(number, leafCount), unmerged);
        }
    }

    /// <summary>What a random history of adds, removes, updates and commits leaves of a tree that began with that many members.</summary>
    internal static TreePattern Random(int members, SeededRandom random, int steps)
    {
        int leafCount = TreeMath.FullLeafCount(members);
        var pattern = new TreePattern([.. Enumerable.Range(0, leafCount).Select(leaf => leaf < members)], new ulong?[leafCount - 1]);
        for (int step = 0; step < steps; step++) pattern.Change(random.Below(4), random);
        return pattern;
    }

    /// <summary>
    /// The tree, with right parent hashes as far as that can be; <paramref name="sides"/> decides where both sides could be.
    /// </summary>
    internal ReferenceTree Build(TreeParts parts, int sides = 0)
    {
        var tree = new ReferenceTree(new object?[(2 * LeafCount) - 1]);
        for (int leaf = 0; leaf < LeafCount; leaf++) tree.Nodes[2 * leaf] = Leaves[leaf] ? parts.Leaf(leaf) : null;
        for (int place = 0; place < Unmerged.Length; place++)
        {
            if (Unmerged[place] is not { } list) continue;
            var leaves = Enumerable.Range(0, LeafCount).Where(leaf => (list >> leaf & 1) == 1).Select(leaf => new LeafIndex((uint)leaf));
            tree.Nodes[(2 * place) + 1] = new ParentNode(parts.NodeKey((2 * place) + 1), default, [.. leaves]);
        }
        Settle(tree, parts, tree.Root, sides, null);
        return tree;
    }

    /// <summary>Gives a subtree its parent hashes: each parent's sibling side first, for its hash is in the parent's.</summary>
    private static void Settle(ReferenceTree tree, TreeParts parts, int place, int sides, byte[]? own)
    {
        if (place % 2 == 0)
        {
            if (own is not null) tree.Nodes[place] = parts.Committed((LeafNode)tree.Nodes[place]!, place / 2, own);
            return;
        }
        int left = ReferenceTree.Left(place), right = ReferenceTree.Right(place);
        if (tree.Nodes[place] is not ParentNode parent)
        {
            Settle(tree, parts, left, sides, null);
            Settle(tree, parts, right, sides, null);
            return;
        }
        if (own is null && place != tree.Root) own = parts.StaleHash;
        tree.Nodes[place] = parent = parent with { ParentHash = own ?? [] };
        var candidates = tree.Candidates(place);
        if (candidates.Count == 0)
        {
            Settle(tree, parts, left, sides, null);
            Settle(tree, parts, right, sides, null);
            return;
        }
        var (descendant, child, sibling) = candidates[(sides >> (place / 2) & 1) % candidates.Count];
        Settle(tree, parts, sibling, sides, null);
        byte[] hash = tree.ParentHash(parent, sibling);
        Settle(tree, parts, descendant, sides, hash);
        SettleBeside(tree, parts, child, descendant, sides);
    }

    /// <summary>
    /// What lies below <paramref name="child"/> and not below <paramref name="descendant"/> is blank or an unmerged leaf.
    /// </summary>
    private static void SettleBeside(ReferenceTree tree, TreeParts parts, int child, int descendant, int sides)
    {
        if (child == descendant || child % 2 == 0) return;
        foreach (int next in new[] { ReferenceTree.Left(child), ReferenceTree.Right(child) })
        {
            if (ReferenceTree.IsWithin(descendant, next)) SettleBeside(tree, parts, next, descendant, sides);
            else Settle(tree, parts, next, sides, null);
        }
    }

    private static TreePattern Choose(List<int> places, List<List<int>> above, int[] choice)
    {
        var unmerged = new ulong?[choice.Length - 1];
        foreach (int place in places) unmerged[place / 2] = 0;
        for (int leaf = 0; leaf < choice.Length; leaf++)
        {
            foreach (int place in above[leaf].Take(choice[leaf] - 1)) unmerged[place / 2] |= 1UL << leaf;
        }
        return new TreePattern([.. choice.Select(static chosen => chosen > 0)], unmerged);
    }

    private static bool Next(int[] choice, List<List<int>> above)
    {
        int leaf = 0;
        while (leaf < choice.Length && choice[leaf] == above[leaf].Count + 1) choice[leaf++] = 0;
        if (leaf == choice.Length) return false;
        choice[leaf]++;
        return true;
    }

    private void Change(int act, SeededRandom random)
    {
        var there = Enumerable.Range(0, LeafCount).Where(leaf => Leaves[leaf]).ToList();
        int who = there[random.Below(there.Count)];
        int blank = Array.IndexOf(Leaves, false);
        if (act == 0 && blank >= 0) Add(blank);
        else if (act == 1 && there.Count > 2) Blank(who, stays: false);
        else if (act == 2) Blank(who, stays: true);
        else Commit(who);
    }

    private void Add(int leaf)
    {
        Leaves[leaf] = true;
        foreach (int place in Above(leaf)) Unmerged[place / 2] |= 1UL << leaf;   // a blank parent stays null
    }

    private void Blank(int leaf, bool stays)
    {
        Leaves[leaf] = stays;
        foreach (int place in Above(leaf)) Unmerged[place / 2] = null;
    }

    /// <summary>RFC 9420 §7.5: the filtered direct path is set, the rest of the direct path is blank.</summary>
    private void Commit(int leaf)
    {
        foreach (int place in Above(leaf))
        {
            int copath = 2 * leaf < place ? ReferenceTree.Right(place) : ReferenceTree.Left(place);
            Unmerged[place / 2] = Enumerable.Range(0, LeafCount).Any(other => Leaves[other] && ReferenceTree.IsWithin(2 * other, copath))
                ? 0
                : null;
        }
    }

    private List<int> Above(int leaf) =>
        [
            .. Enumerable.Range(0, LeafCount - 1).Select(static place => (2 * place) + 1)
                .Where(place => ReferenceTree.IsWithin(2 * leaf, place)),
        ];

    private static bool[] Bits(long number, int count) => [.. Enumerable.Range(0, count).Select(bit => (number >> bit & 1) == 1)];
}
