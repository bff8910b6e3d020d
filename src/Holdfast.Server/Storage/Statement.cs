namespace Holdfast.Server.Storage;

/// <summary>One compiled statement. Binding goes from left to right; running it always leaves it ready for the next time.</summary>
internal abstract class Statement : IDisposable
{
    /// <summary>Begins binding.</summary>
    public abstract Statement Start();

    /// <summary>Binds the next parameter.</summary>
    public abstract Statement With(long value);

    /// <summary>Binds the next parameter.</summary>
    public abstract Statement With(ReadOnlySpan<byte> value);

    /// <summary>Binds the next parameter.</summary>
    public abstract Statement With(string value);

    /// <summary>Runs to the end; returns how many rows changed.</summary>
    public int Run()
    {
        try
        {
            while (Step()) { }
            return Changed();
        }
        finally { Reset(); }
    }

    /// <summary>The first row, or null. A RETURNING clause takes effect as a whole, and a query asked in this way has one row.</summary>
    public T? First<T>(Func<Statement, T> read)
    {
        try
        {
            if (!Step()) return default;
            T value = read(this);
            while (Step()) { }
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
    public abstract long Integer(int column);

    /// <summary>A column of the current row.</summary>
    public abstract string Text(int column);

    /// <summary>A column of the current row, a view that ends with it.</summary>
    public abstract ReadOnlySpan<byte> Bytes(int column);

    /// <inheritdoc/>
    public abstract void Dispose();

    /// <summary>Goes to the next row, the first time by running the statement; false behind the last.</summary>
    protected abstract bool Step();

    /// <summary>How many rows the statement that has run changed.</summary>
    protected abstract int Changed();

    /// <summary>Lets go of what the last run holds.</summary>
    protected abstract void Reset();
}
