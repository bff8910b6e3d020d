using System.Buffers.Binary;
using System.Globalization;
using Holdfast.Cryptography;
using Holdfast.Protocol;
using Holdfast.Vault.Pages;
using Microsoft.Data.Sqlite;

namespace Holdfast.Vault;

/// <summary>
/// An ordered map of records in a database whose every page is sealed (<see cref="StoreFiles"/>): what is on the disk shows
/// sizes, and how much changes when. Everything else in the vault sees only this class.
/// </summary>
internal sealed class SealedStore : IDisposable
{
    /// <summary>SQLite's cache of opened pages, in KiB, by default.</summary>
    private const int DefaultCache = 16 << 10;

    private readonly StoreFiles _files;
    private readonly PageVfs _vfs;
    private readonly SqliteConnection _connection;
    private readonly PreparedStatement _get, _put, _delete;
    private readonly SqliteCommand _deleteAll, _scanUp, _scanDown, _beginPart, _endPart, _undoPart;
    private SqliteTransaction? _transaction;

    private SealedStore(StoreFiles files, PageVfs vfs, SqliteConnection connection)
    {
        (_files, _vfs, _connection) = (files, vfs, connection);
        _get = Prepare("SELECT value FROM record WHERE kind = ?1 AND key = ?2");
        _put = Prepare("INSERT INTO record (kind, key, value) VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET value = excluded.value");
        _delete = Prepare("DELETE FROM record WHERE kind = ?1 AND key = ?2");
        _deleteAll = Statement("DELETE FROM record WHERE kind = $kind AND key > $from AND key < $to", "$kind", "$from", "$to");
        const string Range = "SELECT key, value FROM record WHERE kind = $kind AND key > $from AND key < $to ORDER BY key ";
        _scanUp = Statement(Range + "LIMIT $limit", "$kind", "$from", "$to", "$limit");
        (_beginPart, _endPart, _undoPart) = (Statement("SAVEPOINT part"), Statement("RELEASE part"), Statement("ROLLBACK TO part"));
        _scanDown = Statement(Range + "DESC LIMIT $limit", "$kind", "$from", "$to", "$limit");
    }

    /// <summary>
    /// How far the store has come: kept elsewhere, it shows that older files were put back, which nothing in the files can show.
    /// </summary>
    internal Anchor Anchor => _files.Log.Anchor;

    /// <summary>Opens, or makes, the database: a file of this name, and others whose names begin with it.</summary>
    /// <exception cref="VaultException">The files are damaged, of another profile, of another version, or in use.</exception>
    internal static SealedStore Open(string path, Secret storeKey, RandomSource random) => Open(Disk.System, path, storeKey, random);

    /// <summary>The same, on another disk, or with another cache, in KiB.</summary>
    internal static SealedStore Open(Disk disk, string path, Secret storeKey, RandomSource random, int cache = DefaultCache)
    {
        var files = OpenFiles(disk, Path.GetFullPath(path), storeKey, random);
        PageVfs? vfs = null;
        SqliteConnection? connection = null;
        try
        {
            vfs = new PageVfs(files);
            connection = new SqliteConnection(
                new SqliteConnectionStringBuilder { DataSource = files.MainPath, Vfs = vfs.Name, Pooling = false }.ToString());
            Prepare(connection, files.IsEmpty, cache, leavesRoom: true);
            return new SealedStore(files, vfs, connection);
        }
        catch (Exception failure)
        {
            connection?.Dispose();
            vfs?.Dispose();
            files.Dispose();
            if (failure is SqliteException && Explain(files) is { } explained) throw explained;
            throw;
        }
    }

    /// <summary>Runs a change as one transaction: on disk when this returns, and not at all when it throws.</summary>
    internal T Change<T>(Func<T> change)
    {
        if (_transaction is not null) return change();
        using var transaction = _connection.BeginTransaction();
        _transaction = transaction;
        try
        {
            T result = change();
            _files.Failure = null;
            transaction.Commit();
            return result;
        }
        catch (SqliteException) when (_files.Failure is StoreDamage)
        {
            throw Explain(_files)!;
        }
        finally
        {
            _transaction = null;
        }
    }

