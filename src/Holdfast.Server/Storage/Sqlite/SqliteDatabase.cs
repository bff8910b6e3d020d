using System.Globalization;
using Holdfast.Server.Logs;
using SQLitePCL;

namespace Holdfast.Server.Storage.Sqlite;

/// <summary>One connection to the SQLite file, used by one thread at a time. The one place that knows SQLite's version and how a connection is set up.</summary>
internal sealed class SqliteDatabase : Database
{
    /// <summary>The oldest SQLite whose WAL can be trusted: before it, a checkpoint could lose a commit.</summary>
    private const int OldestVersion = 3_051_003;

    private const int BusyMilliseconds = 5000;

    private readonly List<SqliteStatement> _statements = [];

    static SqliteDatabase() => Batteries_V2.Init();

    private SqliteDatabase(sqlite3 handle, RecentEntries recent) => (Handle, Posts) = (handle, new SqlitePosts(recent));

    internal sqlite3 Handle { get; }

    /// <summary>What this connection's transaction appends, and what those before it have left to be taken into indexes.</summary>
    internal SqlitePosts Posts { get; }

    /// <summary>How many rows the last statement changed.</summary>
    internal int Changes => raw.sqlite3_changes(Handle);

    /// <inheritdoc/>
    public override string Version => "SQLite " + Library;

    private static string Library => raw.sqlite3_libversion().utf8_to_string();

    /// <summary>Opens the file, making it where there is none. Commits are on disk when they return (WAL, synchronous=FULL).</summary>
    /// <param name="path">The file.</param>
    /// <param name="recent">What the connections of one server share; null for one that is alone.</param>
    /// <exception cref="StorageException">It cannot be opened.</exception>
    public static SqliteDatabase OpenFile(string path, RecentEntries? recent = null)
    {
        if (raw.sqlite3_libversion_number() < OldestVersion)
            throw Failure(raw.SQLITE_ERROR, $"SQLite {Library} is too old: install one from 3.51.3 on");
        int code = raw.sqlite3_open_v2(path, out sqlite3 handle, raw.SQLITE_OPEN_READWRITE | raw.SQLITE_OPEN_CREATE | raw.SQLITE_OPEN_NOMUTEX, null);
        var database = new SqliteDatabase(handle, recent ?? new RecentEntries());
        try
        {
            Check(code);
            Check(raw.sqlite3_extended_result_codes(handle, 1));
            Check(raw.sqlite3_busy_timeout(handle, BusyMilliseconds));
            if (database.Scalar("PRAGMA page_count") == 0) database.Execute("PRAGMA page_size=8192; PRAGMA auto_vacuum=INCREMENTAL;");   // said again it would be a write
            // Deleted content is overwritten with zeros; checkpoints are the writer's business, off the commit path.
            database.Execute("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON; PRAGMA wal_autocheckpoint=0;" +
                "PRAGMA temp_store=MEMORY; PRAGMA cache_size=-4000;");
            return database;
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public override void Begin()
    {
        Posts.Clear();
        Execute("BEGIN IMMEDIATE");
    }

    /// <inheritdoc/>
    public override void BeginReading() => Execute("BEGIN");

    /// <inheritdoc/>
    public override void Commit(Batch? batch = null)
    {
        Execute("COMMIT");
        Posts.Commit();
    }

    /// <inheritdoc/>
    public override void Rollback()
    {
        Posts.Clear();
        if (raw.sqlite3_get_autocommit(Handle) == 0) Execute("ROLLBACK");
    }

    /// <inheritdoc/>
    public override void Execute(string sql) => Check(raw.sqlite3_exec(Handle, sql));

    /// <inheritdoc/>
    public override Statement Prepare(string sql)
    {
        var statement = new SqliteStatement(this, sql);
        _statements.Add(statement);
        return statement;
    }

    /// <inheritdoc/>
    public override LogStore NewLogs() => new SqliteLogStore(this);

    /// <summary>A reader in the way is not waited for, be it a backup that reads for minutes, because nothing is written meanwhile.</summary>
    public override bool Checkpoint(bool empty)
    {
        if (!empty) return Scalar("PRAGMA wal_checkpoint(PASSIVE)") == 0;
        Check(raw.sqlite3_busy_timeout(Handle, 0));
        try { return Scalar("PRAGMA wal_checkpoint(TRUNCATE)") == 0; }
        finally { Check(raw.sqlite3_busy_timeout(Handle, BusyMilliseconds)); }
    }

    /// <summary>A file that was made without keeping track of free pages gives none: a backup of it, restored, does.</summary>
    public override long GiveBack(int pages)
    {
        long before = Scalar("PRAGMA freelist_count");
        Execute($"PRAGMA incremental_vacuum({pages})");
        return before - Scalar("PRAGMA freelist_count");
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        foreach (var statement in _statements) statement.Dispose();
        Handle.Dispose();
    }

    /// <summary>What a killed server has left in the write-ahead log stays there when this connection closes.</summary>
    internal void LeaveAsItIs() => Check(raw.sqlite3_db_config(Handle, raw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, out _));

    internal static void Check(int code)
    {
        if (code is raw.SQLITE_OK or raw.SQLITE_ROW or raw.SQLITE_DONE) return;
        string message = raw.sqlite3_errstr(code & 0xff).utf8_to_string();
        throw Failure(code, $"the database says: {message}");
    }

    private static StorageException Failure(int code, string message) => new(string.Create(CultureInfo.InvariantCulture, $"SQLite {code}"), message)
    {
        SqliteCode = code,
        IsSyncFailure = code is raw.SQLITE_IOERR_FSYNC or raw.SQLITE_IOERR_DIR_FSYNC,
        Advice = (code & 0xff) switch
        {
            raw.SQLITE_FULL => StorageException.MakeRoom,
            raw.SQLITE_IOERR => StorageException.LookAfterDisk,
            raw.SQLITE_READONLY or raw.SQLITE_CANTOPEN => "Give the server the right to write its folder",
            raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB => "Restore a backup",
            _ => "Look after the disk",
        },
    };
}
