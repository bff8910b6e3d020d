using System.Globalization;
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

    /// <summary>
    /// Each step leads from one version to the next, the first from version 1, and leaves what a new file has. A key package of version 1 does not tell
    /// when it was uploaded: it goes a month after the step.
    /// </summary>
    private static readonly string[] Steps =
    [
        """
        CREATE TABLE newer (
            device BLOB NOT NULL, last_resort INTEGER NOT NULL, hash BLOB NOT NULL, bytes BLOB NOT NULL, last_day INTEGER NOT NULL,
            PRIMARY KEY (device, last_resort, hash)) WITHOUT ROWID;
        INSERT INTO newer SELECT device, last_resort, hash, bytes,
            CASE last_resort WHEN 1 THEN 9223372036854775807 ELSE unixepoch() / 86400 + 30 END FROM key_packages;
        DROP TABLE key_packages;
        ALTER TABLE newer RENAME TO key_packages;
        """,
        "ALTER TABLE devices ADD COLUMN delivery_key BLOB;",
        // Indexes become tables of their own, so that they can be written later than what they find.
        "DROP INDEX entries_by_position; DROP INDEX entries_by_id; DROP INDEX entries_by_expiry;" + SqliteLogStore.IndexTables + SqliteLogStore.FillIndexes,
    ];

    private static readonly int Version = Steps.Length + 1;

    private const string Tables = AccountStore.Tables + InviteStore.Tables + KeyPackageStore.Tables + LogStore.Tables + SqliteLogStore.EntryTables +
        InboxStore.Tables + BlobStore.Tables + Settings.Tables + SqliteLogStore.FillIndexes;

    /// <summary>
    /// Makes the tables in a new file, or takes the steps that lead from an older version to this one, in one transaction; refuses a file that is not
    /// ours or was written by a newer version of this program, and leaves that as it is.
    /// </summary>
    /// <param name="database">The file.</param>
    /// <param name="isServed">Whether a server is running on it: under that nothing is changed.</param>
    /// <exception cref="StartupException">The file is not ours to change.</exception>
    public static void Ensure(SqliteDatabase database, bool isServed = false)
    {
        database.Begin();
        try
        {
            long tables = database.Scalar("SELECT count(*) FROM sqlite_schema"), version = database.Scalar("PRAGMA user_version");
            if (tables > 0 && database.Scalar("PRAGMA application_id") != ApplicationId)
                throw new StartupException("The data folder holds another program's database: choose an empty folder with --data.");
            if (version > Version)
            {
                database.LeaveAsItIs();
                throw new StartupException("The data folder was written by a newer Holdfast: install that version or choose another folder with --data.");
            }
            if (isServed && version < Version)
            {
                database.LeaveAsItIs();
                throw new StartupException("The server that runs on the data folder is older than this program: start it anew with this version first.");
            }
            if (tables == 0) database.Execute(Tables + $"PRAGMA application_id={ApplicationId};");
            else foreach (string step in Steps[(int)(version - 1)..]) database.Execute(step);
            if (version < Version) database.Execute(string.Create(CultureInfo.InvariantCulture, $"PRAGMA user_version={Version};"));
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
