using System.Globalization;

namespace Holdfast.Server.Tests.Seizure;

/// <summary>Who, with whom, when and how much, asked of a seized disk alone.</summary>
internal static class Interrogation
{
    /// <summary>Every answer there is, as sorted facts.</summary>
    public static SortedDictionary<string, string[]> Ask(Seized seized)
    {
        var database = seized.Database;
        var answers = new SortedDictionary<string, IEnumerable<string>>(StringComparer.Ordinal)
        {
            ["accounts"] = database["accounts"].Facts("pin"),
            ["devices"] = database["devices"].Facts("pin", "device"),
            ["public-keys"] = [.. database["accounts"].Facts("pin", "identity_key"), .. database["devices"].Facts("device", "login_key", "delivery_key")],
            ["logins"] = [.. database["devices"].Facts("device", "login_counter"), .. Connected(database["devices"])],
            ["inbox"] = database["inbox"].Facts("device", "last_day", "bytes#"),
            ["key-packages"] = database["key_packages"].Facts("device", "last_resort", "last_day", "bytes#"),
            ["conversations"] = database["logs"].Facts("log", "head", "last_commit"),
            ["changes"] = database["access_keys"].Facts("log", "position", "access_key", "posts_until_hour"),
            ["entries"] = [.. Entries(database["entries"]), Order(database["entries"])],
            ["files"] = [.. database["blobs"].Facts("id", "size", "delete_token_hash", "expires_hour"), .. seized.Blobs.Select(static blob => $"{blob.Name} has {Text(blob.Length)}")],
            ["invites"] = database["invites"].Facts("token_hash", "uses", "last_day"),
            ["server"] = [.. database["settings"].Facts("name"), $"key {Convert.ToHexStringLower(seized.CertificateKey())}"],
            ["joined"] = Joins(seized),
            ["times"] = seized.Blobs.Where(static blob => blob.Time is not null).Select(static blob => $"{blob.Name} of {blob.Time:O}"),
        };
        return new(answers.ToDictionary(static answer => answer.Key, static answer => answer.Value.Order(StringComparer.Ordinal).ToArray()), StringComparer.Ordinal);
    }

    /// <summary>Every pair of columns, and of columns and files, one of which has a value that is equal to one of the other's or lies within it.</summary>
    public static IReadOnlyList<string> Joins(Seized seized)
    {
        var places = new List<(string Name, List<byte[]> Values)>();
        foreach (var table in seized.Database.Tables)
            foreach (string column in table.Columns) places.Add(($"{table.Name}.{column}", [.. table[column].Select(SeizedDatabase.BytesOf).Where(static value => value.Length > 0)]));
        places.Add(("file names", [.. seized.Blobs.Where(static blob => blob.Time is not null).Select(static blob => Convert.FromHexString(blob.Name))]));
        places.Add(("certificate", [seized.CertificateKey()]));
        var joins =
            from one in places
            from other in places
            where StringComparer.Ordinal.Compare(one.Name, other.Name) < 0 && one.Values.Any(value => other.Values.Any(theirs => Meet(value, theirs)))
            select $"{one.Name} = {other.Name}";
        return [.. joins.Order(StringComparer.Ordinal)];
    }

    /// <summary>Which tables hang together, however long the way from one to the other.</summary>
    public static IReadOnlyList<string> Heaps(Seized seized)
    {
        var heaps = seized.Database.Tables.Select(static table => new SortedSet<string>(StringComparer.Ordinal) { table.Name }).ToList();
        foreach (string join in Joins(seized))
        {
            string[] tables = [.. join.Split(" = ").Select(static place => place.Split('.')[0])];
            var met = heaps.Where(heap => tables.Any(heap.Contains)).ToList();
            foreach (var heap in met.Skip(1))
            {
                met[0].UnionWith(heap);
                heaps.Remove(heap);
            }
        }
        return [.. heaps.Select(static heap => string.Join(' ', heap)).Order(StringComparer.Ordinal)];
    }

    /// <summary>Numbers that are a time of these years, finer than the hours that may be stored.</summary>
    public static IReadOnlyList<string> FineTimes(Seized seized)
    {
        const double Least = 1.7e9, Most = 2.1e9, Minute = 60, TicksBefore1970 = 621_355_968_000_000_000;
        var found = new List<string>();
        foreach (var table in seized.Database.Tables)
            foreach (string column in table.Columns)
                foreach (double number in table[column].Select(static value => value switch { long whole => whole, double real => real, _ => 0d }))
                    if (((double[])[number * Minute, number, number / 1e3, number / 1e6, number / 1e9, (number - TicksBefore1970) / 1e7]).Any(static time => time is > Least and < Most))
                        found.Add($"{table.Name}.{column} {Text(number)}");
        return found;
    }

    private static string Order(SeizedTable entries) => $"order {string.Join(' ', entries.InOrder("id"))}";

    /// <summary>The sealed bytes, or their length where they lie in another table.</summary>
    private static IEnumerable<string> Entries(SeizedTable entries) =>
        entries.Facts("log", "position", "id", "kind", "expires_hour", entries.Columns.Contains("size") ? "size" : "bytes#");

    /// <summary>Where nodes share a database: devices that are connected.</summary>
    private static IEnumerable<string> Connected(SeizedTable devices) =>
        devices.Columns.Contains("session_hash") ? devices.Facts("device", "session_hash").Where(static fact => !fact.EndsWith('-')) : [];

    private static bool Meet(byte[] one, byte[] other) => one.Length <= other.Length ? other.AsSpan().IndexOf(one) >= 0 : one.AsSpan().IndexOf(other) >= 0;

    private static string Text(IFormattable value) => value.ToString(null, CultureInfo.InvariantCulture);
}