    /// <summary>Runs a part of a change: when it throws, nothing of it is stored, and what the change has stored before stays.</summary>
    internal void Part(Action part)
    {
        Execute(_beginPart);
        try { part(); }
        catch
        {
            Execute(_undoPart);
            Execute(_endPart);
            throw;
        }
        Execute(_endPart);
    }

    /// <summary>An identifier followed by a number, so that the numbers keep their order.</summary>
    internal static byte[] Key(ReadOnlySpan<byte> identifier, ulong number)
    {
        var key = new byte[identifier.Length + sizeof(ulong)];
        identifier.CopyTo(key);
        BinaryPrimitives.WriteUInt64BigEndian(key.AsSpan(identifier.Length), number);
        return key;
    }

    /// <summary>The value, or null.</summary>
    internal byte[]? Get(RecordKind kind, byte[] key) => Asked(_get.Bind(1, (long)kind).Bind(2, key), static statement => statement.One());

    /// <summary>Whether there is such a record.</summary>
    internal bool Contains(RecordKind kind, byte[] key) => Get(kind, key) is not null;

    /// <summary>Stores a value, which stays the caller's to wipe.</summary>
    internal void Put(RecordKind kind, byte[] key, ReadOnlySpan<byte> value)
    {
        Execute(_put.Bind(1, (long)kind).Bind(2, key).Bind(3, value));
    }

    /// <summary>
    /// Stores a value that is a secret for as long as the store is open. SQLite keeps pages, and copies of what it is given, in memory of its
    /// own, so this one is sealed before it gets there: with XChaCha20-Poly1305, whose implementation keeps no copy of its key either.
    /// </summary>
    internal void PutSecret(RecordKind kind, byte[] key, ReadOnlySpan<byte> value)
    {
        int nonce = Aead.XChaCha20Poly1305.NonceSize;
        byte[] sealedValue = new byte[nonce + value.Length + Aead.TagSize];
        _files.Random.FillPublic(sealedValue.AsSpan(0, nonce));
        Aead.XChaCha20Poly1305.Seal(
            _files.RecordKey.Reveal(), sealedValue.AsSpan(0, nonce), [(byte)kind, .. key], value, sealedValue.AsSpan(nonce));
        Put(kind, key, sealedValue);
    }

    /// <summary>Such a value, or null where there is none, or none that is sealed so.</summary>
    internal Secret? GetSecret(RecordKind kind, byte[] key)
    {
        int nonce = Aead.XChaCha20Poly1305.NonceSize;
        if (Get(kind, key) is not { } sealedValue || sealedValue.Length < nonce + Aead.TagSize) return null;
        var value = new Secret(sealedValue.Length - nonce - Aead.TagSize);
        if (Aead.XChaCha20Poly1305.TryOpen(
            _files.RecordKey.Reveal(), sealedValue.AsSpan(0, nonce), [(byte)kind, .. key], sealedValue.AsSpan(nonce), value.Fill())) return value;
        value.Dispose();
        return null;
    }

    /// <summary>Deletes a record; SQLite overwrites what it held.</summary>
    internal void Delete(RecordKind kind, byte[] key) => Execute(_delete.Bind(1, (long)kind).Bind(2, key));

    /// <summary>Deletes every record whose key begins with an identifier (they end less than 17 bytes of 0xff behind it).</summary>
    internal void DeleteAll(RecordKind kind, byte[] identifier) => Execute(_deleteAll, (int)kind, identifier, After(identifier));

    /// <summary>The records whose keys begin with an identifier, at most so many.</summary>
    internal List<(byte[] Key, byte[] Value)> ScanAll(RecordKind kind, byte[] identifier, int limit = int.MaxValue) =>
        Scan(kind, identifier, After(identifier), limit);

