using Holdfast.Protocol;

namespace Holdfast.Client;

/// <summary>Pushed entries of one log that continue what the vault has; a gap, or too many at once, means reading the log.</summary>
internal sealed class ArrivedEntries
{
    private const int MostBytes = 4 * ProtocolLimits.EntriesBytesPerRead;

    private readonly Queue<LogEntry> _entries = [];
    private ulong _last;   // what was taken may still be on its way through the vault, ahead of the cursor
    private int _bytes;

    /// <summary>Whether there is anything to open.</summary>
    internal bool Any => _entries.Count > 0;

    /// <summary>Takes in what was pushed where it goes on without a gap behind <paramref name="cursor"/>.</summary>
    internal void Add(IReadOnlyList<LogEntry> pushed, ulong cursor)
    {
        foreach (var entry in pushed)
        {
            ulong end = Math.Max(_last, cursor);
            if (entry.Position <= end) continue;
            if (entry.Position != end + 1 || _bytes + entry.Bytes.Length > MostBytes) return;
            _entries.Enqueue(entry);
            _last = entry.Position;
            _bytes += entry.Bytes.Length;
        }
    }

    /// <summary>The next entries behind <paramref name="cursor"/>, as many as one call carries; none where there is a gap.</summary>
    internal List<LogEntry> Take(ulong cursor)
    {
        var batch = new List<LogEntry>();
        int bytes = 0;
        while (batch.Count < ProtocolLimits.EntriesPerRead && bytes < ProtocolLimits.EntriesBytesPerRead && _entries.TryDequeue(out var entry))
        {
            _bytes -= entry.Bytes.Length;
            if (entry.Position <= cursor) continue;
            if (entry.Position != (batch.Count == 0 ? cursor : batch[^1].Position) + 1)
            {
                Clear();
                break;
            }
            batch.Add(entry);
            bytes += entry.Bytes.Length;
        }
        return batch;
    }

    internal void Clear()
    {
        _entries.Clear();
        (_last, _bytes) = (0, 0);
    }
}
