using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Holdfast.Server.Tests.Seizure;

/// <summary>What PostgreSQL's write-ahead log tells of one transaction, by its own tool.</summary>
/// <param name="Committed">When it was committed.</param>
/// <param name="Tables">To which of our tables it wrote.</param>
internal sealed partial record LoggedTransaction(DateTime Committed, string Tables)
{
    /// <summary>Those that wrote to tables of one database, in order.</summary>
    public static async Task<IReadOnlyList<LoggedTransaction>> ReadAsync(
        string tool, string folder, (string From, string To) places, long database, IReadOnlyDictionary<long, string> fileNumbers)
    {
        using var process = Process.Start(new ProcessStartInfo(tool, ["-p", folder, "-s", places.From, "-e", places.To]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync();
        var (tables, found) = (new Dictionary<long, SortedSet<string>>(), new List<LoggedTransaction>());
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (Transaction().Match(line) is not { Success: true } match || long.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) is not (> 0 and var number)) continue;
            if (Commit().Match(line) is { Success: true } commit)
            {
                if (tables.Remove(number, out var written)) found.Add(new(DateTime.Parse(commit.Groups[1].Value, CultureInfo.InvariantCulture), string.Join(' ', written)));
                continue;
            }
            if (Locks().IsMatch(line)) continue;
            foreach (Match file in Files().Matches(line))
                if (long.Parse(file.Groups[1].Value, CultureInfo.InvariantCulture) == database && fileNumbers.TryGetValue(long.Parse(file.Groups[2].Value, CultureInfo.InvariantCulture), out string? table))
                    (tables.TryGetValue(number, out var set) ? set : tables[number] = new(StringComparer.Ordinal)).Add(Partition().Replace(table, ""));
        }
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, await errors);
        return found;
    }

    [GeneratedRegex(@"^rmgr: \S+ .*? tx: +([0-9]+),")]
    private static partial Regex Transaction();

    [GeneratedRegex("desc: COMMIT ([0-9-]+ [0-9:.]+)")]
    private static partial Regex Commit();

    /// <summary>That a row is locked, or a page tidied, changes nothing.</summary>
    [GeneratedRegex("desc: (LOCK|PRUNE|FPI_FOR_HINT)")]
    private static partial Regex Locks();

    [GeneratedRegex("rel [0-9]+/([0-9]+)/([0-9]+)")]
    private static partial Regex Files();

    [GeneratedRegex("_[0-9]+$")]
    private static partial Regex Partition();
}
