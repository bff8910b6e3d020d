using Holdfast.Protocol;
using Holdfast.Server.Storage.Sqlite;

namespace Holdfast.Server.Storage;

/// <summary>
/// One connection to the database, used by one thread at a time. Statements are written once for both kinds of database: parameters are
/// <c>$1</c>, <c>$2</c>, …, each first used in that order; integers are 64 bits, bytes and texts are as they are.
/// </summary>
internal abstract class Database : IDisposable
{
    /// <summary>Which program it is and which version, for diagnostics.</summary>
    public abstract string Version { get; }

    /// <summary>Opens a SQLite file, making it where there is none.</summary>
    /// <exception cref="StorageException">It cannot be opened.</exception>
    public static SqliteDatabase Open(string path) => SqliteDatabase.OpenFile(path);

    /// <summary>Begins the one transaction that writes.</summary>
    public abstract void Begin();

    /// <summary>Begins a transaction in which every statement sees the same state.</summary>
    public abstract void BeginReading();

    /// <summary>
    /// Where other nodes write to the same database: keeps still what the works of a batch are about, and reads what they ask of it, all at once.
    /// </summary>
    public virtual void Hold(Announced announced)
    {
<<<<<<< HEAD
        if (raw.sqlite3_libversion_number() < OldestVersion)
            throw new StorageException(raw.SQLITE_ERROR, $"SQLite {Version} is too old: install one from 3.51.3 on");
        int code = raw.sqlite3_open_v2(path, out sqlite3 handle, raw.SQLITE_OPEN_READWRITE | raw.SQLITE_OPEN_CREATE | raw.SQLITE_OPEN_NOMUTEX, null);
        var database = new Database(handle);
        try
        {
            Check(code);
            Check(raw.sqlite3_extended_result_codes(handle, 1));
            Check(raw.sqlite3_busy_timeout(handle, BusyMilliseconds));
            // Deleted content is overwritten with zeros; checkpoints are the writer's business, off the commit path.
            database.Execute("PRAGMA page_size=8192; PRAGMA auto_vacuum=INCREMENTAL; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON;" +
                "PRAGMA wal_autocheckpoint=0; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-4000;");
            return database;
        }
        catch
        {
            database.Dispose();
            throw;
        }
=======
>>>>>>> main
    }

    /// <summary>The login counter of a device that is held, which another node may have raised; null where there is no other node.</summary>
    public virtual long? LoginCounter(DeviceId device) => null;

    /// <summary>Makes sure that one node at a time does what is rare and looks before it writes; others wait for the end of the transaction.</summary>
    public virtual void Serialize()
    {
    }

    /// <summary>Ends the transaction; what it wrote is on disk when this returns, and other nodes are woken.</summary>
    /// <param name="batch">What was done; null where there is nothing that a node waits for.</param>
    public abstract void Commit(Batch? batch = null);

    /// <summary>Ends a transaction that failed or only read; it may have ended already.</summary>
    public abstract void Rollback();

    /// <summary>Runs statements that return nothing.</summary>
    public abstract void Execute(string sql);

    /// <summary>A statement of this connection, compiled when it is first used.</summary>
    public abstract Statement Prepare(string sql);

    /// <summary>The log store that suits this kind of database.</summary>
    public abstract Logs.LogStore NewLogs();

    /// <summary>Behind a subquery that picks a row to delete: two nodes never pick the same.</summary>
    public virtual string SkipLocked => "";

    /// <summary>Whether other nodes may write to it.</summary>
    public virtual bool IsShared => false;

    /// <summary>Whether a transaction that failed in this way, before its commit, may be tried again as it was.</summary>
    public virtual bool MayRepeat(Exception failure) => false;

    /// <summary>Moves what is committed from the write-ahead log to its place, where that is ours to do; false where something was in the way.</summary>
    /// <param name="empty">Whether nothing may stay in it.</param>
    public virtual bool Checkpoint(bool empty) => true;

    /// <summary>Takes from the rows of people and devices what tells in which order they changed, where the database keeps that. In a transaction.</summary>
    public virtual void Mix()
    {
    }

    /// <summary>Lets go of what rows have left behind, where that is ours to do. Outside a transaction.</summary>
    public virtual void CleanUp()
    {
    }

    /// <summary>The integer a one-value query returns.</summary>
    public long Scalar(string sql)
    {
        using var statement = Prepare(sql);
        return statement.Start().First(static row => (long?)row.Integer(0)) ?? 0;
    }

<<<<<<< HEAD
    /// <summary>
    /// Empties the write-ahead log into the database, or says that a reader is in the way: it is not waited for, be it a backup that reads for
    /// minutes, because nothing is written meanwhile.
    /// </summary>
    public bool TryEmptyLog()
    {
        Check(raw.sqlite3_busy_timeout(Handle, 0));
        try { return Scalar("PRAGMA wal_checkpoint(TRUNCATE)") == 0; }
        finally { Check(raw.sqlite3_busy_timeout(Handle, BusyMilliseconds)); }
    }

    /// <summary>
    /// Gives up to so many free pages back to the file system; returns how many. A file that was made without keeping track of them gives none: a
    /// backup of it, restored, does.
    /// </summary>
    public long GiveBack(int pages)
    {
        long before = Scalar("PRAGMA freelist_count");
        Execute($"PRAGMA incremental_vacuum({pages})");
        return before - Scalar("PRAGMA freelist_count");
    }

    /// <summary>Ends a transaction that failed; SQLite may have ended it already.</summary>
    public void Rollback()
    {
        if (raw.sqlite3_get_autocommit(Handle) == 0) Execute("ROLLBACK");
    }

=======
>>>>>>> main
    /// <inheritdoc/>
    public abstract void Dispose();
}
