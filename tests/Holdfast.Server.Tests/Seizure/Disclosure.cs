namespace Holdfast.Server.Tests.Seizure;

/// <summary>The lists of docs/DISCLOSURE.md: rows of tables under a heading, their cells without quotes.</summary>
internal sealed class Disclosure
{
    private readonly List<(string Heading, string Header, string[] Cells)> _rows = [];

    private Disclosure(IEnumerable<string> lines)
    {
        string heading = "", header = "";
        foreach (string line in lines)
        {
            if (line.StartsWith("## ", StringComparison.Ordinal)) heading = line[3..];
            if (!line.StartsWith('|'))
            {
                header = "";
                continue;
            }
            string[] cells = [.. line.Trim('|').Split('|').Select(static cell => cell.Trim().Trim('`'))];
            if (header.Length == 0) header = cells[0];
            else if (!cells[0].StartsWith("---", StringComparison.Ordinal)) _rows.Add((heading, header, cells));
        }
    }

    /// <summary>What the project says.</summary>
    public static Disclosure Read() => new(File.ReadLines(Path.Combine(AppContext.BaseDirectory, "DISCLOSURE.md")));

    /// <summary>Answers that there are.</summary>
    public IReadOnlyList<string> Answers => First("The answers", "answer");

    /// <summary>Columns, as <c>table.column</c>, with the answer each belongs to.</summary>
    public IReadOnlyDictionary<string, string> Columns => Rows("Tables and columns", "column").ToDictionary(static cells => cells[0], static cells => cells[2]);

    /// <summary>Tables whose rows are in order of arrival.</summary>
    public IReadOnlyList<string> Ordered => First("Tables and columns", "table");

    /// <summary>Names of settings.</summary>
    public IReadOnlyList<string> Settings => First("Tables and columns", "setting");

    /// <summary>Columns on PostgreSQL: those of SQLite but for what others stand for there, and the order of arrival, which no column has.</summary>
    public IReadOnlyList<string> ColumnsOnPostgres =>
        [.. Columns.Keys.Except(Rows("On PostgreSQL", "column").Select(static cells => cells[1])).Except(["entries.arrival"]), .. First("On PostgreSQL", "column")];

    /// <summary>Names of settings that only PostgreSQL has.</summary>
    public IReadOnlyList<string> SettingsOnPostgres => First("On PostgreSQL", "setting");

    /// <summary>What can be laid together.</summary>
    public IReadOnlyList<string> Joins => [.. Rows("What can be put together", "one").Select(static cells => $"{cells[0]} = {cells[1]}")];

    /// <summary>Files in the data folder.</summary>
    public IReadOnlyList<string> Files => First("Files", "file");

    /// <summary>Diagnostics: number, level and text.</summary>
    public IReadOnlyList<string> Diagnostics => [.. Rows("Diagnostics", "number").Select(static cells => $"{cells[0]} {cells[1]} {cells[2]}")];

    /// <summary>Lines of the standard output.</summary>
    public IReadOnlyList<string> Output => First("Diagnostics", "line");

    private IReadOnlyList<string> First(string heading, string header) => [.. Rows(heading, header).Select(static cells => cells[0])];

    /// <summary>An empty list is a heading that was renamed, and no list.</summary>
    private List<string[]> Rows(string heading, string header)
    {
        var rows = _rows.Where(row => row.Heading == heading && row.Header == header).Select(static row => row.Cells).ToList();
        return rows.Count > 0 ? rows : throw new InvalidOperationException($"there is no list of {header} under {heading}");
    }
}
