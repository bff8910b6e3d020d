namespace Holdfast.Mls.Bench;

/// <summary>What each figure has to be.</summary>
internal static class Judgement
{
    private const double ForMessages = 1.25, ForCommits = 1.5;

    /// <summary>What a message may allocate beside what comes out, in bytes.</summary>
    private const int MostBesideOutput = 1024;

    /// <summary>Bars of our own where the peers grow badly, in verifications, at 10,000 members of suite 1 on two cores.</summary>
    private static readonly Dictionary<(string Op, string Mode), double> Far = new()
    {
        [("process_self_update", "full")] = 30,
        [("process_self_update", "bulk")] = 120,
        [("add_one_commit", "full")] = 30,
        [("add_members_commit", "bulk")] = 60_000,
        [("join_from_welcome", "bulk")] = 8_000,
        [("self_update_commit", "bulk")] = 10_000,
    };

    internal static Row Judge(Row row)
    {
        double? peer = Peers.Find(row), bar = Bar(row, peer);
        double value = row.Ms > 0 ? row.V : row.Bytes;
        var broken = new List<string>();
        if (bar is { } limit && value > limit) broken.Add("over the bar");
        if (row.Threads == 1 && RatioBar(row.Op) is { } most && row.Ratio > most) broken.Add($"ratio over {most}");
        if (row.Op is "protect_1k" or "unprotect_1k" && row.Allocated > row.Bytes + MostBesideOutput) broken.Add("allocates more than 1 KiB beside its output");
        return row with { PeerV = peer, Bar = bar, Verdict = broken.Count > 0 ? string.Join(", ", broken) : bar is null && row.Ratio is null ? null : "good" };
    }

    private static double? Bar(Row row, double? peer) => row switch
    {
        { Op: "memory_per_member", Suite: 1, N: 10_000 } => 1_200,
        { Op: "unprotect_batch_1k" } => 0.75,
        { Op: "write_to_storage" } => 5,
        { Op: "unprotect_1k", Suite: 1 } => 1.35,
        { Suite: 1, N: 10_000 } when Far.TryGetValue((row.Op, row.Mode), out double far) => far,
        { Suite: 1 } => peer,
        _ => null,
    };

    private static double? RatioBar(string op) => op switch
    {
        "protect_1k" or "unprotect_1k" => ForMessages,
        "add_members_commit" or "join_from_welcome" or "self_update_commit" or "process_self_update" or "add_one_commit" or "external_join" => ForCommits,
        _ => null,
    };
}
