using Holdfast.Codec;
using Holdfast.Protocol;

namespace Holdfast.Server.Connections;

/// <summary>
/// What waits to be sent on one connection, bounded in bytes. Answers always find room, because a connection's next request is
/// read only when there is some; pushes do not: a reader too slow for them is told that it is behind, once it reads again.
/// </summary>
internal sealed class Outbound(int limit, Action<long>? countBehind = null) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Queue<ReadOnlyMemory<byte>> _frames = [];
    private readonly SemaphoreSlim _wake = new(0, 1);
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

    /// <summary>Waits until there is something to send.</summary>
    public Task WaitAsync(CancellationToken cancellationToken) => _wake.WaitAsync(cancellationToken);

    /// <summary>The next frame. With the queue empty, the logs the reader is behind in.</summary>
    public bool TryTake(out ReadOnlyMemory<byte> frame)
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
            if (!_frames.TryDequeue(out frame)) return false;
            _sending = frame.Length;
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
    public void Dispose() => _wake.Dispose();

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
        if (_wake.CurrentCount == 0) _wake.Release();
    }
}
