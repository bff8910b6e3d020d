using System.Buffers.Binary;
using System.Security.Cryptography;
using Holdfast.Cryptography;
using Holdfast.Protocol;
using Microsoft.Data.Sqlite;

namespace Holdfast.Vault;

/// <summary>
/// An ordered map of sealed records over SQLite. Values are encrypted and bound to their place; identifiers in keys are
/// blinded; so the file shows counts, sizes and positions, and not a word, a name or which logs there are. Everything else
/// in the vault sees only this class: whatever seals the pages themselves takes its place behind the same door.
/// </summary>
internal sealed class SealedStore : IDisposable
{
    /// <summary>The size of a blinded identifier in bytes.</summary>
    internal const int BlindBytes = 16;

    private readonly SqliteConnection _connection;
    private readonly Secret _valueKey, _indexKey;
    private readonly RandomSource _random;
    private readonly SqliteCommand _get, _put, _delete, _deleteAll, _scanUp, _scanDown;
    private SqliteTransaction? _transaction;

    private SealedStore(SqliteConnection connection, Secret storeKey, RandomSource random)
    {
        (_connection, _random) = (connection, random);
        _valueKey = Hkdf.Sha256.Expand(storeKey.Reveal(), "Holdfast 1 store values"u8, Aead.XChaCha20Poly1305.KeySize);
        _indexKey = Hkdf.Sha256.Expand(storeKey.Reveal(), "Holdfast 1 store index"u8, 32);
        _get = Command("SELECT value FROM record WHERE kind = $kind AND key = $key", "$kind", "$key");
        _put = Command("INSERT INTO record (kind, key, value) VALUES ($kind, $key, $value) ON CONFLICT DO UPDATE SET value = excluded.value", "$kind", "$key", "$value");
        _delete = Command("DELETE FROM record WHERE kind = $kind AND key = $key", "$kind", "$key");
        _deleteAll = Command("DELETE FROM record WHERE kind = $kind AND key > $from AND key < $to", "$kind", "$from", "$to");
        const string Range = "SELECT key, value FROM record WHERE kind = $kind AND key > $from AND key < $to ORDER BY key ";
        _scanUp = Command(Range + "LIMIT $limit", "$kind", "$from", "$to", "$limit");
        _scanDown = Command(Range + "DESC LIMIT $limit", "$kind", "$from", "$to", "$limit");
    }

