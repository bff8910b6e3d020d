using System.Text;
using Holdfast.Vault.Pages;
using Microsoft.Data.Sqlite;

namespace Holdfast.Vault;

/// <summary>
/// A statement that is run for every message: straight from here to SQLite, for what Microsoft.Data.Sqlite does around one takes longer than
/// the statement. It belongs to one thread, like the store; only its values change.
/// </summary>
internal sealed unsafe class PreparedStatement : IDisposable
{
    private readonly nint _connection;
    private nint _statement;

    /// <exception cref="SqliteException">SQLite does not understand it.</exception>
    internal PreparedStatement(SqliteConnection connection, string text)
    {
        _connection = connection.Handle!.DangerousGetHandle();
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        nint statement;
        fixed (byte* source = bytes)
            Check(NativeSqlite.sqlite3_prepare_v3(_connection, source, bytes.Length, NativeSqlite.PreparePersistent, &statement, null));
        _statement = statement;
    }

    /// <summary>How many rows the last one to change any has changed.</summary>
    internal int Changes => NativeSqlite.sqlite3_changes(_connection);

    internal PreparedStatement Bind(int index, long value)
    {
        Check(NativeSqlite.sqlite3_bind_int64(_statement, index, value));
        return this;
    }

    /// <summary>Binds bytes, which SQLite copies.</summary>
    internal PreparedStatement Bind(int index, ReadOnlySpan<byte> value)
    {
        fixed (byte* source = value)
            Check(value.IsEmpty ? NativeSqlite.sqlite3_bind_zeroblob(_statement, index, 0) : NativeSqlite.sqlite3_bind_blob(_statement, index, source, value.Length, NativeSqlite.Copied));
        return this;
    }

    internal PreparedStatement Bind(int index, string value)
    {
        fixed (char* source = value) Check(NativeSqlite.sqlite3_bind_text16(_statement, index, source, value.Length * sizeof(char), NativeSqlite.Copied));
        return this;
    }

    /// <summary>Runs it to its end.</summary>
    /// <exception cref="SqliteException">It failed.</exception>
    internal void Run()
    {
        try { while (Step()) { } }
        finally { Reset(); }
    }

    /// <summary>Runs it for one value, and gives that, or null.</summary>
    /// <exception cref="SqliteException">It failed.</exception>
    internal byte[]? One()
    {
        try
        {
            if (!Step()) return null;
            byte* bytes = (byte*)NativeSqlite.sqlite3_column_blob(_statement, 0);
            return new ReadOnlySpan<byte>(bytes, NativeSqlite.sqlite3_column_bytes(_statement, 0)).ToArray();
        }
        finally
        {
            Reset();
        }
    }

    public void Dispose()
    {
        _ = NativeSqlite.sqlite3_finalize(_statement);
        _statement = 0;
    }

    private bool Step()
    {
        int result = NativeSqlite.sqlite3_step(_statement);
        if (result is not (NativeSqlite.Row or NativeSqlite.Done)) Fail(result);
        return result == NativeSqlite.Row;
    }

    private void Reset()
    {
        _ = NativeSqlite.sqlite3_reset(_statement);   // says once more what went wrong
        _ = NativeSqlite.sqlite3_clear_bindings(_statement);
    }

    private void Check(int result)
    {
        if (result != NativeSqlite.Ok) Fail(result);
    }

    private void Fail(int result) =>
        throw new SqliteException($"SQLite error {result}", result & 0xff, NativeSqlite.sqlite3_extended_errcode(_connection));
}