    /// <summary>Records whose keys lie strictly between two bounds: at most so many, and no more once they hold so many bytes.</summary>
    internal List<(byte[] Key, byte[] Value)> Scan(
        RecordKind kind, byte[] from, byte[] to, int limit = int.MaxValue, bool descending = false, int bytes = int.MaxValue)
    {
        var command = descending ? _scanDown : _scanUp;
        Bind(command, (int)kind, from, to, limit);
        return Asked(command, asked => Read(asked, bytes));
    }

    /// <summary>Every record of a kind, and no more once they hold so many bytes.</summary>
    internal List<(byte[] Key, byte[] Value)> ScanAll(RecordKind kind, int bytes = int.MaxValue) =>
        Scan(kind, [], Enumerable.Repeat((byte)0xff, 64).ToArray(), bytes: bytes);

    /// <summary>
    /// Brings everything into the main file. With the next change the log begins anew under another key, and what it held is
    /// beyond anyone's reach: older versions of pages, and what was deleted.
    /// </summary>
    internal void Checkpoint() => Ask("PRAGMA wal_checkpoint(PASSIVE)");

    /// <summary>How much SQLite's cache of opened pages occupies, in bytes.</summary>
    internal unsafe long CacheBytes
    {
        get
        {
            int bytes, most;
            return NativeSqlite.sqlite3_db_status(_connection.Handle!.DangerousGetHandle(), NativeSqlite.CacheUsed, &bytes, &most, 0) == NativeSqlite.Ok ? bytes : 0;
        }
    }

    /// <summary>Empties that cache.</summary>
    internal void DropCache() => _ = NativeSqlite.sqlite3_db_release_memory(_connection.Handle!.DangerousGetHandle());

    /// <summary>What SQLite finds wrong with the database: "ok" where it is nothing.</summary>
    internal string Check() => Convert.ToString(Ask("PRAGMA integrity_check"), CultureInfo.InvariantCulture)!;

    /// <summary>Closes the files, leaving no write-ahead log, and wipes the keys.</summary>
    public void Dispose()
    {
        foreach (var statement in (PreparedStatement[])[_get, _put, _delete]) statement.Dispose();
        foreach (var command in (SqliteCommand[])[_deleteAll, _scanUp, _scanDown, _beginPart, _endPart, _undoPart]) command.Dispose();
        _connection.Dispose();
        _vfs.Dispose();
        _files.Dispose();
    }

    private static StoreFiles OpenFiles(Disk disk, string path, Secret storeKey, RandomSource random)
    {
        try { return StoreFiles.Open(disk, path, storeKey, random); }
        catch (Exception failure) when (failure is StoreDamage or WrongStoreFile)
        {
            throw new VaultException(VaultError.StoreFailed, failure.Message);
        }
        catch (IOException inUse) when (Disk.IsInUse(inUse))
        {
            throw new VaultException(VaultError.StoreFailed, "Another process has this profile open.");
        }
    }

    /// <summary>Opens a connection, and makes the table where there is none.</summary>
    internal static void Prepare(SqliteConnection connection, bool isEmpty, int cache, bool leavesRoom)
    {
        connection.Open();
        if (leavesRoom) LeaveRoom(connection);
        // The log belongs to us alone from the beginning; a new database becomes one with a log without ever having a journal.
        Run(connection, "PRAGMA locking_mode=EXCLUSIVE");
        Run(connection, "PRAGMA temp_store=MEMORY");
        if (isEmpty) Run(connection, "PRAGMA journal_mode=MEMORY");
        foreach (string statement in (string[])
        [
            "PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", "PRAGMA secure_delete=ON", $"PRAGMA cache_size=-{cache}",
            "CREATE TABLE IF NOT EXISTS record (kind INTEGER NOT NULL, key BLOB NOT NULL, value BLOB NOT NULL, PRIMARY KEY (kind, key)) WITHOUT ROWID",
        ])
        {
            Run(connection, statement);
        }
    }

