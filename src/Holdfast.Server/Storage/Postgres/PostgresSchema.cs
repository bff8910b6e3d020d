using System.Globalization;
using Holdfast.Server.Accounts;
using Holdfast.Server.Blobs;
using Holdfast.Server.Inboxes;
using Holdfast.Server.Invites;
using Holdfast.Server.KeyPackages;
using Holdfast.Server.Logs;

namespace Holdfast.Server.Storage.Postgres;

/// <summary>
/// The tables on PostgreSQL: those of SQLite with its types, but for entries, and for the bytes of blobs, which are files there. The first node to
/// start makes them, or takes the steps that lead from an older version to this one, while others wait.
/// </summary>
internal static class PostgresSchema
{
    /// <summary>Columns of which the database shall keep no samples: nothing is looked for by them, or by a unique index that needs none.</summary>
    private static readonly string[] Unsampled =
    [
        "accounts.identity_key", "devices.login_key", "devices.delivery_key", "devices.session_hash", "inbox.bytes", "key_packages.bytes", "key_packages.hash",
        "contents.bytes", "blobs.delete_token_hash", "blob_parts.bytes", "invites.token_hash", "settings.value",
    ];

    /// <summary>Each step leads from the version before it, the first from nothing.</summary>
    private static readonly string[] Steps = [First(), string.Concat(Unsampled.Select(Forget))];

    private static int Version => Steps.Length;

    /// <summary>Makes what is missing, under a lock.</summary>
    /// <exception cref="StartupException">The database belongs to another program or to a newer version.</exception>
    public static void Ensure(PostgresDatabase database)
    {
        database.Execute("BEGIN");
        try
        {
            database.Execute(string.Create(CultureInfo.InvariantCulture, $"SELECT pg_advisory_xact_lock({PostgresDatabase.MigrationLock})"));
            long version = VersionOf(database);
            if (version > Version) throw new StartupException("The database was written by a newer Holdfast: install that version or choose another database.");
            for (long next = version; next < Version; next++) database.Execute(Steps[next]);
            if (version < Version)
                database.Execute(string.Create(CultureInfo.InvariantCulture, $"DELETE FROM holdfast_schema; INSERT INTO holdfast_schema VALUES ({Version})"));
            database.Execute("COMMIT");
        }
        finally { database.Rollback(); }
    }

    /// <summary>What makes the partition for contents that expire in an hour.</summary>
    public static string Partition(long hour) => string.Create(
        CultureInfo.InvariantCulture,
        $"SELECT pg_advisory_xact_lock({PostgresDatabase.PartitionLock}); " +
        $"CREATE TABLE IF NOT EXISTS contents_{hour} PARTITION OF contents FOR VALUES IN ({hour}); ALTER TABLE contents_{hour} ALTER COLUMN bytes SET STATISTICS 0");

    /// <summary>What removes it, with the file it lies in.</summary>
    public static string DropPartition(long hour) => string.Create(CultureInfo.InvariantCulture, $"DROP TABLE IF EXISTS contents_{hour}");

    /// <summary>Keeps no samples from now on, and drops those there are: the database does so where a column's type is said anew.</summary>
    private static string Forget(string column)
    {
        string[] names = column.Split('.');
        return $"ALTER TABLE {names[0]} ALTER COLUMN {names[1]} TYPE BYTEA, ALTER COLUMN {names[1]} SET STATISTICS 0;\n";
    }

    private static long VersionOf(PostgresDatabase database)
    {
        if (database.Scalar("SELECT count(*) FROM pg_tables WHERE schemaname = current_schema() AND tablename = 'holdfast_schema'") > 0)
            return database.Scalar("SELECT max(version) FROM holdfast_schema");
        if (database.Scalar("SELECT count(*) FROM pg_tables WHERE schemaname = current_schema()") > 0)
            throw new StartupException("The database holds another program's tables: make an empty one for Holdfast.");
        return 0;
    }

    /// <summary>Sealed bytes do not compress, so nothing tries to.</summary>
    private static string First()
    {
        string shared = AccountStore.Tables + InviteStore.Tables + KeyPackageStore.Tables + LogStore.Tables + InboxStore.Tables + BlobStore.Tables + Settings.Tables;
        return shared.Replace(" BLOB", " BYTEA", StringComparison.Ordinal).Replace(" INTEGER", " BIGINT", StringComparison.Ordinal)
            .Replace(" WITHOUT ROWID", "", StringComparison.Ordinal) + PostgresLogStore.EntryTables + PostgresBlobs.Tables +
            """
            ALTER TABLE devices ADD COLUMN session_hash BYTEA;
            CREATE INDEX devices_by_session ON devices (session_hash);
            ALTER TABLE contents ALTER COLUMN bytes SET STORAGE EXTERNAL;
            ALTER TABLE blob_parts ALTER COLUMN bytes SET STORAGE EXTERNAL;
            CREATE TABLE holdfast_schema (version BIGINT NOT NULL);
            """;
    }
}
