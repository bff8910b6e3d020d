using SQLitePCL;

namespace Holdfast.Server.Storage.Sqlite;

/// <summary>A statement of SQLite, which knows parameters by <c>?1</c>.</summary>
internal sealed class SqliteStatement(SqliteDatabase database, string sql) : Statement
{
    private sqlite3_stmt? _handle;
    private int _next;

    private sqlite3_stmt Handle => _handle ?? throw new InvalidOperationException("a statement runs after Start");

    /// <inheritdoc/>
    public override Statement Start()
    {
        if (_handle is null) SqliteDatabase.Check(raw.sqlite3_prepare_v2(database.Handle, sql.Replace('$', '?'), out _handle));
        _next = 0;
        return this;
    }

    /// <inheritdoc/>
    public override Statement With(long value)
    {
        SqliteDatabase.Check(raw.sqlite3_bind_int64(Handle, ++_next, value));
        return this;
    }

    /// <inheritdoc/>
    public override Statement With(ReadOnlySpan<byte> value)
    {
        SqliteDatabase.Check(value.IsEmpty ? raw.sqlite3_bind_zeroblob(Handle, ++_next, 0) : raw.sqlite3_bind_blob(Handle, ++_next, value));
        return this;
    }

    /// <inheritdoc/>
    public override Statement With(string value)
    {
        SqliteDatabase.Check(raw.sqlite3_bind_text(Handle, ++_next, value));
        return this;
    }

    /// <inheritdoc/>
    public override long Integer(int column) => raw.sqlite3_column_int64(Handle, column);

    /// <inheritdoc/>
    public override string Text(int column) => raw.sqlite3_column_text(Handle, column).utf8_to_string();

    /// <inheritdoc/>
    public override ReadOnlySpan<byte> Bytes(int column) => raw.sqlite3_column_blob(Handle, column);

    /// <inheritdoc/>
    public override void Dispose() => _handle?.Dispose();

    /// <inheritdoc/>
    protected override bool Step()
    {
        int code = raw.sqlite3_step(Handle);
        SqliteDatabase.Check(code);
        return code == raw.SQLITE_ROW;
    }

    /// <inheritdoc/>
    protected override int Changed() => database.Changes;

    /// <inheritdoc/>
    protected override void Reset()
    {
        _ = raw.sqlite3_reset(Handle);   // repeats the code of the step that failed
        _ = raw.sqlite3_clear_bindings(Handle);
    }
}
