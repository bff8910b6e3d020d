using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Holdfast.Scenarios.FirstConversation;

/// <summary>
/// What someone who has seized the server's database would try: to find, by ids, equal bytes, row ids, times and sizes, which
/// account or device belongs to which log. It knows no schema; tables with people in them are those in which their ids occur.
/// </summary>
internal sealed class PairingScan
{
    private readonly IReadOnlyList<TableRows> _people, _logs, _all;
    private readonly IReadOnlyList<byte[]> _personIds, _logIds;

    private PairingScan(IReadOnlyList<TableRows> tables, IReadOnlyList<byte[]> personIds, IReadOnlyList<byte[]> logIds)
    {
        (_all, _personIds, _logIds) = (tables, personIds, logIds);
        _people = [.. tables.Where(table => table.Rows.Any(row => row.HasAny(personIds)))];
        _logs = [.. tables.Where(table => table.Rows.Any(row => row.HasAny(logIds)))];
    }

    /// <summary>Every way to pair a person with a log that the database gives. None of the ids being in it is an error of the scan.</summary>
    /// <param name="database">A copy of the database; the scan opens it for writing, because a copy may need its log replayed.</param>
    /// <param name="personIds">Ids of devices and PINs of accounts.</param>
    /// <param name="logIds">Ids of logs.</param>
    public static IReadOnlyList<string> Find(string database, IReadOnlyList<byte[]> personIds, IReadOnlyList<byte[]> logIds)
    {
        var scan = new PairingScan(TableRows.ReadAll(database), personIds, logIds);
        if (scan._people.Count == 0 || scan._logs.Count == 0)
            throw new ScenarioException($"The scan is blind: {scan._people.Count} tables have a person in them and {scan._logs.Count} a log.");
        return [.. scan.SameRow(), .. scan.EqualBytes(), .. scan.RowIds(), .. scan.Times(), .. scan.Sizes()];
    }

    /// <summary>A row with a person and a log in it, as values or inside of one.</summary>
    private IEnumerable<string> SameRow() =>
        from table in _all
        from row in table.Rows
        where row.HasAny(_personIds) && row.HasAny(_logIds)
        select $"same row: {table.Name} row {row}";

    /// <summary>
    /// Rows that share a long value belong together, and so do those that share one with these. Whoever and whatever ends up in one
    /// heap is paired, through however many tables.
    /// </summary>
    private IEnumerable<string> EqualBytes()
    {
        var heaps = new Heaps();
        foreach (var row in _all.SelectMany(static table => table.Rows))
        {
            var keys = row.Keys().ToList();
            foreach (string key in keys.Skip(1)) heaps.Join(keys[0], key);
        }
        return from person in _personIds
               from log in _logIds
               where heaps.AreOne(Row.KeyOf(person), Row.KeyOf(log))
               select $"equal bytes: {Convert.ToHexStringLower(person)} and log {Convert.ToHexStringLower(log)} are joined by equal values";
    }

    /// <summary>Row ids that follow the order of arrival in a table of people and in one of logs can be laid side by side.</summary>
    private IEnumerable<string> RowIds() =>
        from person in _people
        from log in _logs
        where person != log
        let near = person.RowIds().SelectMany(static id => new[] { id - 1, id, id + 1 }).Intersect(log.RowIds()).Count()
        where near > 0
        select $"row ids: {near} row ids of {person.Name} are equal or next to row ids of {log.Name}";

    /// <summary>A number in a row of a person that is, as a time finer than an hour, near one in a row of a log.</summary>
    private IEnumerable<string> Times() =>
        from person in _people
        from log in _logs
        where person != log
        let pair = Nearest(person, log)
        where pair is not null
        select $"times: {person.Name} and {log.Name} {pair}";

    private static string? Nearest(TableRows person, TableRows log)
    {
        const double Near = 2;   // seconds
        double[] theirs = [.. log.Rows.SelectMany(static row => row.FineTimes()).Order()];
        foreach (double time in person.Rows.SelectMany(static row => row.FineTimes()))
        {
            int at = Array.BinarySearch(theirs, time - Near);
            if (at < 0) at = ~at;
            if (at < theirs.Length && theirs[at] <= time + Near)
                return string.Create(CultureInfo.InvariantCulture, $"have rows of {time:0.###} and {theirs[at]:0.###} s since 1970");
        }
        return null;
    }

    /// <summary>A size that one row of people has and one row of logs, and no third.</summary>
    private IEnumerable<string> Sizes()
    {
        var logs = Unique(_logs);
        return from size in Unique(_people)
               where logs.ContainsKey(size.Key)
               select $"sizes: only {size.Value} and {logs[size.Key]} have {size.Key} bytes";
    }

