using Holdfast.Protocol;

namespace Holdfast.Server.Logs;

/// <summary>Where an entry lies.</summary>
internal readonly record struct RecentEntry(long Position, long Arrival, MessageId Id, bool IsCommit, long ExpiresHour);

/// <summary>
/// The newest entries of a SQLite file, which are on the disk in order of arrival and not yet in the indexes: what a post writes is one row behind the last one,
/// and the indexes, where each entry has a page of its own somewhere, are written for many entries at a time. A server that ends without notice takes
/// them in when it starts again.
/// </summary>
/// <remarks>The writer changes it, after its commit; readers ask it before their transaction sees the file, so that between the two nothing is missing.</remarks>
internal sealed class RecentEntries
{
    private readonly Lock _gate = new();   // not needed by the writer to read what nobody else changes
    private readonly Dictionary<LogId, Tail> _tails = [];
    private readonly Dictionary<(LogId, MessageId), long> _positions = [];
    private readonly Queue<LogId> _waiting = [];

    /// <summary>How many there are.</summary>
    public int Count => _positions.Count;

    /// <summary>The end of one log, and what of it is in no index.</summary>
    private sealed class Tail
    {
        public long Head { get; set; }

        public long LastCommit { get; set; }

        public List<RecentEntry> Entries { get; } = [];
    }

    /// <summary>Where a log ends and where its last commit is, or null where the tables know.</summary>
    public (long Position, long LastCommit)? HeadOf(LogId log) => _tails.TryGetValue(log, out var tail) ? (tail.Head, tail.LastCommit) : null;

    /// <summary>Where a post landed, or null.</summary>
    public long? Find(LogId log, MessageId id) => _positions.TryGetValue((log, id), out long position) ? position : null;

    /// <summary>For readers: where a log ends, and some of its entries behind a position; 0 and none where the tables know.</summary>
    public (long Head, List<RecentEntry> Entries) After(LogId log, ulong after, int most)
    {
        lock (_gate)
        {
            if (!_tails.TryGetValue(log, out var tail)) return (0, []);
            long passed = (long)Math.Min(after, (ulong)tail.Head) + 1 - tail.Entries[0].Position;   // no position is left out
            int first = (int)Math.Max(0, passed);
            return (tail.Head, tail.Entries.GetRange(first, Math.Min(most, tail.Entries.Count - first)));
        }
    }

    /// <summary>Adds what a transaction has appended, in order of arrival.</summary>
    public void Add(IEnumerable<(LogId Log, RecentEntry Entry)> appended, IReadOnlyDictionary<LogId, LogHead> heads)
    {
        lock (_gate)
        {
            foreach (var (log, entry) in appended)
            {
                if (!_tails.TryGetValue(log, out var tail))
                {
                    _tails.Add(log, tail = new Tail());
                    _waiting.Enqueue(log);
                }
                tail.Entries.Add(entry);
                _positions[(log, entry.Id)] = entry.Position;
            }
            foreach (var (log, head) in heads)
                if (head.HasMoved) (_tails[log].Head, _tails[log].LastCommit) = (head.Position, head.LastCommit);
        }
    }

    /// <summary>So many entries, all of a log that there are: those of the logs that have waited longest.</summary>
    public List<RecentLog> Oldest(int count)
    {
        var logs = new List<RecentLog>();
        foreach (var log in _waiting)
        {
            if (count == 0) break;
            var entries = _tails[log].Entries;
            logs.Add(new RecentLog(log, entries.GetRange(0, Math.Min(count, entries.Count))));
            count -= logs[^1].Entries.Count;
        }
        return logs;
    }

    /// <summary>The oldest arrival there is without those that were given out; null where there is none.</summary>
    public long? OldestArrival(IReadOnlyList<RecentLog> without)
    {
        var gone = without.ToDictionary(static log => log.Log, static log => log.Entries.Count);
        long? oldest = null;
        foreach (var (log, tail) in _tails)
        {
            int first = gone.GetValueOrDefault(log);
            if (first < tail.Entries.Count && !(tail.Entries[first].Arrival > oldest)) oldest = tail.Entries[first].Arrival;
        }
        return oldest;
    }

    /// <summary>Forgets what was given out: it is in the indexes now.</summary>
    public void Forget(IReadOnlyList<RecentLog> settled)
    {
        lock (_gate)
        {
            foreach (var (log, entries) in settled)
            {
                _waiting.Dequeue();
                _tails[log].Entries.RemoveRange(0, entries.Count);
                foreach (var entry in entries) _positions.Remove((log, entry.Id));
                if (_tails[log].Entries.Count > 0) _waiting.Enqueue(log);
                else _tails.Remove(log);
            }
        }
    }
}

/// <summary>Entries of a log that are in no index, the oldest first.</summary>
internal sealed record RecentLog(LogId Log, IReadOnlyList<RecentEntry> Entries);
