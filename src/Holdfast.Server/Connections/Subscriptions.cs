using System.Collections.Concurrent;
using Holdfast.Protocol;

namespace Holdfast.Server.Connections;

/// <summary>What a connection has proven for one log: it reads from a position on and posts with a key.</summary>
/// <param name="From">The earliest position of the keys proven.</param>
/// <param name="AccessKey">The latest of the keys proven.</param>
/// <param name="KeyPosition">Where that key was added.</param>
internal sealed record Subscription(ulong From, ReadOnlyMemory<byte> AccessKey, ulong KeyPosition);

/// <summary>The logs a connection has opened. They live in memory and end with it.</summary>
internal sealed class Subscriptions
{
    private readonly ConcurrentDictionary<LogId, Subscription> _open = [];

    public Subscription? Find(LogId log) => _open.GetValueOrDefault(log);

    /// <summary>Adds a key to what was proven before: it widens what may be read, and the latest key posts.</summary>
    public void Add(LogId log, ReadOnlyMemory<byte> accessKey, ulong position)
    {
        var proven = new Subscription(position, accessKey, position);
        _open.AddOrUpdate(log, proven, (_, before) => before.KeyPosition > position
            ? before with { From = Math.Min(before.From, position) }
            : proven with { From = Math.Min(before.From, position) });
    }

    public void Remove(LogId log) => _open.TryRemove(log, out _);
}
