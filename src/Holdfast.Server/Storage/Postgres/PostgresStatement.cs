using Npgsql;

namespace Holdfast.Server.Storage.Postgres;

/// <summary>A statement of PostgreSQL; the connection prepares what it is asked again and again.</summary>
internal sealed class PostgresStatement(PostgresDatabase database, string sql) : Statement
{
    private readonly NpgsqlCommand _command = new(sql);
    private NpgsqlDataReader? _rows;
    private int _changed;

    private NpgsqlDataReader Row => _rows ?? throw new InvalidOperationException("a column is read while the statement is on a row");

    /// <inheritdoc/>
    public override Statement Start()
    {
        _command.Parameters.Clear();
        return this;
    }

    /// <inheritdoc/>
    public override Statement With(long value)
    {
        _command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = value });
        return this;
    }

    /// <inheritdoc/>
    public override Statement With(ReadOnlySpan<byte> value)
    {
        _command.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = value.ToArray() });
        return this;
    }

    /// <inheritdoc/>
    public override Statement With(string value)
    {
        _command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = value });
        return this;
    }

    /// <inheritdoc/>
    public override long Integer(int column) => Row.GetInt64(column);

    /// <inheritdoc/>
    public override string Text(int column) => Row.GetString(column);

    /// <inheritdoc/>
    public override ReadOnlySpan<byte> Bytes(int column) => Row.GetFieldValue<byte[]>(column);

    /// <inheritdoc/>
    public override void Dispose()
    {
        _rows?.Dispose();
        _command.Dispose();
    }

    /// <inheritdoc/>
    protected override bool Step()
    {
        bool any = false;
        PostgresDatabase.Guard(() =>
        {
            if (_rows is null)
            {
                _command.Connection = database.Connection;
                _rows = _command.ExecuteReader();
            }
            any = _rows.Read();
            _changed = Math.Max(0, _rows.RecordsAffected);
        });
        return any;
    }

    /// <inheritdoc/>
    protected override int Changed() => _changed;

    /// <inheritdoc/>
    protected override void Reset()
    {
        var rows = _rows;
        _rows = null;
        if (rows is not null) PostgresDatabase.Guard(rows.Dispose);
    }
}
