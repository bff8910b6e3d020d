using Holdfast.Protocol;
using Holdfast.Server.Storage;
using Holdfast.Server.Storage.Sqlite;

namespace Holdfast.Server.Logs;

/// <summary>
/// Entries in one table in order of arrival: clustered by log they would cost a multiple to write. Three narrow tables find them, which are written some time
/// later, for many entries at once; until then <see cref="RecentEntries"/> does. A log's row tells how far it is in those tables.
/// </summary>
internal sealed class SqliteLogStore : LogStore
{
    internal const string EntryTables =
        """
        CREATE TABLE entries (
            arrival INTEGER PRIMARY KEY, log BLOB NOT NULL, position INTEGER NOT NULL, id BLOB NOT NULL, kind INTEGER NOT NULL,
            expires_hour INTEGER NOT NULL, bytes BLOB NOT NULL);

        """ + IndexTables;

    /// <summary>What finds entries, and the arrival up to which nothing is missing in it.</summary>
    internal const string IndexTables =
        """
        CREATE TABLE entry_positions (log BLOB NOT NULL, position INTEGER NOT NULL, arrival INTEGER NOT NULL, PRIMARY KEY (log, position)) WITHOUT ROWID;
        CREATE TABLE entry_ids (log BLOB NOT NULL, id BLOB NOT NULL, position INTEGER NOT NULL, PRIMARY KEY (log, id)) WITHOUT ROWID;
        CREATE TABLE entry_expiries (expires_hour INTEGER NOT NULL, arrival INTEGER NOT NULL, PRIMARY KEY (expires_hour, arrival)) WITHOUT ROWID;
        CREATE TABLE settled (arrival INTEGER PRIMARY KEY) WITHOUT ROWID;

        """;

    /// <summary>Fills the indexes of a file in which every entry is to be in them.</summary>
    internal const string FillIndexes =
        """
        INSERT INTO entry_positions SELECT log, position, arrival FROM entries ORDER BY log, position;
        INSERT INTO entry_ids SELECT log, id, position FROM entries ORDER BY log, id;
        INSERT INTO entry_expiries SELECT expires_hour, arrival FROM entries ORDER BY expires_hour, arrival;
        INSERT INTO settled SELECT coalesce(max(arrival), 0) FROM entries;

        """;

    /// <summary>How many entries wait before some are taken into the indexes while others come: about 3 MB of memory.</summary>
    private const int MostRecent = 16_384;

    /// <summary>How many are taken in at once, or more where more come: what comes meanwhile waits some milliseconds.</summary>
    private const int Settled = 512;

    private const int EntriesPerSweep = 500;

    private readonly SqliteDatabase _database;
    private readonly Statement _find, _end, _append, _read, _content, _expired, _drop, _dropPosition, _dropId, _dropExpiry;
    private readonly Statement _addPosition, _addId, _addExpiry, _move, _settledUpTo, _settle, _unsettled, _last;
    private long? _lastArrival;

