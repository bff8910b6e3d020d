using Microsoft.Extensions.Logging;

namespace Holdfast.Server.Storage;

/// <summary>
/// Copies what is committed from the write-ahead log to its place while the writer goes on, on a connection of its own: a log of some seconds takes
/// a tenth of a second to copy, in which nothing would be acknowledged.
/// </summary>
internal sealed class CheckpointAhead(Func<Database> connect, ILogger log) : IDisposable
{
    /// <summary>The second time takes what came during the first.</summary>
    private const int Times = 2;

    private Database? _database;
    private Task? _copying;

    /// <summary>Begins to copy, unless that has begun; true once when it has ended.</summary>
    public bool IsDone()
    {
        _copying ??= Task.Factory.StartNew(Copy, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        if (!_copying.IsCompleted) return false;
        _copying = null;
        return true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _copying?.Wait();
        _database?.Dispose();
    }

    private void Copy()
    {
        try
        {
            _database ??= connect();
            for (int i = 0; i < Times; i++) _database.Checkpoint(empty: false);
        }
        catch (StorageException failure) { Log.StorageFailed(log, failure.Code, failure.Message); }
    }
}
