using System.Globalization;
using System.Text;
using Microsoft.Data.Sqlite;

namespace Holdfast.Server.Tests.Seizure;

/// <summary>A table as it lies in a seized database.</summary>
/// <param name="Name">Its name.</param>
/// <param name="InOrderOfArrival">Whether the order of its rows says in which order they came.</param>
/// <param name="Columns">Its columns.</param>
/// <param name="Rows">Its rows: numbers, text, bytes or null.</param>
internal sealed record SeizedTable(string Name, bool InOrderOfArrival, IReadOnlyList<string> Columns, IReadOnlyList<object?[]> Rows)
{
    /// <summary>On PostgreSQL: the number of the transaction that wrote each row.</summary>
    public IReadOnlyList<long> Transactions { get; init; } = [];


    /// <summary>A column's values.</summary>
    public IEnumerable<object?> this[string column]
    {
        get
        {
            int at = Columns.ToList().IndexOf(column);
            return at >= 0 ? Rows.Select(row => row[at]) : throw new InvalidOperationException($"{Name} has no column {column}");
        }
    }

    /// <summary>Its rows with some columns each, as facts that can be compared.</summary>
    public IEnumerable<string> Facts(params string[] columns)
    {
        int[] at = [.. columns.Select(column => Columns.ToList().IndexOf(column.TrimEnd('#')))];
        return Rows.Select(row => string.Join(' ', at.Select((place, i) => columns[i].EndsWith('#') ? Size(row[place]) : Show(row[place]))));
    }

    /// <summary>A column's values in order of arrival: SQLite numbers the rows, PostgreSQL the transactions that wrote them.</summary>
    public IEnumerable<string> InOrder(string column)
    {
        var arrival = Transactions.Count > 0 ? Transactions : [.. this["arrival"].Select(static number => (long)number!)];
        return this[column].Zip(arrival).OrderBy(static row => row.Second).Select(static row => Show(row.First));
    }

    /// <summary>A value as text.</summary>
    public static string Show(object? value) => value switch
    {
        byte[] bytes => Convert.ToHexStringLower(bytes),
        null => "-",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    private static string Size(object? value) => string.Create(CultureInfo.InvariantCulture, $"{((byte[])value!).Length}");
}

/// <summary>
/// All that a database tells, read by a program that knows nothing of ours. Another kind of database needs another way of filling this in,
/// and is asked the same questions.
/// </summary>
/// <param name="Tables">Every table.</param>
/// <param name="Others">Kinds of things that are neither table nor index.</param>
internal sealed record SeizedDatabase(IReadOnlyList<SeizedTable> Tables, IReadOnlyList<string> Others)
{
    /// <summary>A table.</summary>
    public SeizedTable this[string table] => Tables.Single(each => each.Name == table);

    /// <summary>Reads a copy: its write-ahead log is taken into account, as whoever seized it would.</summary>
    public static SeizedDatabase ReadSqlite(string file)
    {
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Pooling = false }.ToString());
        connection.Open();
        var tables = Query(connection, "SELECT name, wr FROM pragma_table_list WHERE schema = 'main' AND type IN ('table', 'virtual') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'")
            .Select(row => Read(connection, (string)row[0]!, (long)row[1]! == 0));
        return new([.. tables], [.. Query(connection, "SELECT type || ' ' || name FROM sqlite_schema WHERE type NOT IN ('table', 'index')").Select(static row => (string)row[0]!)]);
    }

    private static SeizedTable Read(SqliteConnection connection, string table, bool ordered)
    {
        string[] columns = [.. Query(connection, "SELECT name FROM pragma_table_xinfo($name)", table).Select(static row => (string)row[0]!)];
#pragma warning disable CA2100 // the names are the database's own
        return new(table, ordered, columns, Query(connection, $"SELECT {string.Join(", ", columns.Select(static name => $"\"{name}\""))} FROM \"{table}\""));
#pragma warning restore CA2100
    }

    private static List<object?[]> Query(SqliteConnection connection, string sql, string? name = null)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // of constants and of the database's own names
        command.CommandText = sql;
#pragma warning restore CA2100
        if (name is not null) command.Parameters.AddWithValue("$name", name);
        using var reader = command.ExecuteReader();
        var rows = new List<object?[]>();
        while (reader.Read())
        {
            object[] values = new object[reader.FieldCount];
            reader.GetValues(values);
            rows.Add([.. values.Select(static value => value is DBNull ? null : value)]);
        }
        return rows;
    }

    /// <summary>A value as bytes that may turn up in another; nothing where it is a number, or so short that it is equal to others by chance.</summary>
    public static byte[] BytesOf(object? value)
    {
        const int LeastBytes = 8;
        byte[] bytes = value switch { byte[] raw => raw, string text => Encoding.UTF8.GetBytes(text), _ => [] };
        return bytes.Length >= LeastBytes ? bytes : [];
    }
}
