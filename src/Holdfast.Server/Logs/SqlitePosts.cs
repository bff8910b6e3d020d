using Holdfast.Protocol;

namespace Holdfast.Server.Logs;

/// <summary>What one transaction appends to a SQLite file and takes into its indexes. It counts for readers and for later batches once it has been committed.</summary>
internal sealed class SqlitePosts(RecentEntries recent)
{
    private readonly Dictionary<LogId, LogHead> _heads = [];
    private readonly Dictionary<(LogId, MessageId), long> _positions = [];
    private readonly List<(LogId Log, RecentEntry Entry)> _appended = [];
    private List<RecentLog> _settled = [];

    /// <summary>What earlier transactions have left.</summary>
    public RecentEntries Recent => recent;

    /// <summary>The end of a log, if it is known here.</summary>
    public (long Position, long LastCommit)? HeadOf(LogId log) => _heads.TryGetValue(log, out var head) ? (head.Position, head.LastCommit) : recent.HeadOf(log);

    /// <summary>Where an earlier try of a post landed, if it is known here.</summary>
    public long? Find(LogId log, MessageId id) => _positions.TryGetValue((log, id), out long position) ? position : recent.Find(log, id);

    /// <summary>The end of a log, which a post moves; read from the tables where it is not known here.</summary>
    public LogHead? Hold(LogId log, Func<LogId, (long Position, long LastCommit)?> read)
    {
        if (_heads.TryGetValue(log, out var head)) return head;
        if ((recent.HeadOf(log) ?? read(log)) is not { } end) return null;
        return _heads[log] = new LogHead(end.Position, end.LastCommit);
    }

    /// <summary>An entry has been written.</summary>
    public void Append(LogId log, RecentEntry entry)
    {
        _appended.Add((log, entry));
        _positions[(log, entry.Id)] = entry.Position;
    }

    /// <summary>How many entries this transaction has written.</summary>
    public int Appended => _appended.Count;

    /// <summary>Whether this transaction takes something into the indexes.</summary>
    public bool HasSettled => _settled.Count > 0;

    /// <summary>Some of what earlier transactions have left, to be taken into the indexes by this one.</summary>
    public IReadOnlyList<RecentLog> Settle(int count) => _settled = recent.Oldest(count);

    /// <summary>The oldest arrival that will be in no index when this transaction has been committed; null where all are in them.</summary>
    public long? OldestArrival() => recent.OldestArrival(_settled) ?? _appended.Select(static each => (long?)each.Entry.Arrival).FirstOrDefault();

    /// <summary>The transaction is on the disk.</summary>
    public void Commit()
    {
        recent.Forget(_settled);
        recent.Add(_appended, _heads);
        Clear();
    }

    /// <summary>Forgets everything: the transaction begins, or has come to nothing.</summary>
    public void Clear()
    {
        _heads.Clear();
        _positions.Clear();
        _appended.Clear();
        _settled = [];
    }
}
