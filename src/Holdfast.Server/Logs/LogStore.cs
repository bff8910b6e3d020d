using Holdfast.Protocol;
using Holdfast.Server.Storage;

namespace Holdfast.Server.Logs;

/// <summary>Logs of ciphertext with their access keys. Nothing here names an account or a device.</summary>
internal sealed class LogStore(Database database)
{
    internal const string Tables =
        """
        CREATE TABLE logs (log BLOB PRIMARY KEY, head INTEGER NOT NULL, last_commit INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE access_keys (
            log BLOB NOT NULL, access_key BLOB NOT NULL, position INTEGER NOT NULL, posts_until_hour INTEGER,
            PRIMARY KEY (log, access_key)) WITHOUT ROWID;
        CREATE TABLE entries (
            arrival INTEGER PRIMARY KEY, log BLOB NOT NULL, position INTEGER NOT NULL, id BLOB NOT NULL, kind INTEGER NOT NULL,
            expires_hour INTEGER NOT NULL, bytes BLOB NOT NULL);
        CREATE UNIQUE INDEX entries_by_position ON entries (log, position);
        CREATE UNIQUE INDEX entries_by_id ON entries (log, id);
        CREATE INDEX entries_by_expiry ON entries (expires_hour);

        """;

    private const int EntriesPerSweep = 500;

    private readonly Statement _create = database.Prepare("INSERT OR IGNORE INTO logs VALUES (?, ?, 0)");
    private readonly Statement _head = database.Prepare("SELECT head FROM logs WHERE log = ?");
    private readonly Statement _keyPosition = database.Prepare("SELECT position FROM access_keys WHERE log = ? AND access_key = ?");
    private readonly Statement _mayPost = database.Prepare(
        "SELECT count(*) FROM access_keys WHERE log = ? AND access_key = ? AND (posts_until_hour IS NULL OR posts_until_hour > ?)");
    private readonly Statement _isLatest = database.Prepare(
        "SELECT count(*) FROM access_keys WHERE log = ? AND access_key = ? AND posts_until_hour IS NULL");
    private readonly Statement _supersede = database.Prepare(
        "UPDATE access_keys SET posts_until_hour = ?2 WHERE log = ?1 AND posts_until_hour IS NULL");
    private readonly Statement _addKey = database.Prepare(
        "INSERT INTO access_keys VALUES (?, ?, ?, NULL) ON CONFLICT DO UPDATE SET posts_until_hour = NULL");
    private readonly Statement _find = database.Prepare("SELECT position FROM entries WHERE log = ? AND id = ?");
    private readonly Statement _advance = database.Prepare(
        """
        UPDATE logs SET head = head + 1, last_commit = CASE WHEN ?3 THEN head + 1 ELSE last_commit END
        WHERE log = ?1 AND ?2 BETWEEN last_commit AND head RETURNING head
        """);
    private readonly Statement _append = database.Prepare(
        "INSERT INTO entries (log, position, id, kind, expires_hour, bytes) VALUES (?, ?, ?, ?, ?, ?)");
    private readonly Statement _read = database.Prepare(
        "SELECT position, id, kind, bytes FROM entries WHERE log = ? AND position > ? AND expires_hour > ? ORDER BY position LIMIT ?");
    private readonly Statement _dropEntries = database.Prepare(
        "DELETE FROM entries WHERE arrival IN (SELECT arrival FROM entries WHERE expires_hour <= ? LIMIT ?)");
    private readonly Statement _dropKeys = database.Prepare("DELETE FROM access_keys WHERE posts_until_hour <= ?");

    /// <summary>Makes an empty log that goes on behind a position; false where it exists with another first key.</summary>
    public bool Create(LogId log, ReadOnlySpan<byte> accessKey, ulong behind = 0)
    {
        if (_create.Start().With(log.ToBytes()).With((long)behind).Run() == 0) return KeyPosition(log, accessKey) == 0;
        AddKey(log, accessKey, 0);
        return true;
    }

