using System.Buffers;
using System.Net.WebSockets;
using Holdfast.Codec;
using Holdfast.Protocol;

namespace Holdfast.Client;

/// <summary>One whole message of a WebSocket, in a borrowed buffer that grows as bytes arrive and no further than the limit.</summary>
internal sealed class WebSocketMessage : IDisposable
{
    private const int FirstBytes = 16 << 10;

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(FirstBytes);
    private int _length;

    private WebSocketMessage()
    {
    }

    /// <summary>The message; it is gone when this is disposed.</summary>
    internal ReadOnlySpan<byte> Bytes => _buffer.AsSpan(0, _length);

    /// <summary>The next message, or null where the other side has closed.</summary>
    /// <exception cref="CodecException">It is too long, or text.</exception>
    internal static async Task<WebSocketMessage?> ReadAsync(WebSocket socket, CancellationToken cancellationToken)
    {
        var message = new WebSocketMessage();
        try
        {
            while (true)
            {
                var part = await socket.ReceiveAsync(message._buffer.AsMemory(message._length), cancellationToken);
                if (part.MessageType == WebSocketMessageType.Close) break;
                message._length += part.Count;
                if (part.MessageType == WebSocketMessageType.Text) throw new CodecException("a text frame");
                if (part.EndOfMessage) return message;
                message.MakeRoom();
            }
        }
        catch
        {
            message.Dispose();
            throw;
        }
        message.Dispose();
        return null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
        _length = 0;
    }

    private void MakeRoom()
    {
        if (_length < _buffer.Length) return;
        if (_length > ProtocolLimits.FrameBytes) throw new CodecException("a frame is over its limit");
        byte[] larger = ArrayPool<byte>.Shared.Rent(2 * _length);
        Bytes.CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }
}
