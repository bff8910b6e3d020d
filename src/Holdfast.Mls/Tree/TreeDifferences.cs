namespace Holdfast.Mls;

/// <summary>
/// Where two trees differ. Trees that came from one another share what is the same, so this costs what changed and the way down
/// to it, whatever their size.
/// </summary>
internal static class TreeDifferences
{
    /// <summary>What is done with a node that differs; either side is null where that tree is too small to have it.</summary>
    internal delegate void Difference(NodeIndex index, TreeNode? older, TreeNode? newer);

    /// <summary>Goes through the nodes that are not the same in both.</summary>
    /// <param name="older">The root of one tree, or null for none.</param>
    /// <param name="newer">The root of another, which may be larger or smaller.</param>
    /// <param name="visit">Is called for each node whose own content is another object, or blank on one side.</param>
    internal static void Between(TreeNode? older, TreeNode? newer, Difference visit)
    {
        if (ReferenceEquals(older, newer) || (older?.IsEmpty ?? true) && (newer?.IsEmpty ?? true)) return;
        var index = older is null || (newer is not null && newer.Index.Level > older.Index.Level) ? newer!.Index : older.Index;
        TreeNode? before = At(older, index), after = At(newer, index);
        if (!ReferenceEquals(Content(before), Content(after))) visit(index, before, after);
        if (index.IsLeaf) return;
        Between(before is null ? older : before.Left, after is null ? newer : after.Left, visit);   // a smaller tree is at the left
        Between(before?.Right, after?.Right, visit);
    }

    private static TreeNode? At(TreeNode? root, NodeIndex index) => root?.Index == index ? root : null;

    private static object? Content(TreeNode? node) => (object?)node?.Leaf ?? node?.Parent;
}
