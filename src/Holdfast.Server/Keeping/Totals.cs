using System.Globalization;
using System.Text;
using System.Text.Json;
using Holdfast.Server.Storage;

namespace Holdfast.Server.Keeping;

/// <summary>What a server has, in numbers: how much, and when it goes. Never who, and nothing about any one conversation.</summary>
internal sealed class Totals
{
    private static readonly (string Name, string Sql)[] Counts =
    [
        ("accounts", "SELECT count(*) FROM accounts"),
        ("devices", "SELECT count(*) FROM devices"),
        ("key_packages", "SELECT count(*) FROM key_packages"),
        ("invites", "SELECT count(*) FROM invites"),
        ("inbox_items", "SELECT count(*) FROM inbox"),
        ("inbox_bytes", "SELECT coalesce(sum(length(bytes)), 0) FROM inbox"),
        ("conversations", "SELECT count(*) FROM logs"),
        ("entries", "SELECT count(*) FROM entries"),
        ("entry_bytes", "SELECT coalesce(sum(length(bytes)), 0) FROM entries"),
        ("files", "SELECT count(*) FROM blobs"),
        ("file_bytes", "SELECT coalesce(sum(size), 0) FROM blobs"),
        ("database_bytes", "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size"),
        ("free_bytes", "SELECT freelist_count * page_size FROM pragma_freelist_count, pragma_page_size"),
    ];

    private static readonly (string Name, int Days)[] Spans = [("day", 1), ("week", 7), ("month", 30)];

    private readonly List<(string Name, long Value)> _values;

    private Totals(List<(string Name, long Value)> values) => _values = values;

    /// <summary>Counts in a folder whose server may be running: of one moment.</summary>
    public static Totals Count(ServerOptions options, TimeProvider clock)
    {
        using var database = DataFolder.OpenExisting(options);
        database.BeginReading();
        try
        {
            var values = Counts.Select(count => (count.Name, database.Scalar(count.Sql))).ToList();
            foreach (var (name, days) in Spans)
            {
                long hour = clock.Hour() + (days * Storage.Calendar.HoursPerDay), day = clock.Day() + days;
                values.Add(($"entries_gone_within_a_{name}", Before(database, $"entries WHERE expires_hour <= {hour}")));
                values.Add(($"files_gone_within_a_{name}", Before(database, $"blobs WHERE expires_hour <= {hour}")));
                values.Add(($"inbox_items_gone_within_a_{name}", Before(database, $"inbox WHERE last_day < {day}")));
            }
            return new(values);
        }
        finally { database.Rollback(); }
    }

    /// <summary>One line for each.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (var (name, value) in _values) text.Append(CultureInfo.InvariantCulture, $"{name.Replace('_', ' '),-34}{value,16}\n");
        return text.ToString();
    }

    /// <summary>One object.</summary>
    public string ToJson() => JsonSerializer.Serialize(_values.ToDictionary(static each => each.Name, static each => each.Value));

    private static long Before(Database database, string rows) => database.Scalar($"SELECT count(*) FROM {rows}");
}