    public SqliteLogStore(SqliteDatabase database) : base(database)
    {
        _database = database;
        _find = database.Prepare("SELECT position FROM entry_ids WHERE log = $1 AND id = $2");
        _end = database.Prepare("SELECT head, last_commit FROM logs WHERE log = $1");
        _append = database.Prepare("INSERT INTO entries (arrival, log, position, id, kind, expires_hour, bytes) VALUES ($1, $2, $3, $4, $5, $6, $7)");
        _read = database.Prepare(
            """
            SELECT e.position, e.id, e.kind, e.bytes FROM entry_positions p CROSS JOIN entries e ON e.arrival = p.arrival
            WHERE p.log = $1 AND p.position > $2 AND e.expires_hour > $3 ORDER BY p.position LIMIT $4
            """);
        _content = database.Prepare("SELECT kind, bytes FROM entries WHERE arrival = $1");
        _expired = database.Prepare(
            """
            SELECT x.expires_hour, x.arrival, e.log, e.position, e.id FROM entry_expiries x LEFT JOIN entries e ON e.arrival = x.arrival
            WHERE x.expires_hour <= $1 LIMIT $2
            """);
        _drop = database.Prepare("DELETE FROM entries WHERE arrival = $1");
        _dropPosition = database.Prepare("DELETE FROM entry_positions WHERE log = $1 AND position = $2");
        _dropId = database.Prepare("DELETE FROM entry_ids WHERE log = $1 AND id = $2");
        _dropExpiry = database.Prepare("DELETE FROM entry_expiries WHERE expires_hour = $1 AND arrival = $2");
        _addPosition = database.Prepare("INSERT INTO entry_positions VALUES ($1, $2, $3)");
        _addId = database.Prepare("INSERT INTO entry_ids VALUES ($1, $2, $3)");
        _addExpiry = database.Prepare("INSERT INTO entry_expiries VALUES ($1, $2)");
        _move = database.Prepare("UPDATE logs SET head = max(head, $2), last_commit = max(last_commit, $3) WHERE log = $1");
        _settledUpTo = database.Prepare("SELECT arrival FROM settled");
        _settle = database.Prepare("UPDATE settled SET arrival = $1");
        _unsettled = database.Prepare(
            """
            SELECT log, position, id, kind, expires_hour, arrival FROM entries e
            WHERE arrival > $1 AND NOT EXISTS (SELECT 1 FROM entry_positions p WHERE p.log = e.log AND p.position = e.position) ORDER BY arrival
            """);
        _last = database.Prepare("SELECT arrival FROM entries ORDER BY arrival DESC LIMIT 1");
    }

    /// <inheritdoc/>
    public override int Unsettled => Posts.Recent.Count;

    private SqlitePosts Posts => _database.Posts;

    /// <summary>The last arrival there ever was: none is given twice, though the last entries may have expired.</summary>
    private long LastArrival
    {
        get => _lastArrival ??= Math.Max(One(_settledUpTo), One(_last));
        set => _lastArrival = value;
    }

    /// <inheritdoc/>
    public override ulong Head(LogId log) => (ulong?)Posts.HeadOf(log)?.Position ?? base.Head(log);

    /// <inheritdoc/>
    public override ulong? Find(LogId log, MessageId id) =>
        (ulong?)Posts.Find(log, id) ?? _find.Start().With(log.ToBytes()).With(id.ToBytes()).First(static row => (ulong?)row.Integer(0));

    /// <inheritdoc/>
    public override ulong? Advance(Post post) => Posts.Hold(post.Log, End)?.Advance(post);

    /// <inheritdoc/>
    public override void Append(Post post, ulong position, long expiresHour)
    {
        var entry = new RecentEntry((long)position, ++LastArrival, post.Id, post.Kind == PostKind.Commit, expiresHour);
        _append.Start().With(entry.Arrival).With(post.Log.ToBytes()).With(entry.Position).With(post.Id.ToBytes()).With((int)post.Kind).With(expiresHour)
            .With(post.Bytes.Span).Run();
        Posts.Append(post.Log, entry);
    }

    /// <summary>What is in no index is asked for first: then the tables are seen as they are at that moment or later, and nothing is missing between the two.</summary>
    public override (List<LogEntry> Entries, ulong Head) Read(LogId log, ulong after, long hour)
    {
        var (recentHead, recent) = Posts.Recent.After(log, after, ProtocolLimits.EntriesPerRead);
        var page = new Page();
        _read.Start().With(log.ToBytes()).With((long)Math.Min(after, long.MaxValue)).With(hour).With(ProtocolLimits.EntriesPerRead)
            .Each(row => page.TryAdd(row.Integer(0), MessageId.Of(row.Bytes(1)), row.Integer(2), row.Bytes(3)));
        foreach (var entry in recent.Where(entry => entry.Position > page.Last && entry.ExpiresHour > hour))
        {
            if (page.IsFull) break;
            _content.Start().With(entry.Arrival).Each(row => page.TryAdd(entry.Position, entry.Id, row.Integer(0), row.Bytes(1)));
        }
        return (page.Entries, Math.Max((ulong)recentHead, base.Head(log)));
    }

