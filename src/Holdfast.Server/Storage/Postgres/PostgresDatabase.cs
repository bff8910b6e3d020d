using System.Data;
using System.Globalization;
using Holdfast.Protocol;
using Holdfast.Server.Logs;
using Holdfast.Server.Nodes;
using Npgsql;

namespace Holdfast.Server.Storage.Postgres;

/// <summary>
/// One connection to a PostgreSQL that any number of nodes share. It decides and orders: what a node remembers is never the authority.
/// A connection that broke is opened again by the next transaction.
/// </summary>
internal sealed class PostgresDatabase(string connectionString) : Database
{
    /// <summary>Keys of advisory locks: of one number for what is rare, of two for devices.</summary>
    internal const long MigrationLock = 0x486F6C64_00000001, SerializeLock = 0x486F6C64_00000002, PartitionLock = 0x486F6C64_00000003;

    private const string Unreachable = "not reached";
    private const int OldestVersion = 14_00_00;
    private const int BytesToCopy = 16 << 20;

    private readonly NpgsqlConnection _connection = new(connectionString);
    private readonly PostgresPosts _posts = new();
    private bool _committing;

    /// <inheritdoc/>
    public override string Version => "PostgreSQL " + _connection.PostgreSqlVersion;

    /// <inheritdoc/>
    public override bool IsShared => true;

    /// <inheritdoc/>
    public override string SkipLocked => " FOR UPDATE SKIP LOCKED";

    /// <summary>The connection, open.</summary>
    internal NpgsqlConnection Connection
    {
        get
        {
            Guard(Reopen);
            return _connection;
        }
    }

    /// <summary>What this connection's backend is called in notifications; 0 where it is not open.</summary>
    internal int Backend => _connection.State == ConnectionState.Open ? _connection.ProcessID : 0;

