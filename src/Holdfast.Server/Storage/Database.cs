using System.Globalization;
using SQLitePCL;

namespace Holdfast.Server.Storage;

/// <summary>One connection to the SQLite file, used by one thread at a time. The one place that knows SQLite's version and how a connection is set up.</summary>
internal sealed class Database : IDisposable
{
    /// <summary>The oldest SQLite whose WAL can be trusted: before it, a checkpoint could lose a commit.</summary>
    private const int OldestVersion = 3_051_003;

    private const int BusyMilliseconds = 5000;

    private readonly List<Statement> _statements = [];

    static Database() => Batteries_V2.Init();

    private Database(sqlite3 handle) => Handle = handle;

    internal sqlite3 Handle { get; }

    /// <summary>How many rows the last statement changed.</summary>
    public int Changes => raw.sqlite3_changes(Handle);

    /// <summary>Which SQLite is loaded.</summary>
    public static string Version => raw.sqlite3_libversion().utf8_to_string();

    /// <summary>Opens the file, making it where there is none. Commits are on disk when they return (WAL, synchronous=FULL).</summary>
    /// <exception cref="StorageException">It cannot be opened.</exception>
    public static Database Open(string path)
    {
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
    }

    /// <summary>Runs statements that return nothing.</summary>
    public void Execute(string sql) => Check(raw.sqlite3_exec(Handle, sql));

    /// <summary>A statement of this connection, compiled when it is first used.</summary>
    public Statement Prepare(string sql)
    {
        var statement = new Statement(this, sql);
        _statements.Add(statement);
        return statement;
    }

    /// <summary>The integer a pragma or a one-value query returns.</summary>
    public long Scalar(string sql)
    {
        using var statement = new Statement(this, sql);
        return statement.Start().First(static row => (long?)row.Integer(0)) ?? 0;
    }

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

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var statement in _statements) statement.Dispose();
        Handle.Dispose();
    }

    internal static void Check(int code)
    {
        if (code is raw.SQLITE_OK or raw.SQLITE_ROW or raw.SQLITE_DONE) return;
        string message = raw.sqlite3_errstr(code & 0xff).utf8_to_string();
        throw new StorageException(code, string.Create(CultureInfo.InvariantCulture, $"the database says: {message}"));
    }
}
