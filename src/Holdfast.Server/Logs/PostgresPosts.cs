using System.Data;
using Holdfast.Protocol;
using Holdfast.Server.Storage;
using Holdfast.Server.Storage.Postgres;
using Npgsql;
using NpgsqlTypes;

namespace Holdfast.Server.Logs;

/// <summary>
/// The posts of one batch on a shared database: what they ask for is locked and read in one round trip, they are decided in memory, in order, and
/// what they append is written together. The logs' rows stay locked until the commit, so no other node decides about them meanwhile.
/// </summary>
/// <remarks>
/// No row of a device is touched for a post: a row would keep the number of the transaction that locked it, and entries keep the number of the
/// one that wrote them. Whether a device has logged in elsewhere is therefore guarded by advisory locks, which never reach the disk.
/// </remarks>
internal sealed class PostgresPosts
{
    private readonly Dictionary<LogId, LogHead> _heads = [];
    private readonly Dictionary<(LogId, MessageId), ulong> _found = [];
    private readonly Dictionary<(LogId, string), long?> _postsUntil = [];
    private readonly Dictionary<DeviceId, long> _counters = [];
    private readonly HashSet<long> _partitions = [];
    private readonly List<(Post Post, ulong Position, long ExpiresHour)> _appended = [];

    /// <summary>Forgets everything, at the beginning and the end of a transaction.</summary>
    public void Clear()
    {
        _heads.Clear();
        _found.Clear();
        _postsUntil.Clear();
        _counters.Clear();
        _appended.Clear();
    }

    /// <summary>Locks and reads what is announced: devices first, then logs, each in order, so that two nodes do not wait for each other.</summary>
    public void Load(NpgsqlConnection connection, Announced announced)
    {
        MakePartitions(connection, announced);
        if (announced.Devices.Count == 0) return;
        using var batch = new NpgsqlBatch(connection);
        AskForDevices(batch, announced);
        if (announced.Posts.Count > 0) AskForPosts(batch, announced);
        using var rows = batch.ExecuteReader();
        while (rows.Read()) continue;   // the locks
        Next(rows, () => _counters[DeviceId.Of(Bytes(rows, 0))] = rows.GetInt64(1));
        if (announced.Posts.Count == 0) return;
        Next(rows, () => _heads[LogId.Of(Bytes(rows, 0))] = new LogHead(rows.GetInt64(1), rows.GetInt64(2)));
        Next(rows, () => _found[(LogId.Of(Bytes(rows, 0)), MessageId.Of(Bytes(rows, 1)))] = (ulong)rows.GetInt64(2));
        Next(rows, () => _postsUntil[(LogId.Of(Bytes(rows, 0)), Name(Bytes(rows, 1)))] = rows.IsDBNull(2) ? null : rows.GetInt64(2));
    }

    /// <summary>A device's login counter, where it is held.</summary>
    public long? LoginCounter(DeviceId device) => _counters.TryGetValue(device, out long counter) ? counter : null;

    /// <summary>Where the log ends, where it is held.</summary>
    public ulong? HeadOf(LogId log) => _heads.TryGetValue(log, out var head) ? (ulong)head.Position : null;

    /// <summary>Where an earlier try of a post landed, be it in this batch.</summary>
    public ulong? Find(LogId log, MessageId id) => _found.TryGetValue((log, id), out ulong position) ? position : null;

    /// <summary>Whether a key may post; null where it is not held.</summary>
    public bool? MayPost(LogId log, ReadOnlySpan<byte> accessKey, long hour) =>
        _postsUntil.TryGetValue((log, Name(accessKey)), out long? until) ? until is null || until > hour : null;

    /// <summary>A log's keys have changed: from now on they are asked for.</summary>
    public void ForgetKeys(LogId log)
    {
        foreach (var key in _postsUntil.Keys.Where(key => key.Item1 == log).ToList()) _postsUntil.Remove(key);
    }

    /// <summary>As <see cref="LogHead.Advance"/>, of a log that is held.</summary>
    public ulong? Advance(Post post) => _heads.TryGetValue(post.Log, out var head) ? head.Advance(post) : null;

    /// <summary>Keeps a post to be written with the others.</summary>
    public void Append(Post post, ulong position, long expiresHour)
    {
        _appended.Add((post, position, expiresHour));
        _found[(post.Log, post.Id)] = position;
    }

