using SQLitePCL;

namespace Holdfast.Server.Storage;

/// <summary>One compiled statement. Binding goes from left to right; running it always leaves it reset.</summary>
internal sealed class Statement(Database database, string sql) : IDisposable
{
    private sqlite3_stmt? _handle;
    private int _next;

    private sqlite3_stmt Handle => _handle ?? throw new InvalidOperationException("a statement runs after Start");

    /// <summary>Begins binding.</summary>
    public Statement Start()
    {
        if (_handle is null) Database.Check(raw.sqlite3_prepare_v2(database.Handle, sql, out _handle));
        _next = 0;
        return this;
    }

    /// <summary>Binds the next parameter.</summary>
    public Statement With(long value)
    {
        Database.Check(raw.sqlite3_bind_int64(Handle, ++_next, value));
        return this;
    }

    /// <summary>Binds the next parameter.</summary>
    public Statement With(ReadOnlySpan<byte> value)
    {
        Database.Check(value.IsEmpty ? raw.sqlite3_bind_zeroblob(Handle, ++_next, 0) : raw.sqlite3_bind_blob(Handle, ++_next, value));
        return this;
    }

    /// <summary>Binds the next parameter.</summary>
    public Statement With(string value)
    {
        Database.Check(raw.sqlite3_bind_text(Handle, ++_next, value));
        return this;
    }

    /// <summary>Runs to the end; returns how many rows changed.</summary>
    public int Run()
    {
        try
        {
            while (Step()) { }
            return database.Changes;
        }
        finally { Reset(); }
    }

    /// <summary>The first row, or null.</summary>
    public T? First<T>(Func<Statement, T> read)
    {
        try
        {
            if (!Step()) return default;
            T value = read(this);
            while (Step()) { }   // a RETURNING clause takes effect as a whole, a query of one row ends here
            return value;
        }
        finally { Reset(); }
    }

    /// <summary>All rows.</summary>
    public List<T> All<T>(Func<Statement, T> read)
    {
        try
        {
            var rows = new List<T>();
            while (Step()) rows.Add(read(this));
            return rows;
        }
        finally { Reset(); }
    }

    /// <summary>Rows until <paramref name="read"/> says that it has enough.</summary>
    public void Each(Func<Statement, bool> read)
    {
        try { while (Step() && read(this)) { } }
        finally { Reset(); }
    }

    /// <summary>A column of the current row.</summary>
    public long Integer(int column) => raw.sqlite3_column_int64(Handle, column);

    /// <summary>A column of the current row.</summary>
    public string Text(int column) => raw.sqlite3_column_text(Handle, column).utf8_to_string();

    /// <summary>A column of the current row, a view that ends with it.</summary>
    public ReadOnlySpan<byte> Bytes(int column) => raw.sqlite3_column_blob(Handle, column);

    /// <inheritdoc/>
    public void Dispose() => _handle?.Dispose();

    private bool Step()
    {
        int code = raw.sqlite3_step(Handle);
        Database.Check(code);
        return code == raw.SQLITE_ROW;
    }

    private void Reset()
    {
        _ = raw.sqlite3_reset(Handle);   // repeats the code of the step that failed
        _ = raw.sqlite3_clear_bindings(Handle);
    }
}
