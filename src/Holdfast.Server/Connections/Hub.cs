using System.Collections.Immutable;
using Holdfast.Codec;
using Holdfast.Protocol;
using Holdfast.Server.Metrics;
using Holdfast.Server.Nodes;
using Holdfast.Server.Storage;

namespace Holdfast.Server.Connections;

/// <summary>Who is online and listens to which log. Memory only: it ends with the connections.</summary>
internal sealed class Hub(ServerMetrics metrics)
{
    private readonly Lock _gate = new();
    private readonly HashSet<Connection> _open = [];
    private readonly Dictionary<DeviceId, Connection> _devices = [];
    private readonly Dictionary<DeviceId, Connection> _latest = [];
    private readonly Dictionary<DeviceId, Connection> _reading = [];
    private readonly Dictionary<LogId, ImmutableArray<Connection>> _listeners = [];
    private bool _ending;

    /// <summary>What knows of other nodes; null where there are none.</summary>
    public Follower? Follower { get; set; }

    /// <summary>A connection was opened; false when the server is ending.</summary>
    public bool Open(Connection connection)
    {
        lock (_gate) return !_ending && _open.Add(connection);
    }

    /// <summary>
    /// The writer has raised a device's counter for this connection: from here on it carries out nothing that an earlier connection of the
    /// device has asked for, be it queued already. Two copies of a profile never both post.
    /// </summary>
    public void Supersede(Connection connection)
    {
        Connection? before;
        lock (_gate)
        {
            _latest.TryGetValue(connection.Device, out before);
            if (_open.Contains(connection)) _latest[connection.Device] = connection;
        }
        before?.Supersede();
    }

    /// <summary>
    /// A device has logged in: a connection of the same kind that it had before is replaced, and one that only reads also when the device
    /// is unlocked and has all of it. False when this one has ended already.
    /// </summary>
    public bool Attach(Connection connection)
    {
        Connection? before, reading;
        lock (_gate)
        {
            if (!_open.Contains(connection)) return false;
            var place = connection.IsReadOnly ? _reading : _devices;
            place.TryGetValue(connection.Device, out before);
            place[connection.Device] = connection;
            reading = connection.IsReadOnly ? null : _reading.GetValueOrDefault(connection.Device);
        }
        before?.End(RefusalCode.NotLoggedIn);
        reading?.End(RefusalCode.NotLoggedIn);
        return true;
    }

    /// <summary>A connection has ended, and with it all it listened to.</summary>
    public void Close(Connection connection)
    {
        lock (_gate)
        {
            _open.Remove(connection);
            if (_devices.TryGetValue(connection.Device, out var current) && current == connection) _devices.Remove(connection.Device);
            if (_latest.TryGetValue(connection.Device, out var latest) && latest == connection) _latest.Remove(connection.Device);
            if (_reading.TryGetValue(connection.Device, out var reading) && reading == connection) _reading.Remove(connection.Device);
            foreach (var log in connection.Listening) RemoveListener(log, connection);
            connection.Listening.Clear();
        }
    }

    /// <summary>From now on a connection gets what lands behind a position; what others here have had already, it reads.</summary>
    public void Listen(LogId log, ulong head, Connection connection)
    {
        ulong? pushed;
        lock (_gate)
        {
            if (!_open.Contains(connection) || !connection.Listening.Add(log)) return;
            _listeners[log] = _listeners.TryGetValue(log, out var listeners) ? listeners.Add(connection) : [connection];
            pushed = Follower?.Track(log, head);
        }
        if (pushed > head) connection.Outbound.NoteBehind(log, pushed.Value);
    }

    public void StopListening(LogId log, Connection connection)
    {
        lock (_gate)
        {
            if (connection.Listening.Remove(log)) RemoveListener(log, connection);
        }
    }

    /// <summary>Whether a device has a connection, be it one that only reads.</summary>
    public bool IsOnline(DeviceId device)
    {
        lock (_gate) return _devices.ContainsKey(device) || _reading.ContainsKey(device);
    }

