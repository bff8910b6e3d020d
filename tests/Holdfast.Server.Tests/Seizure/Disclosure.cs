namespace Holdfast.Server.Tests.Seizure;

/// <summary>The lists of docs/DISCLOSURE.md: rows of tables under a heading, their cells without quotes.</summary>
internal sealed class Disclosure
{
    private readonly List<(string Heading, string Header, string[] Cells)> _rows = [];

    private readonly bool _onPostgres;

    private Disclosure(IEnumerable<string> lines, bool onPostgres)
    {
        _onPostgres = onPostgres;
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
    public static Disclosure Read() => new(Lines, onPostgres: false);

    /// <summary>What it says where nodes share a PostgreSQL.</summary>
    public static Disclosure ReadOnPostgres() => new(Lines, onPostgres: true);

    private static IEnumerable<string> Lines => File.ReadLines(Path.Combine(AppContext.BaseDirectory, "DISCLOSURE.md"));

    /// <summary>Answers that there are.</summary>
    public IReadOnlyList<string> Answers => First("The answers", "answer");

    /// <summary>Columns, as <c>table.column</c>, with the answer each belongs to.</summary>
    public IReadOnlyDictionary<string, string> Columns
    {
        get
        {
            var columns = Rows("Tables and columns", "column").Where(cells => IsThere(cells[0])).ToDictionary(static cells => cells[0], static cells => cells[2]);
            if (!_onPostgres) return columns;
            foreach (string[] cells in Rows("On PostgreSQL", "column"))
            {
                columns.Remove(cells[1]);
                columns.Add(cells[0], cells[2]);
            }
            return columns;
        }
    }

    /// <summary>Whether the table of a column is there.</summary>
    private bool IsThere(string column) => !_onPostgres || !First("On PostgreSQL", "table that is not there").Contains(column.Split('.')[0]);

    /// <summary>Tables whose rows are in order of arrival.</summary>
    public IReadOnlyList<string> Ordered => First(_onPostgres ? "On PostgreSQL" : "Tables and columns", "table");

    /// <summary>Names of settings.</summary>
    public IReadOnlyList<string> Settings =>
        [.. First("Tables and columns", "setting"), .. _onPostgres ? First("On PostgreSQL", "setting") : []];

    /// <summary>On PostgreSQL: columns of which it keeps samples for its planner.</summary>
    public IReadOnlyList<string> Samples => First("On PostgreSQL", "sample of");

    /// <summary>On PostgreSQL: folders of its data in which something of people is.</summary>
    public IReadOnlyList<string> Folders => First("On PostgreSQL", "folder");

    /// <summary>On PostgreSQL: tables that one transaction of its write-ahead log writes to.</summary>
    public IReadOnlyList<string> Transactions => First("On PostgreSQL", "one transaction");

    /// <summary>What can be laid together.</summary>
    public IReadOnlyList<string> Joins
    {
        get
        {
            var joins = Rows("What can be put together", "one").Where(cells => IsThere(cells[0]) && IsThere(cells[1])).Select(Pair);
            if (_onPostgres) joins = joins.Except(["blobs.id = file names"]).Concat(Rows("On PostgreSQL", "one").Select(Pair));
            return [.. joins];

            static string Pair(string[] cells) => $"{cells[0]} = {cells[1]}";
        }
    }

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
