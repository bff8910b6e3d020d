using System.Collections.Concurrent;
using Holdfast.Cryptography;

namespace Holdfast.Server.Storage;

/// <summary>Connections that only read, lent one at a time; a few are kept.</summary>
internal sealed class Readers(string path, RandomSource random) : IDisposable
{
    private const int Kept = 4;

    private readonly ConcurrentBag<Stores> _idle = [];
    private readonly SemaphoreSlim _slots = new(Kept);

    /// <summary>Reads a consistent state: everything acknowledged before the call.</summary>
    public async ValueTask<T> ReadAsync<T>(Func<Stores, T> read, CancellationToken cancellationToken)
    {
        await _slots.WaitAsync(cancellationToken);
        try
        {
            if (!_idle.TryTake(out var stores)) stores = new Stores(Database.Open(path), random);
            try { return read(stores); }
            finally { _idle.Add(stores); }
        }
        finally { _slots.Release(); }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var stores in _idle) stores.Dispose();
        _slots.Dispose();
    }
}
