using Holdfast.Protocol;
using Holdfast.Server.Connections;
using Holdfast.Server.Storage;
using Holdfast.Server.Storage.Postgres;
using Microsoft.Extensions.Logging;
using Npgsql;
using NpgsqlTypes;

namespace Holdfast.Server.Nodes;

/// <summary>
/// What is pushed on a node that is not alone: entries of logs somebody here listens to, whoever appended them, each once and in order. What this
/// node appends goes on from memory where it continues what was pushed; where there is a gap, and for what others append, the log is read.
/// Wake-ups may be lost: every few seconds all heads are compared.
/// </summary>
internal sealed class Follower : IAsyncDisposable
{
    private const int EntriesAtOnce = 64;
    private const int LogsAtOnce = 64;
    private const int BytesAtOnce = ProtocolLimits.EntriesBytesPerRead / 2;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan BetweenLooksAtDevices = TimeSpan.FromMilliseconds(200);

    private readonly Hub _hub;
    private readonly PostgresDatabase _database;
    private readonly Retention _retention;
    private readonly ILogger _log;
    private readonly Lock _gate = new();      // what follows; never held while something is pushed
    private readonly Dictionary<LogId, ulong> _pushed = [];
    private readonly HashSet<LogId> _asked = [];
    private bool _all, _inboxes, _logins;
    private readonly Lock _pushing = new();   // pushes of one log come from two threads, and stay in order
    private readonly SemaphoreSlim _wake = new(0, 1);
    private readonly CancellationTokenSource _ending = new();
    private readonly Task _running;
    private long _allAt = Environment.TickCount64;

    public Follower(Hub hub, PostgresDatabase database, Retention retention, ILogger log)
    {
        (_hub, _database, _retention, _log) = (hub, database, retention, log);
        _running = Task.Run(RunAsync);
    }

    /// <summary>Somebody here begins to listen to a log that ended at <paramref name="head"/>; returns how far it was pushed to others.</summary>
    public ulong Track(LogId log, ulong head)
    {
        lock (_gate)
        {
            if (_pushed.TryGetValue(log, out ulong pushed)) return pushed;
            _pushed.Add(log, head);
            Ask(log);   // something may have landed since
            return head;
        }
    }

    /// <summary>Nobody here listens to it any more.</summary>
    public void Forget(LogId log)
    {
        lock (_gate)
        {
            _pushed.Remove(log);
            _asked.Remove(log);
        }
    }

    /// <summary>Pushes what this node has appended.</summary>
    public void Push(Batch batch)
    {
        lock (_pushing)
        {
            foreach (var (log, entries) in batch.Appended)
                if (Continues(log, entries) is { Count: > 0 } next) _hub.Push(log, next);
        }
        _hub.PushInboxes(batch);
    }

    /// <summary>A log has grown on another node.</summary>
    public void LookAt(LogId log, ulong head)
    {
        lock (_gate)
            if (_pushed.TryGetValue(log, out ulong pushed) && head > pushed) Ask(log);
    }

    /// <summary>Some device has mail.</summary>
    public void LookAtInboxes() => Look(ref _inboxes);

    /// <summary>Some device has logged in elsewhere.</summary>
    public void LookAtLogins() => Look(ref _logins);

    /// <summary>Anything may have happened.</summary>
    public void LookAtAll()
    {
        lock (_gate) _all = _inboxes = _logins = true;
        Wake();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await _running;
        _ending.Dispose();
        _wake.Dispose();
        _database.Dispose();
    }

    private void Look(ref bool what)
    {
        lock (_gate) what = true;
        Wake();
    }

    private void Ask(LogId log)
    {
        _asked.Add(log);
        Wake();
    }

    private void Wake()
    {
        try { _wake.Release(); }
        catch (SemaphoreFullException) { return; }   // it is awake
    }

    /// <summary>Those that come next; where others come before them, the log is read instead.</summary>
    private List<LogEntry>? Continues(LogId log, List<LogEntry> entries)
    {
        lock (_gate)
        {
            if (!_pushed.TryGetValue(log, out ulong pushed) || entries[^1].Position <= pushed) return null;
            var next = entries[0].Position > pushed ? entries : entries.FindAll(entry => entry.Position > pushed);
            if (next[0].Position != pushed + 1)
            {
                Ask(log);
                return null;
            }
            _pushed[log] = next[^1].Position;
            return next;
        }
    }

    private async Task RunAsync()
    {
        try
        {
            while (true)
            {
                await _wake.WaitAsync(Interval, _ending.Token);
                try { Follow(); }
                catch (StorageException)   // the writer tells of it; the next look sees everything
                {
                    lock (_gate) _all = _inboxes = _logins = true;
                    await Task.Delay(Interval, _ending.Token);
                }
                catch (Exception bug) when (bug is not OperationCanceledException)   // the follower's main loop
                {
                    Log.FollowerFailed(_log, Fault.Of(bug));
                }
            }
        }
        catch (OperationCanceledException) when (_ending.IsCancellationRequested) { return; }
    }

