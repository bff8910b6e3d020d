using Holdfast.Protocol;
using Holdfast.Server.Storage;

namespace Holdfast.Server.Logs;

/// <summary>
/// Logs of ciphertext with their access keys. Nothing here names an account or a device. What decides and what is read is the same on every
/// database; how entries lie on the disk is not.
/// </summary>
internal abstract class LogStore(Database database)
{
    internal const string Tables =
        """
        CREATE TABLE logs (log BLOB PRIMARY KEY, head INTEGER NOT NULL, last_commit INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE access_keys (
            log BLOB NOT NULL, access_key BLOB NOT NULL, position INTEGER NOT NULL, posts_until_hour INTEGER,
            PRIMARY KEY (log, access_key)) WITHOUT ROWID;

        """;

    private readonly Statement _create = database.Prepare("INSERT INTO logs VALUES ($1, $2, 0) ON CONFLICT DO NOTHING");
    private readonly Statement _head = database.Prepare("SELECT head FROM logs WHERE log = $1");
    private readonly Statement _keyPosition = database.Prepare("SELECT position FROM access_keys WHERE log = $1 AND access_key = $2");
    private readonly Statement _mayPost = database.Prepare(
        "SELECT count(*) FROM access_keys WHERE log = $1 AND access_key = $2 AND (posts_until_hour IS NULL OR posts_until_hour > $3)");
    private readonly Statement _isLatest = database.Prepare(
        "SELECT count(*) FROM access_keys WHERE log = $1 AND access_key = $2 AND posts_until_hour IS NULL");
    private readonly Statement _supersede = database.Prepare(
        "UPDATE access_keys SET posts_until_hour = $2 WHERE log = $1 AND posts_until_hour IS NULL");
    private readonly Statement _addKey = database.Prepare(
        "INSERT INTO access_keys VALUES ($1, $2, $3, NULL) ON CONFLICT (log, access_key) DO UPDATE SET posts_until_hour = NULL");
    private readonly Statement _dropKeys = database.Prepare("DELETE FROM access_keys WHERE posts_until_hour <= $1");

    /// <summary>Makes an empty log that goes on behind a position; false where it exists with another first key.</summary>
    public bool Create(LogId log, ReadOnlySpan<byte> accessKey, ulong behind = 0)
    {
        if (_create.Start().With(log.ToBytes()).With((long)behind).Run() == 0) return KeyPosition(log, accessKey) == 0;
        AddKey(log, accessKey, 0);
        return true;
    }

    /// <summary>A log's last position; 0 where it is empty or there is none.</summary>
    public virtual ulong Head(LogId log) => (ulong)_head.Start().With(log.ToBytes()).First(static row => row.Integer(0));

    /// <summary>From which position on a key reads, or null where it is no key of this log.</summary>
    public long? KeyPosition(LogId log, ReadOnlySpan<byte> accessKey) =>
        _keyPosition.Start().With(log.ToBytes()).With(accessKey).First(static row => (long?)row.Integer(0));

    /// <summary>Whether a key may still post.</summary>
    public virtual bool MayPost(LogId log, ReadOnlySpan<byte> accessKey, long hour) =>
        _mayPost.Start().With(log.ToBytes()).With(accessKey).With(hour).First(static row => row.Integer(0)) > 0;

    /// <summary>Whether no later key has been added.</summary>
    public bool IsLatest(LogId log, ReadOnlySpan<byte> accessKey) =>
        _isLatest.Start().With(log.ToBytes()).With(accessKey).First(static row => row.Integer(0)) > 0;

    /// <summary>The keys before it may post until the given hour, the new one from now on; a key added again keeps its position.</summary>
    public virtual void ReplaceKey(LogId log, ReadOnlySpan<byte> accessKey, ulong position, long oldPostUntilHour)
    {
        _supersede.Start().With(log.ToBytes()).With(oldPostUntilHour).Run();
        AddKey(log, accessKey, position);
    }

    /// <summary>Adds a key that reads from a position on and posts until a later one is added; one that is there keeps its position.</summary>
    public void AddKey(LogId log, ReadOnlySpan<byte> accessKey, ulong position) =>
        _addKey.Start().With(log.ToBytes()).With(accessKey).With((long)position).Run();

    /// <summary>Where an earlier try of the same post landed, or null.</summary>
    public abstract ulong? Find(LogId log, MessageId id);

    /// <summary>
    /// The one conditional write that decides: takes the next position if no commit lies behind what the sender has seen,
    /// and if it has not seen more than there is. Null otherwise.
    /// </summary>
    public abstract ulong? Advance(Post post);

    /// <summary>Keeps a post at the position <see cref="Advance"/> took.</summary>
    public abstract void Append(Post post, ulong position, long expiresHour);

    /// <summary>Entries behind a position, in order, as many as fit one answer, and the log's last position. First of all that a transaction asks.</summary>
    public abstract (List<LogEntry> Entries, ulong Head) Read(LogId log, ulong after, long hour);

    /// <summary>How many entries wait to be taken into indexes.</summary>
    public virtual int Unsettled => 0;

    /// <summary>Takes some of the entries that wait into indexes, where that is asked for or too many wait; returns how many. Once in a transaction.</summary>
    public virtual int Settle(bool anyway) => 0;

    /// <summary>Removes some of what has expired and does not wait to be taken into indexes; none means that there is no more.</summary>
    public abstract int DropExpired(long hour);

    /// <summary>Removes keys that could post until some hour: what they could read has long expired.</summary>
    public int DropKeys(long hour) => _dropKeys.Start().With(hour).Run();
}
