using Holdfast.Protocol;
using Holdfast.Server.Storage;
using Holdfast.Server.Storage.Postgres;

namespace Holdfast.Server.Logs;

/// <summary>
/// Entries in two tables: what is looked up in a narrow one, the sealed bytes in another, which has a partition for each hour in which some of
/// them expire. Posts are decided by <see cref="PostgresPosts"/>, which holds the logs' rows.
/// </summary>
internal sealed class PostgresLogStore(PostgresDatabase database, PostgresPosts posts) : LogStore(database)
{
    internal const string EntryTables =
        """
        CREATE TABLE entries (
            log BYTEA NOT NULL, position BIGINT NOT NULL, id BYTEA NOT NULL, kind BIGINT NOT NULL, expires_hour BIGINT NOT NULL,
            size BIGINT NOT NULL, PRIMARY KEY (log, position));
        CREATE UNIQUE INDEX entries_by_id ON entries (log, id);
        CREATE INDEX entries_by_expiry ON entries (expires_hour);
        CREATE TABLE contents (
            log BYTEA NOT NULL, position BIGINT NOT NULL, expires_hour BIGINT NOT NULL, bytes BYTEA NOT NULL,
            PRIMARY KEY (log, position, expires_hour)) PARTITION BY LIST (expires_hour);

        """;

    private const int EntriesPerSweep = 5000;

    private readonly Statement _find = database.Prepare("SELECT position FROM entries WHERE log = $1 AND id = $2");
    private readonly Statement _read = database.Prepare(
        """
        SELECT e.position, e.id, e.kind, c.bytes FROM (
            SELECT *, sum(size) OVER (ORDER BY position) AS so_far FROM (
                SELECT position, id, kind, expires_hour, size FROM entries
                WHERE log = $1 AND position > $2 AND expires_hour > $3 ORDER BY position LIMIT $4) n) e
            JOIN contents c ON c.log = $1 AND c.position = e.position AND c.expires_hour = e.expires_hour
        WHERE e.so_far - e.size = 0 OR e.so_far <= $5 ORDER BY e.position
        """);
    private readonly Statement _expired = database.Prepare(
        "SELECT hour FROM (SELECT substr(relname, 10)::bigint AS hour FROM pg_class WHERE relkind = 'r' AND relispartition AND relname ~ '^contents_[0-9]+$') h WHERE hour <= $1");
    private readonly Statement _dropEntries = database.Prepare(
        "DELETE FROM entries WHERE (log, position) IN (SELECT log, position FROM entries WHERE expires_hour <= $1 LIMIT $2)");

    /// <inheritdoc/>
    public override ulong Head(LogId log) => posts.HeadOf(log) ?? base.Head(log);

    /// <inheritdoc/>
    public override bool MayPost(LogId log, ReadOnlySpan<byte> accessKey, long hour) => posts.MayPost(log, accessKey, hour) ?? base.MayPost(log, accessKey, hour);

    /// <inheritdoc/>
    public override void ReplaceKey(LogId log, ReadOnlySpan<byte> accessKey, ulong position, long oldPostUntilHour)
    {
        base.ReplaceKey(log, accessKey, position, oldPostUntilHour);
        posts.ForgetKeys(log);
    }

    /// <inheritdoc/>
    public override ulong? Find(LogId log, MessageId id) => posts.HeadOf(log) is null
        ? _find.Start().With(log.ToBytes()).With(id.ToBytes()).First(static row => (ulong?)row.Integer(0))
        : posts.Find(log, id);

    /// <inheritdoc/>
    public override ulong? Advance(Post post) => posts.Advance(post);

    /// <inheritdoc/>
    public override void Append(Post post, ulong position, long expiresHour) => posts.Append(post, position, expiresHour);

    /// <inheritdoc/>
    public override (List<LogEntry> Entries, ulong Head) Read(LogId log, ulong after, long hour) =>
        (_read.Start().With(log.ToBytes()).With((long)Math.Min(after, long.MaxValue)).With(hour).With(ProtocolLimits.EntriesPerRead)
            .With(ProtocolLimits.EntriesBytesPerRead)
            .All(static row => new LogEntry((ulong)row.Integer(0), MessageId.Of(row.Bytes(1)), (PostKind)row.Integer(2), row.Bytes(3).ToArray())), Head(log));

    /// <summary>The sealed bytes go at once, with the files they lie in; then the rows that named them, some at a time.</summary>
    public override int DropExpired(long hour)
    {
        foreach (long expired in _expired.Start().With(hour).All(static row => row.Integer(0)))
        {
            database.Execute(PostgresSchema.DropPartition(expired));
            posts.ForgetPartitions();
        }
        return _dropEntries.Start().With(hour).With(EntriesPerSweep).Run();
    }
}
