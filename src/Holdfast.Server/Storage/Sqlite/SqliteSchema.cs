using Holdfast.Server.Accounts;
using Holdfast.Server.Blobs;
using Holdfast.Server.Inboxes;
using Holdfast.Server.Invites;
using Holdfast.Server.KeyPackages;
using Holdfast.Server.Logs;

namespace Holdfast.Server.Storage.Sqlite;

/// <summary>
/// The tables. What a seized disk must not tell shapes them: no table joins an account or a device to a log; there is no
/// claimer of key packages, no uploader of blobs, no inviter; times are days (hours where a rule needs them); whatever is
/// keyed by random ids is WITHOUT ROWID, so that the order of rows says nothing. Only entries are in order of arrival.
/// </summary>
internal static class SqliteSchema
{
    /// <summary>"HOLD" in ASCII: marks the file as ours.</summary>
    private const int ApplicationId = 0x484F4C44;

    private const int Version = 4;

    /// <summary>The oldest version of a release.</summary>
    private const int Oldest = 3;

    /// <summary>What leads from each version since then to the next.</summary>
    private static readonly string[] Steps =
    [
        // 4: indexes are tables of their own, so that they can be written later than what they find
        "DROP INDEX entries_by_position; DROP INDEX entries_by_id; DROP INDEX entries_by_expiry;" + SqliteLogStore.IndexTables + SqliteLogStore.FillIndexes,
    ];

    private const string Tables = AccountStore.Tables + InviteStore.Tables + KeyPackageStore.Tables + LogStore.Tables + SqliteLogStore.EntryTables +
        InboxStore.Tables + BlobStore.Tables + Settings.Tables + SqliteLogStore.FillIndexes;

    /// <summary>Makes the tables in a new file, changes those of an older version, and refuses a file that is not ours or was written by a newer one.</summary>
    public static void Ensure(SqliteDatabase database)
    {
        database.Begin();
        try
        {
            long tables = database.Scalar("SELECT count(*) FROM sqlite_schema"), version = database.Scalar("PRAGMA user_version");
            if (tables > 0 && database.Scalar("PRAGMA application_id") != ApplicationId)
                throw new StartupException("The data folder holds another program's database: choose an empty folder with --data.");
            if (version > Version)
                throw new StartupException("The data folder was written by a newer Holdfast: install that version or choose another folder with --data.");
            if (tables > 0 && version < Oldest)
                throw new StartupException("The data folder was written by a Holdfast of before the first release: choose another folder with --data.");
            if (tables == 0) database.Execute(Tables + $"PRAGMA application_id={ApplicationId};");
            else for (long next = version; next < Version; next++) database.Execute(Steps[next - Oldest]);
            if (version < Version) database.Execute($"PRAGMA user_version={Version}");
            database.Commit();
        }
        finally { database.Rollback(); }
    }

    /// <summary>Takes into the indexes what a server that ended without notice has left out of them.</summary>
    public static void Recover(SqliteDatabase database)
    {
        database.Begin();
        try
        {
            new SqliteLogStore(database).Recover();
            database.Commit();
        }
        finally { database.Rollback(); }
    }
}