    /// <summary>A log's last position; 0 where it is empty or there is none.</summary>
    public ulong Head(LogId log) => (ulong)_head.Start().With(log.ToBytes()).First(static row => row.Integer(0));

    /// <summary>From which position on a key reads, or null where it is no key of this log.</summary>
    public long? KeyPosition(LogId log, ReadOnlySpan<byte> accessKey) =>
        _keyPosition.Start().With(log.ToBytes()).With(accessKey).First(static row => (long?)row.Integer(0));

    /// <summary>Whether a key may still post.</summary>
    public bool MayPost(LogId log, ReadOnlySpan<byte> accessKey, long hour) =>
        _mayPost.Start().With(log.ToBytes()).With(accessKey).With(hour).First(static row => row.Integer(0)) > 0;

    /// <summary>Whether no later key has been added.</summary>
    public bool IsLatest(LogId log, ReadOnlySpan<byte> accessKey) =>
        _isLatest.Start().With(log.ToBytes()).With(accessKey).First(static row => row.Integer(0)) > 0;

    /// <summary>The keys before it may post until the given hour, the new one from now on; a key added again keeps its position.</summary>
    public void ReplaceKey(LogId log, ReadOnlySpan<byte> accessKey, ulong position, long oldPostUntilHour)
    {
        _supersede.Start().With(log.ToBytes()).With(oldPostUntilHour).Run();
        AddKey(log, accessKey, position);
    }

    /// <summary>Adds a key that reads from a position on and posts until a later one is added; one that is there keeps its position.</summary>
    public void AddKey(LogId log, ReadOnlySpan<byte> accessKey, ulong position) =>
        _addKey.Start().With(log.ToBytes()).With(accessKey).With((long)position).Run();

    /// <summary>Where an earlier try of the same post landed, or null.</summary>
    public ulong? Find(LogId log, MessageId id) => _find.Start().With(log.ToBytes()).With(id.ToBytes()).First(static row => (ulong?)row.Integer(0));

    /// <summary>
    /// The one conditional write that decides: takes the next position if no commit lies behind what the sender has seen,
    /// and if it has not seen more than there is. Null otherwise.
    /// </summary>
    public ulong? Advance(Post post) => _advance.Start().With(post.Log.ToBytes()).With((long)Math.Min(post.Position, long.MaxValue))
        .With(post.Kind == PostKind.Commit ? 1 : 0).First(static row => (ulong?)row.Integer(0));

    /// <summary>Keeps a post at the position <see cref="Advance"/> took.</summary>
    public void Append(Post post, ulong position, long expiresHour) => _append.Start().With(post.Log.ToBytes()).With((long)position)
        .With(post.Id.ToBytes()).With((int)post.Kind).With(expiresHour).With(post.Bytes.Span).Run();

    /// <summary>Entries behind a position, in order, as many as fit one answer.</summary>
    public List<LogEntry> Read(LogId log, ulong after, long hour)
    {
        var entries = new List<LogEntry>();
        int bytes = 0;
        _read.Start().With(log.ToBytes()).With((long)Math.Min(after, long.MaxValue)).With(hour).With(ProtocolLimits.EntriesPerRead).Each(row =>
        {
            var content = row.Bytes(3);
            if (entries.Count > 0 && bytes + content.Length > ProtocolLimits.EntriesBytesPerRead) return false;
            bytes += content.Length;
            entries.Add(new LogEntry((ulong)row.Integer(0), MessageId.Of(row.Bytes(1)), (PostKind)row.Integer(2), content.ToArray()));
            return true;
        });
        return entries;
    }

    /// <summary>Removes some of what has expired; fewer than asked for means that there is no more.</summary>
    public int DropExpired(long hour) => _dropEntries.Start().With(hour).With(EntriesPerSweep).Run();

    /// <summary>Removes keys that could post until some hour: what they could read has long expired.</summary>
    public int DropKeys(long hour) => _dropKeys.Start().With(hour).Run();
}