    /// <inheritdoc/>
    public override int DropExpired(long hour)
    {
        var expired = _expired.Start().With(hour).With(EntriesPerSweep).All(static row =>
            (Hour: row.Integer(0), Arrival: row.Integer(1), Log: row.Bytes(2).ToArray(), Position: row.Integer(3), Id: row.Bytes(4).ToArray()));
        foreach (var entry in expired)
        {
            _dropPosition.Start().With(entry.Log).With(entry.Position).Run();
            _dropId.Start().With(entry.Log).With(entry.Id).Run();
            _drop.Start().With(entry.Arrival).Run();
            _dropExpiry.Start().With(entry.Hour).With(entry.Arrival).Run();
        }
        return expired.Count;
    }

    /// <inheritdoc/>
    public override int Settle(bool anyway)
    {
        if (Unsettled <= (anyway ? 0 : MostRecent) || Posts.HasSettled) return 0;
        var logs = Posts.Settle(Math.Max(Settled, 2 * Posts.Appended));
        foreach (var (log, entries) in logs.OrderBy(static each => each.Log.Value))
        {
            byte[] name = log.ToBytes();
            foreach (var entry in entries) _addPosition.Start().With(name).With(entry.Position).With(entry.Arrival).Run();
            foreach (var entry in entries.OrderBy(static entry => entry.Id.Value)) _addId.Start().With(name).With(entry.Id.ToBytes()).With(entry.Position).Run();
            Move(name, entries[^1].Position, entries.LastOrDefault(static entry => entry.IsCommit).Position);
        }
        foreach (var entry in logs.SelectMany(static log => log.Entries).OrderBy(static entry => (entry.ExpiresHour, entry.Arrival)))
            _addExpiry.Start().With(entry.ExpiresHour).With(entry.Arrival).Run();
        _settle.Start().With(Posts.OldestArrival() is { } oldest ? oldest - 1 : LastArrival).Run();
        return logs.Sum(static log => log.Entries.Count);
    }

    /// <summary>Takes into the indexes what a server that ended without notice has left out of them. In a transaction, before anything is asked.</summary>
    public void Recover()
    {
        var ends = new Dictionary<LogId, (long Position, long LastCommit)>();
        _unsettled.Start().With(One(_settledUpTo)).Each(row =>
        {
            var log = LogId.Of(row.Bytes(0));
            long position = row.Integer(1);
            byte[] name = log.ToBytes();
            _addPosition.Start().With(name).With(position).With(row.Integer(5)).Run();
            _addId.Start().With(name).With(row.Bytes(2)).With(position).Run();
            _addExpiry.Start().With(row.Integer(4)).With(row.Integer(5)).Run();
            ends.TryGetValue(log, out var end);
            ends[log] = (Math.Max(position, end.Position), (PostKind)row.Integer(3) == PostKind.Commit ? position : end.LastCommit);
            return true;
        });
        foreach (var (log, end) in ends) Move(log.ToBytes(), end.Position, end.LastCommit);
        _settle.Start().With(LastArrival).Run();
    }

    private static long One(Statement statement) => statement.Start().First(static row => row.Integer(0));

    private (long Position, long LastCommit)? End(LogId log) =>
        _end.Start().With(log.ToBytes()).First(static row => ((long, long)?)(row.Integer(0), row.Integer(1)));

    private void Move(byte[] log, long head, long lastCommit) => _move.Start().With(log).With(head).With(lastCommit).Run();

    /// <summary>Entries as many as fit one answer.</summary>
    private sealed class Page
    {
        private int _bytes;

        public List<LogEntry> Entries { get; } = [];

        public bool IsFull { get; private set; }

        public long Last { get; private set; }

        public bool TryAdd(long position, MessageId id, long kind, ReadOnlySpan<byte> content)
        {
            IsFull = Entries.Count == ProtocolLimits.EntriesPerRead || (Entries.Count > 0 && _bytes + content.Length > ProtocolLimits.EntriesBytesPerRead);
            if (IsFull) return false;
            _bytes += content.Length;
            Entries.Add(new LogEntry((ulong)position, id, (PostKind)kind, content.ToArray()));
            Last = position;
            return true;
        }
    }
}
