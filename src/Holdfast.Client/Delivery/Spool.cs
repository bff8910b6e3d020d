using Holdfast.Protocol;

namespace Holdfast.Client;

/// <summary>The spool of a locked device while it fetches: appended to, durably, before anything counts as fetched.</summary>
internal sealed class Spool : IDisposable
{
    private readonly FileStream _file;
    private readonly Dictionary<LogId, ulong> _last = [];
    private readonly HashSet<InboxItemId> _items = [];

    private Spool(FileStream file) => _file = file;

    /// <summary>How many conversations have something in it.</summary>
    internal int Conversations => _last.Count;

    /// <summary>Whether something did not fit: what comes is left at the server.</summary>
    internal bool IsFull { get; private set; }

    /// <summary>
    /// Opens the file, and makes it anew where it has more than is wanted: what the vault has opened since, what is of no conversation that
    /// we are in, and what is not whole.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="grants">For each log the last position that the vault has.</param>
    internal static Spool Open(string path, IReadOnlyList<SubscriptionProof> grants)
    {
        var known = grants.ToDictionary(static grant => grant.Log, static grant => grant.Position);
        var (records, isWhole) = SpoolFile.Read(path);
        var (last, items) = (new Dictionary<LogId, ulong>(), new HashSet<InboxItemId>());
        var wanted = records.Where(record => record.Entry is { } entry
            ? known.TryGetValue(record.Log, out ulong position) && entry.Position > Math.Max(position, last.GetValueOrDefault(record.Log)) && Note(last, record.Log, entry)
            : items.Add(record.Item!.Id)).ToList();
        if (!isWhole || wanted.Count < records.Count || !File.Exists(path)) SpoolFile.Replace(path, wanted);
        var spool = new Spool(SpoolFile.OpenToAppend(path));
        foreach (var (log, position) in last) spool._last.Add(log, position);
        spool._items.UnionWith(items);
        return spool;
    }

    /// <summary>The last position of a log that is in it; 0 where there is none.</summary>
    internal ulong LastOf(LogId log) => _last.GetValueOrDefault(log);

    /// <summary>Adds entries behind those it has, on disk when this returns.</summary>
    /// <exception cref="IOException">The disk did not take them; the file is to be opened anew.</exception>
    internal void Add(LogId log, IEnumerable<LogEntry> entries)
    {
        var fresh = entries.Where(entry => entry.Position > LastOf(log)).ToList();
        if (Append(fresh.Select(entry => new Spooled(log, entry, null))) is > 0 and var taken) _last[log] = fresh[taken - 1].Position;
    }

    /// <summary>Adds inbox items that it does not have, likewise.</summary>
    /// <exception cref="IOException">The disk did not take them; the file is to be opened anew.</exception>
    internal void Add(IEnumerable<InboxItem> items)
    {
        var fresh = items.Where(item => !_items.Contains(item.Id)).ToList();
        int taken = Append(fresh.Select(static item => new Spooled(default, null, item)));
        _items.UnionWith(fresh.Take(taken).Select(static item => item.Id));
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private static bool Note(Dictionary<LogId, ulong> last, LogId log, LogEntry entry)
    {
        last[log] = entry.Position;
        return true;
    }

    /// <summary>How many of them found room.</summary>
    private int Append(IEnumerable<Spooled> records)
    {
        int taken = 0;
        foreach (var record in records)
        {
            byte[] bytes = SpoolFile.Encode(record);
            if (_file.Position + bytes.Length > SpoolFile.MostBytes)
            {
                IsFull = true;
                break;
            }
            _file.Write(bytes);
            taken++;
        }
        if (taken > 0) _file.Flush(flushToDisk: true);
        return taken;
    }
}
