namespace Holdfast.Server.Bench.Checking;

/// <summary>What the checker has found.</summary>
/// <param name="Posts">How many were sent.</param>
/// <param name="Unknown">How many of them were never acknowledged: they may be there or not.</param>
/// <param name="Deliveries">How many entries clients were given.</param>
/// <param name="Lost">Posts that were acknowledged, or seen by somebody, and are missing where a client has all there is.</param>
/// <param name="Doubled">Posts at two positions, and positions pushed twice on one connection.</param>
/// <param name="Reordered">Posts that stand before an earlier one of their sender, and entries that came behind a later one.</param>
/// <param name="Forked">Positions at which two clients, or a client and a sender, know different entries.</param>
/// <param name="Strange">Entries that nobody sent, or not with these bytes.</param>
internal sealed record Verdict(long Posts, long Unknown, long Deliveries, long Lost, long Doubled, long Reordered, long Forked, long Strange)
{
    public bool IsClean => Lost == 0 && Doubled == 0 && Reordered == 0 && Forked == 0 && Strange == 0;

    public override string ToString() =>
        $"{Posts} posts, {Unknown} of them never acknowledged, {Deliveries} deliveries: " +
        $"lost {Lost}, doubled {Doubled}, reordered {Reordered}, forked {Forked}, strange {Strange}";
}