    /// <summary>Pushes a durable batch: each frame is made once and shared by all who get it.</summary>
    public void Push(Batch batch)
    {
        foreach (var (log, entries) in batch.Appended) Push(log, entries);
        PushInboxes(batch);
    }

    /// <summary>Pushes entries of a log, in order, to all who listen.</summary>
    public void Push(LogId log, List<LogEntry> entries)
    {
        ulong head = entries[^1].Position;
        var listeners = ListenersOf(log);
        if (listeners.IsEmpty) return;
        foreach (var part in Split(entries))
        {
            byte[] frame = Tls.Encode<ServerFrame>(new Entries(0, log, head, part));
            foreach (var listener in listeners) listener.Outbound.Push(log, head, frame);
            metrics.Pushes.Add(listeners.Length);
        }
    }

    /// <summary>Tells all who listen how far the log goes: they read it.</summary>
    public void PushBehind(LogId log, ulong head)
    {
        foreach (var listener in ListenersOf(log)) listener.Outbound.NoteBehind(log, head);
    }

    /// <summary>Pushes what a batch filed into the inboxes of devices that are online here.</summary>
    public void PushInboxes(Batch batch)
    {
        foreach (var (device, items) in batch.Filed)
            foreach (var connection in ConnectionsOf(device))
                foreach (var item in items) connection.Outbound.PushInbox(Tls.Encode<ServerFrame>(new InboxItems(0, [item])));
    }

    /// <summary>Another node has filed something for a device: its connections here read the inbox.</summary>
    public void InboxMissed(DeviceId device)
    {
        foreach (var connection in ConnectionsOf(device)) connection.Outbound.NoteInbox();
    }

    /// <summary>A device has logged in on another node: what it had here is put out of action.</summary>
    public void Overtaken(DeviceId device, long counter)
    {
        Connection? before, reading;
        lock (_gate) (before, reading) = (_devices.GetValueOrDefault(device), _reading.GetValueOrDefault(device));
        if (before is not null && before.Counter < counter) before.Supersede();
        if (reading is not null && reading.Counter < counter) reading.End(RefusalCode.NotLoggedIn);
    }

    /// <summary>The devices that are online here.</summary>
    public List<DeviceId> Online()
    {
        lock (_gate) return [.. _devices.Keys.Union(_reading.Keys)];
    }

    /// <summary>How many connections there are.</summary>
    public int Count
    {
        get { lock (_gate) return _open.Count; }
    }

    /// <summary>Lets in no new connection; returns those there are.</summary>
    public Connection[] CloseDoors()
    {
        lock (_gate)
        {
            _ending = true;
            return [.. _open];
        }
    }

    /// <summary>Ends every connection and lets in no new one.</summary>
    public void EndAll()
    {
        foreach (var connection in CloseDoors()) connection.End(RefusalCode.ShuttingDown);
    }

    /// <summary>Parts that fit a frame.</summary>
    private static IEnumerable<List<LogEntry>> Split(List<LogEntry> entries)
    {
        var part = new List<LogEntry>();
        int bytes = 0;
        foreach (var entry in entries)
        {
            if (part.Count == ProtocolLimits.EntriesPerRead || (part.Count > 0 && bytes + entry.Bytes.Length > ProtocolLimits.EntriesBytesPerRead))
            {
                yield return part;
                (part, bytes) = ([], 0);
            }
            part.Add(entry);
            bytes += entry.Bytes.Length;
        }
        yield return part;
    }

    private ImmutableArray<Connection> ListenersOf(LogId log)
    {
        lock (_gate) return _listeners.TryGetValue(log, out var listeners) ? listeners : [];
    }

    private List<Connection> ConnectionsOf(DeviceId device)
    {
        lock (_gate) return [.. new[] { _devices.GetValueOrDefault(device), _reading.GetValueOrDefault(device) }.OfType<Connection>()];
    }

    private void RemoveListener(LogId log, Connection connection)
    {
        var left = _listeners[log].Remove(connection);
        if (left.IsEmpty)
        {
            _listeners.Remove(log);
            Follower?.Forget(log);
        }
        else _listeners[log] = left;
    }
}
