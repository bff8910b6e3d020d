using System.Text.RegularExpressions;

namespace Holdfast.Scenarios.ForensicDrill;

/// <summary>
/// <c>files.golden.tsv</c>: every file that may come to be, when, what it is and why it may be there. In a path, <c>{person}</c> stands for
/// an account, <c>{number}</c> and <c>{hex}</c> for digits.
/// </summary>
internal sealed class FileList
{
    private readonly List<(Regex Path, string Pattern, string When)> _rows;

    private FileList(IEnumerable<string[]> rows) => _rows = [.. rows.Select(static row => (ToPattern(row[1]), row[1], row[0]))];

    /// <summary>The list that is kept beside this source.</summary>
    public static FileList Read()
    {
        string file = Path.Combine(Installation.Root, "tests", "scenarios", "forensic-drill", "files.golden.tsv");
        var rows = File.ReadLines(file).Skip(1).Select(static line => line.Split('\t')).ToList();
        foreach (string[] row in rows)
        {
            if (row.Length != 4 || row.Any(string.IsNullOrWhiteSpace) || row[0] is not ("always" or "open" or "may"))
                throw new ScenarioException($"This is no row of the list of files: {string.Join(' ', row)}");
        }
        return new FileList(rows);
    }

    /// <summary>What is there and not on the list, or on the list and not there.</summary>
    public IReadOnlyList<string> Faults(IReadOnlyList<string> files, bool isLocked)
    {
        var unknown = files.Where(file => !_rows.Any(row => IsAllowed(row.When, isLocked) && row.Path.IsMatch(file))).Select(static file => $"not on the list: {file}");
        var missing = _rows.Where(row => row.When == "always" || (row.When == "open" && !isLocked))
            .Where(row => !files.Any(row.Path.IsMatch)).Select(static row => $"not there: {row.Pattern}");
        return [.. unknown, .. missing];
    }

    private static bool IsAllowed(string when, bool isLocked) => when != "open" || !isLocked;

    private static Regex ToPattern(string path) => new(
        "^" + Regex.Escape(path).Replace("\\{person}", "(ada|ben|cleo)", StringComparison.Ordinal)
            .Replace("\\{number}", "[0-9]+", StringComparison.Ordinal).Replace("\\{hex}", "[0-9a-f]+", StringComparison.Ordinal) + "$",
        RegexOptions.CultureInvariant);
}
