using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Npgsql;

namespace Holdfast.Server.Tests.Seizure;

/// <summary>
/// A PostgreSQL in the hands of somebody else who may do everything with it: its tables with what each row keeps besides its columns, the files of
/// its folder, its log, what it shows of who is connected, and its write-ahead log.
/// </summary>
internal sealed class SeizedPostgres : Seized
{
    private readonly NpgsqlConnection _connection;
    private readonly string _folder, _programs, _own, _slot;
    private readonly long _number;
    private bool _isWatched;

    private SeizedPostgres(NpgsqlConnection connection)
    {
        _connection = connection;
        (_folder, _programs) = (Text("SHOW data_directory"), Text("SELECT setting FROM pg_config WHERE name = 'BINDIR'"));
        _number = long.Parse(Text("SELECT oid::text FROM pg_database WHERE datname = current_database()"), CultureInfo.InvariantCulture);
        _slot = string.Create(CultureInfo.InvariantCulture, $"drill_{_number}");
        _own = Path.Combine(_folder, "base", _number.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>The files as they are on disk, with nothing left in memory.</summary>
    public static SeizedPostgres Take(string place)
    {
        var address = new Uri(place);
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder
        {
            Host = address.Host, Port = address.Port, Database = address.AbsolutePath.Trim('/'), Username = address.UserInfo, Pooling = false,
        }.ToString());
        connection.Open();
        var seized = new SeizedPostgres(connection);
        seized.Look();
        return seized;
    }

    /// <summary>Looks again.</summary>
    public void Look()
    {
        Run("CHECKPOINT");
        string[] names = Texts("SELECT tablename::text FROM pg_tables WHERE schemaname = current_schema() AND tablename !~ '^contents_[0-9]+$' ORDER BY 1");
        var tables = names.Select(Read).ToList();
        var devices = tables.Single(static table => table.Name == "devices");
        Database = new([.. tables.Select(table => table with { InOrderOfArrival = TellsOrder(table, devices.Transactions) })], Others());
    }

    /// <inheritdoc/>
    public override IReadOnlyList<SeizedBlob> Blobs =>
    [
        .. Database["blob_parts"]["id"].Zip(Database["blob_parts"]["bytes"], static (id, bytes) => (Name: SeizedTable.Show(id), ((byte[])bytes!).Length))
            .GroupBy(static part => part.Name).Select(static parts => new SeizedBlob(parts.Key, parts.Sum(static part => part.Length), Time: null)),
    ];

    /// <inheritdoc/>
    public override byte[] CertificateKey()
    {
        byte[] pem = (byte[])Database["settings"]["name"].Zip(Database["settings"]["value"]).Single(static row => row.First is "tls_certificate").Second!;
        using var certificate = X509Certificate2.CreateFromPem(Encoding.ASCII.GetString(pem));
        return SHA256.HashData(certificate.PublicKey.ExportSubjectPublicKeyInfo());
    }

    /// <summary>In the files of this database. What free space of files' own tables keeps is a thing that the document says.</summary>
    public override bool Contains(ReadOnlySpan<byte> bytes)
    {
        foreach (string file in Directory.EnumerateFiles(_own))
            if (BytesOf(file).IndexOf(bytes) >= 0) return true;
        return false;
    }

    /// <summary>Columns of which samples are kept for the planner, after it has looked at everything.</summary>
    public IReadOnlyList<string> Samples()
    {
        Run("ANALYZE");
        return Texts("SELECT DISTINCT regexp_replace(tablename, '_[0-9]+$', '') || '.' || attname FROM pg_stats WHERE schemaname = current_schema()");
    }

    /// <summary>What is shown of what others have asked last.</summary>
    public IReadOnlyList<string> Asked() => Texts("SELECT query FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()");

    /// <summary>Folders in which some of these values are, as they are or as text, but for those of other databases.</summary>
    public IReadOnlyList<string> Folders(IReadOnlyList<byte[]> values)
    {
        var found = new SortedSet<string>(StringComparer.Ordinal);
        string others = Path.Combine(_folder, "base");
        foreach (string file in Directory.EnumerateFiles(_folder, "*", SearchOption.AllDirectories))
            if (!file.StartsWith(others, StringComparison.Ordinal) || file.StartsWith(_own + "/", StringComparison.Ordinal))
                if (Holds(file, values)) found.Add(Path.GetRelativePath(_folder, file).Split('/')[0]);
        return [.. found];
    }

    /// <summary>Whether one of these values is in PostgreSQL's own diagnostics, which the drill's has beside its folder.</summary>
    public bool Logs(IReadOnlyList<byte[]> values) => Holds(Path.Combine(Path.GetDirectoryName(_folder)!, "log"), values);

    /// <summary>As in the hands of somebody who takes all of the write-ahead log from now on, whatever PostgreSQL would remove of it; returns where it ends.</summary>
    public string Watch()
    {
        Run($"SELECT pg_create_physical_replication_slot('{_slot}', true)");
        _isWatched = true;
        return End();
    }

    /// <summary>The end of its write-ahead log, on disk: a mark that is committed.</summary>
    public string End() => Text("SELECT pg_logical_emit_message(true, 'end', '')::text");

    /// <summary>Which numbers files of this database have at the moment, and whose they are: copies of tables get new ones.</summary>
    public Dictionary<long, string> FileNumbers() => Texts(
        """
        SELECT pg_relation_filenode(c.oid)::text || ' ' || coalesce(o.relname, m.relname)
        FROM pg_class c LEFT JOIN pg_index i ON i.indexrelid = c.oid JOIN pg_class m ON m.oid = coalesce(i.indrelid, c.oid) LEFT JOIN pg_class o ON o.reltoastrelid = m.oid
        WHERE pg_relation_filenode(c.oid) IS NOT NULL AND coalesce(o.relnamespace, m.relnamespace) = current_schema()::regnamespace
        """)
        .Select(static line => line.Split(' ')).ToDictionary(static cells => long.Parse(cells[0], CultureInfo.InvariantCulture), static cells => cells[1]);

    /// <summary>What the write-ahead log tells of this database between two places in it.</summary>
    public async Task<IReadOnlyList<LoggedTransaction>> TransactionsAsync(string from, string to, IReadOnlyDictionary<long, string> fileNumbers) =>
        await LoggedTransaction.ReadAsync(Path.Combine(_programs, "pg_waldump"), Path.Combine(_folder, "pg_wal"), (from, to), _number, fileNumbers);

    /// <summary>Does something with the database, as somebody who plants something does.</summary>
    public void Run(string sql)
    {
        using var command = Command(sql);
        command.ExecuteNonQuery();
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        if (_isWatched) Run($"SELECT pg_drop_replication_slot('{_slot}')");
        _connection.Dispose();
    }

    private NpgsqlCommand Command(string sql)
    {
#pragma warning disable CA2100 // of constants and of the database's own names
        return new NpgsqlCommand(sql, _connection);
#pragma warning restore CA2100
    }

    private string Text(string sql) => Texts(sql)[0];

    private string[] Texts(string sql)
    {
        using var command = Command(sql);
        using var rows = command.ExecuteReader();
        var texts = new List<string>();
        while (rows.Read()) texts.Add(rows.GetString(0));
        return [.. texts];
    }

    /// <summary>Rows as they lie in the file, each with the number of its transaction; and the numbers of the pieces of long values.</summary>
    private SeizedTable Read(string table)
    {
        string[] columns = Texts($"SELECT attname::text FROM pg_attribute WHERE attrelid = '{table}'::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum");
        using var command = Command($"SELECT {string.Join(", ", columns.Select(static name => $"\"{name}\""))}, xmin::text::bigint FROM \"{table}\" ORDER BY tableoid, ctid");
        var (rows, numbers) = (new List<object?[]>(), new List<long>());
        using (var reader = command.ExecuteReader())
        {
            while (reader.Read())
            {
                rows.Add([.. columns.Select((_, i) => reader.IsDBNull(i) ? null : reader.GetValue(i))]);
                numbers.Add(reader.GetInt64(columns.Length));
            }
        }
        return new(table, InOrderOfArrival: true, columns, rows) { Transactions = numbers };
    }

    /// <summary>
    /// A table tells nothing where all of its rows have one number, which the devices' have too, and lie in the order of their keys; and where all
    /// pieces of long values have one, not from before.
    /// </summary>
    private bool TellsOrder(SeizedTable table, IReadOnlyList<long> devices)
    {
        if (table.Transactions.Concat(devices).Distinct().Count() > 1) return true;
        string[] piecesTable = Texts($"SELECT reltoastrelid::regclass::text FROM pg_class WHERE oid = '{table.Name}'::regclass AND reltoastrelid <> 0");
        long[] pieces = [.. piecesTable.SelectMany(name => Texts($"SELECT DISTINCT xmin::text FROM {name}")).Select(static number => long.Parse(number, CultureInfo.InvariantCulture))];
        if (pieces.Length > 1 || pieces.Any(piece => piece < devices[0])) return true;
        string[] key = Texts($"SELECT a.attname::text FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY(i.indkey) WHERE i.indisprimary AND i.indrelid = '{table.Name}'::regclass ORDER BY array_position(i.indkey::int[], a.attnum::int)");
        var keys = table.Facts(key).ToList();
        return !keys.SequenceEqual(keys.Order(StringComparer.Ordinal));
    }

    private string[] Others() =>
    [
        .. Texts("SELECT CASE relkind WHEN 'v' THEN 'view ' WHEN 'm' THEN 'view ' WHEN 'S' THEN 'sequence ' ELSE 'foreign table ' END || relname FROM pg_class WHERE relkind IN ('v', 'm', 'S', 'f') AND relnamespace = current_schema()::regnamespace"),
        .. Texts("SELECT 'trigger ' || tgname FROM pg_trigger WHERE NOT tgisinternal"),
        .. Texts("SELECT 'function ' || proname FROM pg_proc WHERE pronamespace = current_schema()::regnamespace"),
        .. Texts("SELECT 'extension ' || extname FROM pg_extension WHERE extname <> 'plpgsql'"),
        .. Texts("SELECT 'statistics ' || stxname FROM pg_statistic_ext"),
        .. Texts("SELECT 'publication ' || pubname FROM pg_publication"),
        .. Texts("SELECT 'times of commits' FROM pg_settings WHERE name = 'track_commit_timestamp' AND setting = 'on'"),
    ];

    private static bool Holds(string file, IReadOnlyList<byte[]> values)
    {
        var content = BytesOf(file);
        foreach (byte[] value in values)
            if (content.IndexOf(value) >= 0 || content.IndexOf(Encoding.ASCII.GetBytes(Convert.ToHexStringLower(value))) >= 0) return true;
        return false;
    }

    /// <summary>Files come and go while it runs.</summary>
    private static ReadOnlySpan<byte> BytesOf(string file)
    {
        try { return File.ReadAllBytes(file); }
        catch (IOException) { return []; }
    }
}
