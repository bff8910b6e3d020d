using System.Buffers;
using System.Threading.Tasks.Sources;
using Holdfast.Codec;
using Holdfast.Protocol;

namespace Holdfast.Server.Connections;

/// <summary>
/// What waits to be sent on one connection, bounded in bytes. Answers always find room, because a connection's next request is
/// read only when there is some; pushes do not: a reader too slow for them is told that it is behind, once it reads again.
/// All that waits leaves in one write, up to a few records of TLS.
/// </summary>
internal sealed class Outbound(int limit, Action<long>? countBehind = null) : IValueTaskSource
{
    private const int ParcelBytes = 32 << 10;
    private const int LargeBytes = 16 << 10;

    private readonly Lock _gate = new();
    private readonly Queue<ReadOnlyMemory<byte>> _frames = [];
    private ManualResetValueTaskSourceCore<bool> _wake = new() { RunContinuationsAsynchronously = true };
    private byte[]? _pong;
    private bool _ping, _waiting;
    private Dictionary<LogId, ulong>? _behind;
    private TaskCompletionSource? _room;
    private long _bytes;
    private int _sending;
    private bool _inboxMissed;
    private bool _complete;

    /// <summary>Queues an answer.</summary>
    public void Answer(ReadOnlyMemory<byte> frame)
    {
        lock (_gate) Add(frame);
    }

    /// <summary>Queues entries of a log, or notes that the reader is behind.</summary>
    public void Push(LogId log, ulong head, ReadOnlyMemory<byte> frame)
    {
        lock (_gate)
        {
            if (_bytes <= limit && _behind?.ContainsKey(log) != true) Add(frame);
            else (_behind ??= [])[log] = head;
        }
    }

    /// <summary>Queues an inbox item, or notes that the inbox is to be read.</summary>
    public void PushInbox(ReadOnlyMemory<byte> frame)
    {
        lock (_gate)
        {
            if (_bytes <= limit && !_inboxMissed) Add(frame);
            else _inboxMissed = true;
        }
    }

    /// <summary>Notes that the reader is behind in a log, because what is there was not pushed.</summary>
    public void NoteBehind(LogId log, ulong head)
    {
        lock (_gate)
        {
            (_behind ??= [])[log] = head;
            Wake();
        }
    }

    /// <summary>Notes that the inbox is to be read.</summary>
    public void NoteInbox()
    {
        lock (_gate)
        {
            _inboxMissed = true;
            Wake();
        }
    }

    /// <summary>Nothing more will be queued: what is there is sent, then the connection ends. Once is enough, even after that end.</summary>
    public void Complete()
    {
        lock (_gate)
        {
            if (_complete) return;
            _complete = true;
            Wake();
        }
    }

    /// <summary>Waits until the next request may be read.</summary>
    public Task RoomAsync()
    {
        lock (_gate)
            return _bytes <= limit || _complete
                ? Task.CompletedTask
                : (_room ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
    }

    /// <summary>Answers a ping; of several the last alone, as RFC 6455 §5.5.3 allows, so that pings fill nothing.</summary>
    public void Pong(ReadOnlySpan<byte> content)
    {
        lock (_gate)
        {
            _pong = content.ToArray();
            Wake();
        }
    }

    /// <summary>Asks whether the peer is there.</summary>
    public void Ping()
    {
        lock (_gate)
        {
            _ping = true;
            Wake();
        }
    }

    /// <summary>Waits until there is something to send, or the end has come. For one who waits at a time.</summary>
    public ValueTask WaitAsync()
    {
        lock (_gate)
        {
            if (_complete || _inboxMissed || HasParcel) return ValueTask.CompletedTask;
            _wake.Reset();
            _waiting = true;
            return new ValueTask(this, _wake.Version);
        }
    }

    /// <summary>What leaves in the next write. With the queue empty, the logs the reader is behind in.</summary>
    public bool TryTake(out Parcel parcel)
    {
        lock (_gate)
        {
            Sent();
            if (_frames.Count == 0 && _behind is not null && !_complete)
            {
                countBehind?.Invoke(_behind.Count);
                foreach (var (log, head) in _behind) Add(Tls.Encode<ServerFrame>(new Behind(log, head)));
                _behind = null;
            }
            parcel = default;
            if (!HasParcel) return false;
            parcel = Pack();
            _sending = parcel.ContentBytes;
            return true;
        }
    }

    /// <summary>Whether the inbox was passed over; asking resets it.</summary>
    public bool TakeInboxMissed()
    {
        lock (_gate)
        {
            bool missed = _inboxMissed;
            _inboxMissed = false;
            return missed;
        }
    }

    /// <summary>Whether nothing is left and nothing will come.</summary>
    public bool IsFinished
    {
        get { lock (_gate) return _complete && _frames.Count == 0; }
    }

    /// <inheritdoc/>
    void IValueTaskSource.GetResult(short token) => _wake.GetResult(token);

    /// <inheritdoc/>
    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _wake.GetStatus(token);

    /// <inheritdoc/>
    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _wake.OnCompleted(continuation, state, token, flags);

    private bool HasParcel => _frames.Count > 0 || _pong is not null || _ping;

    private void Add(ReadOnlyMemory<byte> frame)
    {
        if (_complete) return;
        _frames.Enqueue(frame);
        _bytes += frame.Length;
        Wake();
    }

    private void Sent()
    {
        _bytes -= _sending;
        _sending = 0;
        if (_bytes > limit) return;
        _room?.SetResult();
        _room = null;
    }

    private void Wake()
    {
        if (!_waiting) return;
        _waiting = false;
        _wake.SetResult(true);
    }

    /// <summary>Control frames first, then as many frames as fit; one that is large goes alone and is not copied.</summary>
    private Parcel Pack()
    {
        var (count, size) = Measure();
        bool isLarge = count == 1 && _frames.Peek().Length > LargeBytes;
        byte[] buffer = ArrayPool<byte>.Shared.Rent(size - (isLarge ? _frames.Peek().Length : 0));
        int length = 0, contents = 0;
        if (_pong is not null) Pack(Opcode.Pong, _pong, buffer, ref length);
        if (_ping) Pack(Opcode.Ping, default, buffer, ref length);
        (_pong, _ping) = (null, false);
        if (isLarge)
        {
            var large = _frames.Dequeue();
            length += WebSocketFrame.Write(buffer.AsSpan(length), Opcode.Binary, large.Length);
            return new(buffer, length, large, large.Length);
        }
        for (int i = 0; i < count; i++)
        {
            var frame = _frames.Dequeue();
            contents += frame.Length;
            Pack(Opcode.Binary, frame.Span, buffer, ref length);
        }
        return new(buffer, length, default, contents);
    }

    /// <summary>How many frames leave next, and how much room all of it takes at most.</summary>
    private (int Count, int Bytes) Measure()
    {
        int count = 0, bytes = (2 * WebSocketFrame.MostBytes) + (_pong?.Length ?? 0);
        foreach (var frame in _frames)
        {
            if (count > 0 && bytes + frame.Length > ParcelBytes) break;
            bytes += WebSocketFrame.MostBytes + frame.Length;
            count++;
        }
        return (count, bytes);
    }

    private static void Pack(Opcode opcode, ReadOnlySpan<byte> content, byte[] buffer, ref int length)
    {
        length += WebSocketFrame.Write(buffer.AsSpan(length), opcode, content.Length);
        content.CopyTo(buffer.AsSpan(length));
        length += content.Length;
    }
}
