using System.Buffers;
using System.Net.WebSockets;
using Holdfast.Codec;
using Holdfast.Protocol;

namespace Holdfast.Server.Connections;

/// <summary>Reads frames. An idle connection holds no buffer, and a frame over the limit is refused before it is gathered.</summary>
internal sealed class FrameReader(WebSocket socket, Action<long> count)
{
    private const int FirstBytes = 16 << 10;

    /// <summary>The next frame, or null when the peer has closed.</summary>
    /// <exception cref="RefusalException">It is too large or malformed.</exception>
    public async ValueTask<ClientFrame?> ReadAsync(CancellationToken cancellationToken)
    {
        // Waits for the first bytes without lending a buffer.
        var first = await socket.ReceiveAsync(Memory<byte>.Empty, cancellationToken);
        if (first.MessageType == WebSocketMessageType.Close) return null;
        byte[] buffer = ArrayPool<byte>.Shared.Rent(FirstBytes);
        try
        {
            int length = 0;
            bool complete = first.EndOfMessage;
            while (!complete)
            {
                if (length == buffer.Length) buffer = Grow(buffer);
                var next = await socket.ReceiveAsync(buffer.AsMemory(length), cancellationToken);
                if (next.MessageType == WebSocketMessageType.Close) return null;
                if (next.MessageType != WebSocketMessageType.Binary) throw new RefusalException(RefusalCode.Malformed);
                length += next.Count;
                if (length > ProtocolLimits.FrameBytes) throw new RefusalException(RefusalCode.TooLarge);
                complete = next.EndOfMessage;
            }
            count(length);
            return Decode(buffer.AsSpan(0, length));
        }
        finally { ArrayPool<byte>.Shared.Return(buffer); }
    }

    private static ClientFrame Decode(ReadOnlySpan<byte> bytes)
    {
        try { return Tls.Decode<ClientFrame>(bytes); }
        catch (CodecException) { throw new RefusalException(RefusalCode.Malformed); }
    }

    private static byte[] Grow(byte[] full)
    {
        byte[] larger = ArrayPool<byte>.Shared.Rent(2 * full.Length);
        full.CopyTo(larger, 0);
        ArrayPool<byte>.Shared.Return(full);
        return larger;
    }
}