    private static unsafe void LeaveRoom(SqliteConnection connection)
    {
        int bytes = PageCipher.OverheadBytes;
        if (NativeSqlite.sqlite3_file_control(connection.Handle!.DangerousGetHandle(), "main", NativeSqlite.ReserveBytes, &bytes) != NativeSqlite.Ok)
            throw new InvalidOperationException("SQLite leaves no room in its pages");
    }

    private static void Run(SqliteConnection connection, string statement)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // constants of this class
        command.CommandText = statement;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }

    private static VaultException? Explain(StoreFiles files) => files.Failure is StoreDamage damage ? new VaultException(VaultError.StoreFailed, damage.Message) : null;

    private static List<(byte[] Key, byte[] Value)> Read(SqliteCommand command, int bytes)
    {
        var found = new List<(byte[], byte[])>();
        using var reader = command.ExecuteReader();
        while (bytes > 0 && reader.Read())
        {
            found.Add((reader.GetFieldValue<byte[]>(0), reader.GetFieldValue<byte[]>(1)));
            if (bytes != int.MaxValue) bytes -= found[^1].Item2.Length;
        }
        return found;
    }

    private static byte[] After(byte[] identifier) => [.. identifier, .. Enumerable.Repeat((byte)0xff, 17)];

    /// <summary>Runs a statement that changes something.</summary>
    /// <returns>How many rows it changed.</returns>
    internal int Execute(SqliteCommand command, params ReadOnlySpan<object> values)
    {
        RequireChange();
        Bind(command, values);
        return Asked(command, static asked => asked.ExecuteNonQuery());
    }

    /// <summary>Runs a prepared statement, whose values are bound, and which changes something.</summary>
    /// <returns>How many rows it changed.</returns>
    internal int Execute(PreparedStatement statement)
    {
        RequireChange();
        return Asked(statement, static asked =>
        {
            asked.Run();
            return asked.Changes;
        });
    }

    /// <summary>The first value that a statement answers with, or null.</summary>
    internal object? Ask(SqliteCommand command, params ReadOnlySpan<object> values)
    {
        Bind(command, values);
        return Asked(command, static asked => asked.ExecuteScalar());
    }

    /// <summary>Every row that a statement answers with.</summary>
    internal void Read(SqliteCommand command, Action<SqliteDataReader> take, params ReadOnlySpan<object> values)
    {
        Bind(command, values);
        Asked(command, asked =>
        {
            using var reader = asked.ExecuteReader();
            while (reader.Read()) take(reader);
            return 0;
        });
    }

    private object? Ask(string statement)
    {
        using var command = Statement(statement);
        return Ask(command);
    }

    /// <summary>Runs a command; where a file turns out to be damaged under it, says which.</summary>
    private T Asked<TStatement, T>(TStatement command, Func<TStatement, T> how)
    {
        _files.Failure = null;
        try { return how(command); }
        catch (SqliteException) when (_files.Failure is StoreDamage)
        {
            throw Explain(_files)!;
        }
    }

    private void RequireChange()
    {
        if (_transaction is null) throw new InvalidOperationException("records change only inside SealedStore.Change");
    }

    /// <summary>A statement of the store's own, for its caller to dispose. Nothing that somebody typed is part of the text.</summary>
    internal SqliteCommand Statement(string text, params ReadOnlySpan<string> parameters)
    {
        var command = _connection.CreateCommand();
#pragma warning disable CA2100 // constants of this class
        command.CommandText = text;
#pragma warning restore CA2100
        foreach (string name in parameters) command.Parameters.Add(new SqliteParameter { ParameterName = name });
        return command;
    }

    /// <summary>The same for one that is run for every message.</summary>
    internal PreparedStatement Prepare(string text) => new(_connection, text);

    private void Bind(SqliteCommand command, params ReadOnlySpan<object> values)
    {
        command.Transaction = _transaction;
        for (int i = 0; i < values.Length; i++) command.Parameters[i].Value = values[i];
    }
}