    /// <summary>Opens a connection, and looks whether what is acknowledged through it is on disk.</summary>
    /// <exception cref="StorageException">It cannot be reached.</exception>
    /// <exception cref="StartupException">It is not fit to be relied on.</exception>
    public static PostgresDatabase OpenShared(string connectionString)
    {
        PostgresAddress.RequirePasswordFile(connectionString);
        var database = new PostgresDatabase(connectionString);
        try
        {
            database.RequireDurability();
            return database;
        }
        catch (StorageException failure) when (failure.InnerException is NpgsqlException asked and not PostgresException &&
            asked.Message.StartsWith("No password has been provided", StringComparison.Ordinal))
        {
            database.Dispose();
            throw new StartupException("PostgreSQL asks for a password: put one into a password file (PGPASSFILE, ~/.pgpass, ?passfile=FILE).");
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
        _committing = false;
        _posts.Clear();
        Execute("BEGIN");
    }

    /// <inheritdoc/>
    public override void BeginReading() => Execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");

    /// <inheritdoc/>
    public override void Hold(Announced announced) => Guard(() => _posts.Load(_connection, announced));

    /// <inheritdoc/>
    public override long? LoginCounter(DeviceId device) => _posts.LoginCounter(device);

    /// <inheritdoc/>
    public override void Serialize() => Prepare("SELECT pg_advisory_xact_lock($1)").Start().With(SerializeLock).Run();

    /// <summary>Writes what was appended, wakes the other nodes and commits, in one round trip.</summary>
    public override void Commit(Batch? batch = null) => Guard(() =>
    {
        using var last = new NpgsqlBatch(_connection);
        _posts.Write(last);
        if (batch is not null) Wakeups.Send(last, batch);
        last.BatchCommands.Add(new NpgsqlBatchCommand("COMMIT"));
        _committing = true;
        last.ExecuteNonQuery();
        _committing = false;
        _posts.Clear();
    });

    /// <inheritdoc/>
    public override void Rollback()
    {
        _posts.Clear();
        _posts.ForgetPartitions();   // one that was made has gone with the transaction
        if (_connection.State != ConnectionState.Open) return;   // it ended with the connection
        try { Execute("ROLLBACK"); }
        catch (StorageException) { _connection.Close(); }
    }

    /// <inheritdoc/>
    public override void Execute(string sql) => Execute(sql, isLong: false);

    /// <inheritdoc/>
    public override Statement Prepare(string sql) => new PostgresStatement(this, sql);

    /// <inheritdoc/>
    public override LogStore NewLogs() => new PostgresLogStore(this, _posts);

    /// <summary>
    /// Another node was in the way, or the connection broke: but never once the commit was on its way, for then nobody knows.
    /// </summary>
    public override bool MayRepeat(Exception failure)
    {
        if (_committing || failure is not StorageException storage) return false;
        return storage.Code is PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.UniqueViolation
            or PostgresErrorCodes.DuplicateTable or PostgresErrorCodes.CheckViolation or PostgresErrorCodes.AdminShutdown or Unreachable;
    }

    /// <summary>
    /// Every row keeps the number of the transaction that wrote it, and so does each piece of a long value. So rows that concern people are written
    /// again, with their values, all in one: which of them changed beside which entry of a conversation can then be read from no row. Where
    /// none has changed since, nothing is written. Posts wait meanwhile, so the values of a large table are left as they are.
    /// </summary>
    public override void Mix(long inboxFrom, long keyPackagesFrom)
    {
        const string Numbers =
            """
            SELECT count(*) FROM (
                SELECT xmin::text FROM accounts UNION SELECT xmin::text FROM devices UNION SELECT xmin::text FROM invites
                UNION SELECT xmin::text FROM inbox WHERE last_day >= $1 UNION SELECT xmin::text FROM key_packages WHERE last_day >= $2) n
            """;
        using var numbers = Prepare(Numbers);
        if (numbers.Start().With(inboxFrom).With(keyPackagesFrom).First(static row => row.Integer(0)) < 2) return;
        using var inbox = Prepare($"UPDATE inbox SET {WrittenAgain("inbox")} WHERE last_day >= $1");
        using var keyPackages = Prepare($"UPDATE key_packages SET {WrittenAgain("key_packages")} WHERE last_day >= $1");
        Execute("UPDATE accounts SET pin = pin; UPDATE devices SET login_counter = login_counter; UPDATE invites SET uses = uses", isLong: true);
        inbox.Start().With(inboxFrom).Run();
        keyPackages.Start().With(keyPackagesFrom).Run();
    }

    /// <summary>
    /// Rows that were deleted stay in free space, and rows lie in the order in which they came. So what concerns people, as long as it is not
    /// large, is copied into a new file, in the order of its random keys, and the old file goes. Where somebody is in the way it is done the next time.
    /// </summary>
    public override void CleanUp()
    {
        foreach (string table in (string[])["accounts", "devices", "invites", "inbox", "key_packages", "blobs"])
            if (!TryCopy(table)) Execute("VACUUM " + table, isLong: true);
        foreach (string table in (string[])["entries", "blob_parts"]) Execute("VACUUM " + table, isLong: true);
    }

    /// <inheritdoc/>
    public override void Dispose() => _connection.Dispose();

    /// <summary>Does something with the connection; every failure leaves as a <see cref="StorageException"/> without a word of what was stored.</summary>
    internal static void Guard(Action action)
    {
        try { action(); }
        catch (PostgresException refused) { throw Failure(refused); }
        catch (Exception broken) when (IsOfConnection(broken)) { throw Failure(broken); }
    }

    /// <summary>As <see cref="Guard(Action)"/>, for what waits.</summary>
    internal static async Task<T> GuardAsync<T>(Func<Task<T>> action)
    {
        try { return await action(); }
        catch (PostgresException refused) { throw Failure(refused); }
        catch (Exception broken) when (IsOfConnection(broken)) { throw Failure(broken); }
    }

    /// <summary>A command of this program's own text: what comes from outside is only ever a parameter.</summary>
    internal static NpgsqlCommand Command(string sql, NpgsqlConnection connection)
    {
#pragma warning disable CA2100 // every text is a constant, but for numbers of hours and names of tables that are constants
        return new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
    }

    /// <summary>Whether a failure says that the connection is not, or no longer, what it should be.</summary>
    internal static bool IsOfConnection(Exception failure) =>
        failure is NpgsqlException or IOException or TimeoutException or InvalidOperationException or System.Net.Sockets.SocketException;

    private static StorageException Failure(PostgresException refused) => new(refused.SqlState, "the database refused: " + Words(refused.SqlState), refused)
    {
        Advice = refused.SqlState switch
        {
            PostgresErrorCodes.DiskFull => "Make room on the database's disk",
            PostgresErrorCodes.ReadOnlySqlTransaction => "Name the primary with --database",
            _ => "Look after the database",
        },
    };

    private static StorageException Failure(Exception broken) =>
        new(Unreachable, "the database cannot be reached", broken) { Advice = "Look whether the database runs and the network leads there" };

    private static string Words(string state) => state switch
    {
        PostgresErrorCodes.DiskFull => "its disk is full",
        PostgresErrorCodes.IoError => "its disk fails",
        PostgresErrorCodes.OutOfMemory => "it is out of memory",
        PostgresErrorCodes.TooManyConnections => "it has too many connections",
        PostgresErrorCodes.ReadOnlySqlTransaction => "it takes no writes",
        PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.CannotConnectNow => "it is being restarted",
        PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification => "it does not let this user in",
        PostgresErrorCodes.InvalidCatalogName => "there is no such database",
        PostgresErrorCodes.InsufficientPrivilege => "this user may not do that",
        PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure => "another node was in the way",
        _ => "its log says why",
    };

    /// <param name="sql">What to do.</param>
    /// <param name="isLong">Whether it may take long where there is much.</param>
    private void Execute(string sql, bool isLong) => Guard(() =>
    {
        Reopen();
        using var command = Command(sql, _connection);
        if (isLong) command.CommandTimeout = 0;
        command.ExecuteNonQuery();
    });

    private bool IsLarge(string table) => Scalar($"SELECT pg_total_relation_size('{table}')") > BytesToCopy;

    private string WrittenAgain(string table) => IsLarge(table) ? "last_day = last_day" : "bytes = bytes || ''::bytea";

    /// <summary>Whoever uses the table waits meanwhile, so it is neither large nor waited for.</summary>
    private bool TryCopy(string table)
    {
        if (Scalar($"SELECT pg_relation_size('{table}')") == 0) return true;
        if (IsLarge(table)) return false;
        try
        {
            Execute($"SET lock_timeout = '100ms'; CLUSTER {table} USING {table}_pkey");
            return true;
        }
        catch (StorageException busy) when (busy.Code is PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.DeadlockDetected) { return false; }
        finally { Execute("SET lock_timeout = 0"); }
    }

    private void Reopen()
    {
        if (_connection.State == ConnectionState.Open) return;
        if (_connection.State != ConnectionState.Closed) _connection.Close();
        _connection.Open();
    }

    /// <summary>A replica contradicts its primary, and without fsync nothing that is acknowledged can be relied on.</summary>
    private void RequireDurability()
    {
        string Setting(string name) => Prepare($"SELECT current_setting('{name}')").Start().First(static row => row.Text(0)) ?? "";
        if (Scalar("SELECT CASE WHEN pg_is_in_recovery() THEN 1::bigint ELSE 0::bigint END") != 0)
            throw new StartupException("The database is a replica, which only reads: name the primary with --database.");
        foreach (string setting in (string[])["fsync", "full_page_writes"])
            if (Setting(setting) != "on")
                throw new StartupException($"PostgreSQL runs with {setting} = off, so that a crash loses what was acknowledged: turn it on.");
        if (int.Parse(Setting("server_version_num"), CultureInfo.InvariantCulture) < OldestVersion)
            throw new StartupException($"PostgreSQL {_connection.PostgreSqlVersion} is too old: version 14 or later is needed.");
    }
}
