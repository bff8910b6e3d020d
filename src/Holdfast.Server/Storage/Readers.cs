using System.Collections.Concurrent;
using Holdfast.Cryptography;

namespace Holdfast.Server.Storage;

/// <summary>Connections that only read, lent one at a time; a few are kept.</summary>
internal sealed class Readers(Func<Database> open, RandomSource random) : IDisposable
{
    private const int Kept = 4;
    private const int Repetitions = 3;

    private readonly ConcurrentBag<Reader> _idle = [];
    private readonly SemaphoreSlim _slots = new(Kept);

    /// <summary>Reads a consistent state: everything acknowledged before the call.</summary>
    public async ValueTask<T> ReadAsync<T>(Func<Stores, T> read, CancellationToken cancellationToken)
    {
        await _slots.WaitAsync(cancellationToken);
        try
        {
            if (!_idle.TryTake(out var reader)) reader = new Reader(open(), random);
            try { return reader.Read(read); }
            finally { _idle.Add(reader); }
        }
        finally { _slots.Release(); }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var reader in _idle) reader.Dispose();
        _slots.Dispose();
    }

    /// <summary>One of the connections.</summary>
    private sealed class Reader(Database database, RandomSource random) : IDisposable
    {
        private readonly Stores _stores = new(database, random);

        /// <summary>
        /// In one transaction: each statement alone would see what was committed before it, and a log whose head is later than its entries looks as
        /// if those between had expired.
        /// </summary>
        internal T Read<T>(Func<Stores, T> read)
        {
            for (int more = Repetitions; ; more--)
            {
                try
                {
                    database.BeginReading();
                    return read(_stores);
                }
                catch (StorageException failure) when (more > 0 && database.MayRepeat(failure)) { continue; }   // the connection has ended
                finally { database.Rollback(); }   // nothing was written
            }
        }

        public void Dispose() => _stores.Dispose();
    }
}
