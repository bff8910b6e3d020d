using System.Buffers;
using Holdfast.Codec;
using Holdfast.Protocol;

namespace Holdfast.Server.Connections;

/// <summary>
/// Reads the client's frames from a WebSocket's stream (RFC 6455), as many as one read brings. An idle connection holds no buffer, and a frame over
/// the limit is refused before it is gathered.
/// </summary>
internal sealed class FrameReader(Stream stream, Outbound outbound, Action<long> count) : IDisposable
{
    private const int FirstBytes = 16 << 10;

    private byte[] _buffer = [];
    private int _start, _end;
    private ArrayBufferWriter<byte>? _parts;
    private long _lastRead = Environment.TickCount64;

    /// <summary>How long the peer has been silent.</summary>
    public TimeSpan Silence => TimeSpan.FromMilliseconds(Environment.TickCount64 - Interlocked.Read(ref _lastRead));

    /// <summary>The next frame, or null when the peer has closed.</summary>
    /// <exception cref="RefusalException">It is too large or malformed.</exception>
    /// <exception cref="IOException">The peer has gone without closing.</exception>
    public async ValueTask<ClientFrame?> ReadAsync(CancellationToken cancellationToken)
    {
        ClientFrame? frame;
        while (!TryTake(out frame)) await FillAsync(cancellationToken);
        return frame;
    }

    /// <summary>Gives the buffer back.</summary>
    public void Dispose() => Exchange([]);

    /// <summary>The next frame of what has been read; null is the peer's close. False where more must be read first.</summary>
    private bool TryTake(out ClientFrame? frame)
    {
        frame = null;
        while (WebSocketFrame.TryRead(_buffer.AsSpan(_start.._end), out var header) && _end - _start >= header.Size + header.Length)
        {
            var content = _buffer.AsSpan(_start + header.Size, header.Length);
            _start += header.Size + header.Length;
            header.Unmask(content);
            switch (header.Opcode)
            {
                case Opcode.Close:
                    return true;
                case Opcode.Ping:
                    outbound.Pong(content);
                    break;
                case Opcode.Pong:
                    break;
                default:
                    frame = Gather(header, content);
                    if (frame is not null) return true;
                    break;
            }
        }
        return false;
    }

    /// <summary>RFC 6455 §5.4: a message may come in parts; null while it is not whole.</summary>
    private ClientFrame? Gather(WebSocketFrame header, ReadOnlySpan<byte> content)
    {
        if (header.Opcode == Opcode.Binary == _parts is not null) throw new RefusalException(RefusalCode.Malformed);
        if (header.Opcode == Opcode.Binary && header.IsLast) return Decode(content);
        _parts ??= new();
        if (_parts.WrittenCount + content.Length > ProtocolLimits.FrameBytes) throw new RefusalException(RefusalCode.TooLarge);
        _parts.Write(content);
        if (!header.IsLast) return null;
        var frame = Decode(_parts.WrittenSpan);
        _parts = null;
        return frame;
    }

    private ClientFrame Decode(ReadOnlySpan<byte> bytes)
    {
        count(bytes.Length);
        try { return Tls.Decode<ClientFrame>(bytes); }
        catch (CodecException) { throw new RefusalException(RefusalCode.Malformed); }
    }

    private async ValueTask FillAsync(CancellationToken cancellationToken)
    {
        int read;
        if (_start == _end)
        {
            Exchange([]);
            read = await stream.ReadAsync(Memory<byte>.Empty, cancellationToken);   // waits for the first bytes without lending a buffer
            Exchange(ArrayPool<byte>.Shared.Rent(FirstBytes));
        }
        else if (_end == _buffer.Length)
        {
            Exchange(ArrayPool<byte>.Shared.Rent(_start > 0 ? _buffer.Length : 2 * _buffer.Length));
        }
        read = await stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken);
        if (read == 0) throw new EndOfStreamException("the peer has gone");
        _end += read;
        Interlocked.Exchange(ref _lastRead, Environment.TickCount64);
    }

    /// <summary>Goes on with another buffer, and with what has not been taken yet.</summary>
    private void Exchange(byte[] next)
    {
        if (next.Length > 0) _buffer.AsSpan(_start.._end).CopyTo(next);
        if (_buffer.Length > 0) ArrayPool<byte>.Shared.Return(_buffer);
        (_buffer, _start, _end) = (next, 0, next.Length == 0 ? 0 : _end - _start);
    }
}