    private static Dictionary<int, string> Unique(IReadOnlyList<TableRows> tables) => tables
        .SelectMany(static table => table.Rows.SelectMany(row => row.Sizes().Select(size => (size, Row: $"{table.Name} row {row}"))))
        .GroupBy(static found => found.size).Where(static group => group.Count() == 1)
        .ToDictionary(static group => group.Key, static group => group.First().Row);

    /// <summary>Values that belong together (union and find).</summary>
    private sealed class Heaps
    {
        private readonly Dictionary<string, string> _above = [];

        public void Join(string one, string other)
        {
            string top = Top(one), otherTop = Top(other);
            if (top != otherTop) _above[top] = otherTop;
        }

        public bool AreOne(string one, string other) => Top(one) == Top(other);

        private string Top(string key)
        {
            while (_above.TryGetValue(key, out string? above)) key = above;
            return key;
        }
    }
}

/// <summary>A table as it lies in the database.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Rows">All its rows.</param>
internal sealed record TableRows(string Name, IReadOnlyList<Row> Rows)
{
    /// <summary>Every table of the database.</summary>
    public static IReadOnlyList<TableRows> ReadAll(string database)
    {
        using var connection = new SqliteConnection($"Data Source={database};Pooling=False");
        connection.Open();
        var names = new List<(string Name, bool HasRowIds)>();
        using (var list = connection.CreateCommand())
        {
            list.CommandText = "SELECT name, wr = 0 FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite_%'";
            using var reader = list.ExecuteReader();
            while (reader.Read()) names.Add((reader.GetString(0), reader.GetBoolean(1)));
        }
        return [.. names.Select(table => new TableRows(table.Name, ReadRows(connection, table.Name, table.HasRowIds)))];
    }

    /// <summary>The row ids, where the table has them.</summary>
    public IEnumerable<long> RowIds() => Rows.Where(static row => row.Id is not null).Select(static row => row.Id!.Value);

    private static List<Row> ReadRows(SqliteConnection connection, string table, bool hasRowIds)
    {
        using var select = connection.CreateCommand();
#pragma warning disable CA2100 // the name is the database's own
        select.CommandText = $"SELECT {(hasRowIds ? "rowid" : "NULL")}, * FROM \"{table}\"";
#pragma warning restore CA2100
        using var reader = select.ExecuteReader();
        var rows = new List<Row>();
        while (reader.Read())
        {
            object[] values = new object[reader.FieldCount];
            reader.GetValues(values);
            rows.Add(new(values[0] as long?, values[1..]));
        }
        return rows;
    }
}

/// <summary>A row.</summary>
/// <param name="Id">Its row id, where it has one.</param>
/// <param name="Values">Its values.</param>
internal sealed record Row(long? Id, IReadOnlyList<object> Values)
{
    private const int LeastKey = 8;   // shorter values are equal by chance

    /// <summary>Whether one of these ids is in it, also inside of a longer value.</summary>
    public bool HasAny(IReadOnlyList<byte[]> ids) => Values.Select(BytesOf).Any(value =>
        value.Length >= LeastKey && ids.Any(id => value.AsSpan().IndexOf(id) >= 0));

    /// <summary>Values by which it may be joined to other rows.</summary>
    public IEnumerable<string> Keys() => Values.Select(BytesOf).Where(static value => value.Length >= LeastKey).Select(KeyOf);

    /// <summary>A value as the key of a join.</summary>
    public static string KeyOf(byte[] value) => Convert.ToHexStringLower(value);

    /// <summary>The sizes of its longer values; ids are all of one size and tell nothing.</summary>
    public IEnumerable<int> Sizes()
    {
        const int LongestId = 64;
        return Values.OfType<byte[]>().Select(static value => value.Length).Where(static size => size > LongestId);
    }

    /// <summary>Its numbers that are times of this year or the next ones, in seconds since 1970, where their unit is finer than an hour.</summary>
    public IEnumerable<double> FineTimes()
    {
        const double Least = 1.7e9, Most = 2.1e9, Minute = 60, TicksBefore1970 = 621_355_968_000_000_000;
        foreach (double number in Values.Select(static value => value switch { long whole => whole, double real => real, _ => 0d }))
            foreach (double time in (double[])[number * Minute, number, number / 1e3, number / 1e6, number / 1e9, (number - TicksBefore1970) / 1e7])
                if (time is > Least and < Most) yield return time;
    }

    /// <inheritdoc/>
    public override string ToString() => $"({string.Join(", ", Values.Select(Show))})";

    private static byte[] BytesOf(object value) => value switch
    {
        byte[] bytes => bytes,
        string text => System.Text.Encoding.UTF8.GetBytes(text),
        _ => [],
    };

    private static string Show(object value) => value switch
    {
        byte[] { Length: <= 32 } bytes => Convert.ToHexStringLower(bytes),
        byte[] bytes => string.Create(CultureInfo.InvariantCulture, $"{bytes.Length} bytes"),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
    };
}
