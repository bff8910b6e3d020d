using System.Collections.Immutable;
using Holdfast.Codec;
using Holdfast.Protocol;
using Holdfast.Server.Metrics;
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

    public void Listen(LogId log, Connection connection)
    {
        lock (_gate)
        {
            if (!_open.Contains(connection) || !connection.Listening.Add(log)) return;
            _listeners[log] = _listeners.TryGetValue(log, out var listeners) ? listeners.Add(connection) : [connection];
        }
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
        foreach (var (log, entries) in batch.Appended)
        {
            ImmutableArray<Connection> listeners;
            lock (_gate)
                if (!_listeners.TryGetValue(log, out listeners)) continue;
            ulong head = entries[^1].Position;
            foreach (var part in Split(entries))
            {
                byte[] frame = Tls.Encode<ServerFrame>(new Entries(0, log, head, part));
                foreach (var listener in listeners) listener.Outbound.Push(log, head, frame);
                metrics.Pushes.Add(listeners.Length);
            }
        }
        foreach (var (device, items) in batch.Filed)
        {
            List<Connection> connections;
            lock (_gate) connections = [.. new[] { _devices.GetValueOrDefault(device), _reading.GetValueOrDefault(device) }.OfType<Connection>()];
            foreach (var connection in connections)
                foreach (var item in items) connection.Outbound.PushInbox(Tls.Encode<ServerFrame>(new InboxItems(0, [item])));
        }
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

    private void RemoveListener(LogId log, Connection connection)
    {
        var left = _listeners[log].Remove(connection);
        if (left.IsEmpty) _listeners.Remove(log);
        else _listeners[log] = left;
    }
}
