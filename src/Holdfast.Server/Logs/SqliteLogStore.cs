using Holdfast.Protocol;
using Holdfast.Server.Storage;
using Holdfast.Server.Storage.Sqlite;

namespace Holdfast.Server.Logs;

/// <summary>Entries in one table in order of arrival, with narrow indexes: clustered by log they would cost a multiple to write.</summary>
internal sealed class SqliteLogStore(SqliteDatabase database) : LogStore(database)
{
    internal const string EntryTables =
        """
        CREATE TABLE entries (
            arrival INTEGER PRIMARY KEY, log BLOB NOT NULL, position INTEGER NOT NULL, id BLOB NOT NULL, kind INTEGER NOT NULL,
            expires_hour INTEGER NOT NULL, bytes BLOB NOT NULL);
        CREATE UNIQUE INDEX entries_by_position ON entries (log, position);
        CREATE UNIQUE INDEX entries_by_id ON entries (log, id);
        CREATE INDEX entries_by_expiry ON entries (expires_hour);

        """;

    private const int EntriesPerSweep = 500;

    private readonly Statement _find = database.Prepare("SELECT position FROM entries WHERE log = $1 AND id = $2");
    private readonly Statement _advance = database.Prepare(
        """
        UPDATE logs SET head = head + 1, last_commit = CASE WHEN $3 = 1 THEN head + 1 ELSE last_commit END
        WHERE log = $1 AND $2 BETWEEN last_commit AND head RETURNING head
        """);
    private readonly Statement _append = database.Prepare(
        "INSERT INTO entries (log, position, id, kind, expires_hour, bytes) VALUES ($1, $2, $3, $4, $5, $6)");
    private readonly Statement _read = database.Prepare(
        "SELECT position, id, kind, bytes FROM entries WHERE log = $1 AND position > $2 AND expires_hour > $3 ORDER BY position LIMIT $4");
    private readonly Statement _dropEntries = database.Prepare(
        "DELETE FROM entries WHERE arrival IN (SELECT arrival FROM entries WHERE expires_hour <= $1 LIMIT $2)");

    /// <inheritdoc/>
    public override ulong? Find(LogId log, MessageId id) => _find.Start().With(log.ToBytes()).With(id.ToBytes()).First(static row => (ulong?)row.Integer(0));

    /// <inheritdoc/>
    public override ulong? Advance(Post post) => _advance.Start().With(post.Log.ToBytes()).With((long)Math.Min(post.Position, long.MaxValue))
        .With(post.Kind == PostKind.Commit ? 1 : 0).First(static row => (ulong?)row.Integer(0));

    /// <inheritdoc/>
    public override void Append(Post post, ulong position, long expiresHour) => _append.Start().With(post.Log.ToBytes()).With((long)position)
        .With(post.Id.ToBytes()).With((int)post.Kind).With(expiresHour).With(post.Bytes.Span).Run();

    /// <inheritdoc/>
    public override List<LogEntry> Read(LogId log, ulong after, long hour)
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

    /// <inheritdoc/>
    public override int DropExpired(long hour) => _dropEntries.Start().With(hour).With(EntriesPerSweep).Run();
}