    /// <summary>What has to be written before the commit.</summary>
    public void Write(NpgsqlBatch batch)
    {
        if (_appended.Count == 0) return;
        byte[][] logs = [.. _appended.Select(static each => each.Post.Log.ToBytes())];
        long[] positions = [.. _appended.Select(static each => (long)each.Position)], expiries = [.. _appended.Select(static each => each.ExpiresHour)];
        Add(batch, "INSERT INTO entries (log, position, id, kind, expires_hour, size) SELECT * FROM unnest($1, $2, $3, $4, $5, $6)",
            logs, positions, (byte[][])[.. _appended.Select(static each => each.Post.Id.ToBytes())],
            (long[])[.. _appended.Select(static each => (long)each.Post.Kind)], expiries,
            (long[])[.. _appended.Select(static each => (long)each.Post.Bytes.Length)]);
        Add(batch, "INSERT INTO contents (log, position, expires_hour, bytes) SELECT * FROM unnest($1, $2, $3, $4)",
            logs, positions, expiries, (byte[][])[.. _appended.Select(static each => each.Post.Bytes.ToArray())]);
        var moved = _heads.Where(static each => each.Value.HasMoved).ToList();
        Add(batch, "UPDATE logs SET head = n.head, last_commit = n.last_commit FROM unnest($1, $2, $3) AS n (log, head, last_commit) WHERE logs.log = n.log",
            (byte[][])[.. moved.Select(static each => each.Key.ToBytes())], (long[])[.. moved.Select(static each => each.Value.Position)],
            (long[])[.. moved.Select(static each => each.Value.LastCommit)]);
    }

    /// <summary>
    /// Contents lie in a partition for each hour in which some expire, so that what has expired leaves the disk with its file.
    /// A new one is made before anything else is locked.
    /// </summary>
    private void MakePartitions(NpgsqlConnection connection, Announced announced)
    {
        foreach (long hour in announced.Posts.Select(static post => post.ExpiresHour).Distinct())
        {
            if (_partitions.Contains(hour)) continue;
            using var command = PostgresDatabase.Command(PostgresSchema.Partition(hour), connection);
            command.ExecuteNonQuery();
            _partitions.Add(hour);
        }
    }

    /// <summary>A partition has gone, or may have: whether it is there is asked again.</summary>
    public void ForgetPartitions() => _partitions.Clear();

    private static void AskForDevices(NpgsqlBatch batch, Announced announced)
    {
        var devices = announced.Devices.Select(static each => (Key: LockOf(each.Key), LogsIn: each.Value)).OrderBy(static each => each.Key).ToList();
        Add(batch,
            """
            SELECT CASE WHEN logs_in THEN pg_advisory_xact_lock(k) ELSE pg_advisory_xact_lock_shared(k) END
            FROM unnest($1, $2) AS d (k, logs_in)
            """,
            (long[])[.. devices.Select(static each => each.Key)], (bool[])[.. devices.Select(static each => each.LogsIn)]);
        Add(batch, "SELECT device, login_counter FROM devices WHERE device = ANY($1)", (object)(byte[][])[.. announced.Devices.Keys.Select(static each => each.ToBytes())]);
    }

    private static void AskForPosts(NpgsqlBatch batch, Announced announced)
    {
        byte[][] logs = [.. announced.Posts.Select(static post => post.Log.ToBytes())];
        byte[][] distinct = [.. announced.Posts.Select(static post => post.Log).Distinct().Select(static log => log.ToBytes())];
        Add(batch, "SELECT log, head, last_commit FROM logs WHERE log = ANY($1) ORDER BY log FOR NO KEY UPDATE", (object)distinct);
        Add(batch, "SELECT e.log, e.id, e.position FROM unnest($1, $2) AS n (log, id) JOIN entries e ON e.log = n.log AND e.id = n.id",
            logs, (byte[][])[.. announced.Posts.Select(static post => post.Id.ToBytes())]);
        Add(batch,
            """
            SELECT DISTINCT k.log, k.access_key, k.posts_until_hour
            FROM unnest($1, $2) AS n (log, access_key) JOIN access_keys k ON k.log = n.log AND k.access_key = n.access_key
            """,
            logs, (byte[][])[.. announced.Posts.Select(static post => post.AccessKey.ToArray())]);
    }

    /// <summary>Arrays say their type, so that an empty one has one.</summary>
    private static void Add(NpgsqlBatch batch, string sql, params object[] arrays)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (object array in arrays)
        {
            var type = array switch { byte[][] => NpgsqlDbType.Bytea, long[] => NpgsqlDbType.Bigint, _ => NpgsqlDbType.Boolean };
            command.Parameters.Add(new NpgsqlParameter { Value = array, NpgsqlDbType = NpgsqlDbType.Array | type });
        }
        batch.BatchCommands.Add(command);
    }

    private static void Next(NpgsqlDataReader rows, Action row)
    {
        rows.NextResult();
        while (rows.Read()) row();
    }

    private static byte[] Bytes(NpgsqlDataReader rows, int column) => rows.GetFieldValue<byte[]>(column);

    private static string Name(ReadOnlySpan<byte> accessKey) => Convert.ToBase64String(accessKey);

    /// <summary>The advisory lock of a device: two that share one only wait for each other.</summary>
    private static long LockOf(DeviceId device) => BitConverter.ToInt64(device.ToBytes());
}