    private void Follow()
    {
        bool all = Environment.TickCount64 - _allAt >= Interval.TotalMilliseconds, inboxes, logins;
        if (all) _allAt = Environment.TickCount64;
        List<(LogId Log, ulong After)> logs;
        lock (_gate)
        {
            all |= _all;
            (inboxes, logins) = (_inboxes, _logins);
            logs = all ? [.. _pushed.Select(static each => (each.Key, each.Value))] : [.. _asked.Where(_pushed.ContainsKey).Select(log => (log, _pushed[log]))];
            _asked.Clear();
            _all = _inboxes = _logins = false;
        }
        foreach (var some in logs.Chunk(LogsAtOnce)) ReadOn(some);
        if (inboxes) foreach (var device in DevicesWithMail()) _hub.InboxMissed(device);
        if (logins) foreach (var (device, counter) in Counters()) _hub.Overtaken(device, counter);
        if (inboxes || logins) Thread.Sleep(BetweenLooksAtDevices);   // many devices that come at once are looked at once
    }

    /// <summary>Reads what has landed in some logs and pushes it.</summary>
    private void ReadOn((LogId Log, ulong After)[] logs)
    {
        foreach (var log in Read(logs).GroupBy(static entry => entry.Log))
        {
            var entries = log.ToList();
            lock (_pushing) PushRead(log.Key, entries);
        }
    }

    private void PushRead(LogId log, List<ReadEntry> read)
    {
        var next = new List<LogEntry>();
        ulong? behind = null;
        lock (_gate)
        {
            if (!_pushed.TryGetValue(log, out ulong pushed)) return;
            foreach (var entry in read.Where(entry => entry.Position > pushed))
            {
                if (entry.Bytes is not { } bytes) behind = entry.Position;   // too much, or it has expired
                else if (behind is null) next.Add(new LogEntry(entry.Position, entry.Id, entry.Kind, bytes));
                else behind = entry.Position;
                _pushed[log] = entry.Position;
            }
            if (read.Count >= EntriesAtOnce) Ask(log);
        }
        if (next.Count > 0) _hub.Push(log, next);
        if (behind is { } head) _hub.PushBehind(log, head);
    }

    /// <summary>An entry as it was read; without bytes where there is too much for a push, and whoever listens reads it.</summary>
    private readonly record struct ReadEntry(LogId Log, ulong Position, MessageId Id, PostKind Kind, byte[]? Bytes);

    /// <summary>The next entries of each log that has grown; where all of them have expired, only how far it goes.</summary>
    private List<ReadEntry> Read((LogId Log, ulong After)[] logs) => Query(
        """
        SELECT l.log, coalesce(e.position, l.head), coalesce(e.id, ''::bytea), coalesce(e.kind, 0), c.bytes
        FROM unnest($1, $2) AS n (log, after) JOIN logs l ON l.log = n.log AND l.head > n.after
        LEFT JOIN LATERAL (
            SELECT *, sum(size) OVER (ORDER BY position) AS so_far FROM (
                SELECT position, id, kind, expires_hour, size FROM entries
                WHERE log = n.log AND position > n.after AND expires_hour > $3 ORDER BY position LIMIT $5) s) e ON true
        LEFT JOIN contents c ON c.log = n.log AND c.position = e.position AND c.expires_hour = e.expires_hour AND e.so_far <= $4
        ORDER BY l.log, 2
        """,
        static row => new ReadEntry(
            LogId.Of(row.GetFieldValue<byte[]>(0)), (ulong)row.GetInt64(1), row.GetFieldValue<byte[]>(2) is { Length: > 0 } id ? MessageId.Of(id) : default,
            (PostKind)row.GetInt64(3), row.IsDBNull(4) ? null : row.GetFieldValue<byte[]>(4)),
        (byte[][])[.. logs.Select(static each => each.Log.ToBytes())], (long[])[.. logs.Select(static each => (long)each.After)],
        _retention.Hour, (long)BytesAtOnce, (long)EntriesAtOnce);

    private List<DeviceId> DevicesWithMail() => Query(
        "SELECT DISTINCT device FROM inbox WHERE device = ANY($1)", static row => DeviceId.Of(row.GetFieldValue<byte[]>(0)), (object)Online());

    private List<(DeviceId Device, long Counter)> Counters() => Query(
        "SELECT device, login_counter FROM devices WHERE device = ANY($1)",
        static row => (DeviceId.Of(row.GetFieldValue<byte[]>(0)), row.GetInt64(1)), (object)Online());

    private byte[][] Online() => [.. _hub.Online().Select(static device => device.ToBytes())];

    private List<T> Query<T>(string sql, Func<NpgsqlDataReader, T> read, params object[] values)
    {
        var found = new List<T>();
        PostgresDatabase.Guard(() =>
        {
            using var command = PostgresDatabase.Command(sql, _database.Connection);
            foreach (object value in values)
            {
                var type = value switch
                {
                    byte[][] => NpgsqlDbType.Array | NpgsqlDbType.Bytea,
                    long[] => NpgsqlDbType.Array | NpgsqlDbType.Bigint,
                    _ => NpgsqlDbType.Bigint,
                };
                command.Parameters.Add(new NpgsqlParameter { Value = value, NpgsqlDbType = type });
            }
            using var rows = command.ExecuteReader();
            while (rows.Read()) found.Add(read(rows));
        });
        return found;
    }
}
