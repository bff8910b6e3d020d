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
    /// <param name="inboxFrom">Items whose last day is before this one were mixed when it was not.</param>
    /// <param name="keyPackagesFrom">The same for key packages.</param>
    public virtual void Mix(long inboxFrom, long keyPackagesFrom)
    {
    }

    /// <summary>Lets go of what rows have left behind, where that is ours to do. Outside a transaction.</summary>
    public virtual void CleanUp()
    {
    }

    /// <summary>Gives up to so many pages that nothing needs any more back to the file system, where that is ours to do; returns how many.</summary>
    public virtual long GiveBack(int pages) => 0;

    /// <summary>The integer a one-value query returns.</summary>
    public long Scalar(string sql)
    {
        using var statement = Prepare(sql);
        return statement.Start().First(static row => (long?)row.Integer(0)) ?? 0;
    }

    /// <inheritdoc/>
    public abstract void Dispose();
}