    /// <summary>Opens, or makes, the database file.</summary>
    internal static SealedStore Open(string path, Secret storeKey, RandomSource random)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        try
        {
            connection.Open();
            foreach (string statement in (string[])
            [
                "PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", "PRAGMA secure_delete=ON", "PRAGMA locking_mode=EXCLUSIVE",
                "PRAGMA temp_store=MEMORY", "PRAGMA cache_size=-16384",
                "CREATE TABLE IF NOT EXISTS record (kind INTEGER NOT NULL, key BLOB NOT NULL, value BLOB NOT NULL, PRIMARY KEY (kind, key)) WITHOUT ROWID",
            ])
            {
                using var command = connection.CreateCommand();
#pragma warning disable CA2100 // constants of this method
                command.CommandText = statement;
#pragma warning restore CA2100
                command.ExecuteNonQuery();
            }
            return new SealedStore(connection, storeKey, random);
        }
        catch (SqliteException)
        {
            connection.Dispose();
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
            transaction.Commit();
            return result;
        }
        finally
        {
            _transaction = null;
        }
    }

    /// <summary>Runs a part of a change: when it throws, nothing of it is stored, and what the change has stored before stays.</summary>
    internal void Part(Action part)
    {
        RequireChange();
        _transaction!.Save(nameof(part));
        try { part(); }
        catch
        {
            _transaction.Rollback(nameof(part));
            _transaction.Release(nameof(part));
            throw;
        }
        _transaction.Release(nameof(part));
    }

    /// <summary>An identifier as it may stand in a key: the same for the same kind and bytes, and leading back to neither.</summary>
    internal byte[] Blind(RecordKind kind, ReadOnlySpan<byte> identifier)
    {
        Span<byte> input = stackalloc byte[4 + identifier.Length];
        BinaryPrimitives.WriteInt32BigEndian(input, (int)kind);
        identifier.CopyTo(input[4..]);
        return HMACSHA256.HashData(_indexKey.Reveal(), input)[..BlindBytes];
    }

    /// <summary>A blinded identifier followed by a number in the clear, so that the numbers keep their order.</summary>
    internal byte[] Blind(RecordKind kind, ReadOnlySpan<byte> identifier, ulong number)
    {
        var key = new byte[BlindBytes + 8];
        Blind(kind, identifier).CopyTo(key, 0);
        BinaryPrimitives.WriteUInt64BigEndian(key.AsSpan(BlindBytes), number);
        return key;
    }

    /// <summary>The value, or null.</summary>
    internal byte[]? Get(RecordKind kind, byte[] key)
    {
        Bind(_get, (int)kind, key);
        return _get.ExecuteScalar() is byte[] sealedValue ? Unseal(kind, key, sealedValue) : null;
    }

    /// <summary>Whether there is such a record, without opening it.</summary>
    internal bool Contains(RecordKind kind, byte[] key)
    {
        Bind(_get, (int)kind, key);
        return _get.ExecuteScalar() is not null;
    }

    /// <summary>Stores a value, which stays the caller's to wipe.</summary>
    internal void Put(RecordKind kind, byte[] key, ReadOnlySpan<byte> value)
    {
        RequireChange();
        int nonceSize = Aead.XChaCha20Poly1305.NonceSize;
        var sealedValue = new byte[nonceSize + value.Length + Aead.TagSize];
        _random.FillPublic(sealedValue.AsSpan(0, nonceSize));
        Aead.XChaCha20Poly1305.Seal(
            _valueKey.Reveal(), sealedValue.AsSpan(0, nonceSize), Place(kind, key), value, sealedValue.AsSpan(nonceSize));
        Bind(_put, (int)kind, key, sealedValue);
        _put.ExecuteNonQuery();
    }

    /// <summary>Deletes a record; SQLite overwrites what it held.</summary>
    internal void Delete(RecordKind kind, byte[] key)
    {
        RequireChange();
        Bind(_delete, (int)kind, key);
        _delete.ExecuteNonQuery();
    }

    /// <summary>Deletes every record whose key begins with an identifier (<see cref="Blind(RecordKind, ReadOnlySpan{byte})"/>).</summary>
    internal void DeleteAll(RecordKind kind, byte[] identifier)
    {
        RequireChange();
        Bind(_deleteAll, (int)kind, identifier, After(identifier));
        _deleteAll.ExecuteNonQuery();
    }

    /// <summary>The records whose keys begin with an identifier, at most so many.</summary>
    internal List<(byte[] Key, byte[] Value)> ScanAll(RecordKind kind, byte[] identifier, int limit = int.MaxValue) =>
        Scan(kind, identifier, After(identifier), limit);

    /// <summary>Records whose keys lie strictly between two bounds: at most so many, and no more once they hold so many bytes.</summary>
    internal List<(byte[] Key, byte[] Value)> Scan(
        RecordKind kind, byte[] from, byte[] to, int limit = int.MaxValue, bool descending = false, int bytes = int.MaxValue)
    {
        var command = descending ? _scanDown : _scanUp;
        Bind(command, (int)kind, from, to, limit);
        var found = new List<(byte[], byte[])>();
        using var reader = command.ExecuteReader();
        while (bytes > 0 && reader.Read())
        {
            byte[] key = reader.GetFieldValue<byte[]>(0);
            found.Add((key, Unseal(kind, key, reader.GetFieldValue<byte[]>(1))));
            if (bytes != int.MaxValue) bytes -= found[^1].Item2.Length;
        }
        return found;
    }

    /// <summary>Every record of a kind, and no more once they hold so many bytes.</summary>
    internal List<(byte[] Key, byte[] Value)> ScanAll(RecordKind kind, int bytes = int.MaxValue) =>
        Scan(kind, [], Enumerable.Repeat((byte)0xff, 64).ToArray(), bytes: bytes);

    /// <summary>Closes the file, leaving no write-ahead log, and wipes the keys.</summary>
    public void Dispose()
    {
        foreach (var command in (SqliteCommand[])[_get, _put, _delete, _deleteAll, _scanUp, _scanDown]) command.Dispose();
        _connection.Dispose();
        _valueKey.Dispose();
        _indexKey.Dispose();
    }

    private static byte[] After(byte[] identifier) => [.. identifier, .. Enumerable.Repeat((byte)0xff, BlindBytes + 1)];

    private byte[] Unseal(RecordKind kind, byte[] key, byte[] sealedValue)
    {
        int nonceSize = Aead.XChaCha20Poly1305.NonceSize;
        return (sealedValue.Length < nonceSize
            ? null
            : Aead.XChaCha20Poly1305.Open(_valueKey.Reveal(), sealedValue.AsSpan(0, nonceSize), Place(kind, key), sealedValue.AsSpan(nonceSize)))
            ?? throw new VaultException(VaultError.StoreFailed, "A record of the profile has been altered or damaged. Restore the profile from a backup.");
    }

    private static byte[] Place(RecordKind kind, byte[] key) => [(byte)kind, .. key];

    private void RequireChange()
    {
        if (_transaction is null) throw new InvalidOperationException("records change only inside SealedStore.Change");
    }

    private SqliteCommand Command(string text, params ReadOnlySpan<string> parameters)
    {
        var command = _connection.CreateCommand();
#pragma warning disable CA2100 // constants of this class
        command.CommandText = text;
#pragma warning restore CA2100
        foreach (string name in parameters) command.Parameters.Add(new SqliteParameter { ParameterName = name });
        return command;
    }

    private void Bind(SqliteCommand command, params ReadOnlySpan<object> values)
    {
        command.Transaction = _transaction;
        for (int i = 0; i < values.Length; i++) command.Parameters[i].Value = values[i];
    }
}
