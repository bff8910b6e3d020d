namespace Holdfast.Server.Storage;

/// <summary>
/// Copies what is committed from the write-ahead log to its place while the writer goes on, on a connection of its own: a log of some seconds takes
/// a tenth of a second to copy, in which nothing would be acknowledged.
/// </summary>
internal sealed class CheckpointAhead(Func<Database> connect) : IDisposable
{
    /// <summary>The second time takes what came during the first.</summary>
    private const int Times = 2;

    private Database? _database;
    private Task? _copying;

    /// <summary>Begins to copy, unless that has begun; true once when it has ended.</summary>
    /// <exception cref="StorageException">It ended so; the next call begins again.</exception>
    public bool IsDone()
    {
        _copying ??= Task.Factory.StartNew(Copy, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        if (!_copying.IsCompleted) return false;
        var ended = _copying;
        _copying = null;
        ended.GetAwaiter().GetResult();
        return true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_copying is not null) Task.WaitAny(_copying);
        _database?.Dispose();
    }

    private void Copy()
    {
        _database ??= connect();
        for (int i = 0; i < Times; i++) _database.Checkpoint(empty: false);
    }
}
