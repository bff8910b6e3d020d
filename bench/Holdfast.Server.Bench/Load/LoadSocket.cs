using System.Buffers.Binary;
using System.Net.Security;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Security.Authentication;
using System.Text;
using Holdfast.Protocol;

namespace Holdfast.Server.Bench.Load;

/// <summary>
/// One WebSocket (RFC 6455) over TLS, made for thousands in one process: a read takes as many frames as there are, and what is sent while a
/// write is on its way goes with the next.
/// </summary>
internal sealed class LoadSocket : IDisposable
{
    private const int BufferBytes = 16 << 10;
    private const int MaskBytes = 4;
    private const byte Binary = 0x82, Pong = 0x8a;

    private readonly Socket _socket;
    private readonly Stream _stream;
    private readonly Lock _gate = new();
    private byte[] _in = new byte[BufferBytes];
    private byte[] _out = [], _writing = [];
    private int _start, _end, _queued;
    private bool _isWriting;
    private uint _mask = (uint)Random.Shared.Next() | 1;

    private LoadSocket(Socket socket, Stream stream) => (_socket, _stream) = (socket, stream);

    /// <summary>Connects as far as the server's greeting.</summary>
    /// <exception cref="IOException">There is no such server, or it does not want to.</exception>
    public static async Task<LoadSocket> OpenAsync(Target target)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(target.Address.Host, target.Address.Port);
            Stream stream = new NetworkStream(socket, ownsSocket: true);
            if (!target.IsPlain)
            {
                var secure = new SslStream(stream);
                await secure.AuthenticateAsClientAsync(target.Pinned);
                stream = secure;
            }
            var opened = new LoadSocket(socket, stream);
            await opened.UpgradeAsync(target);
            return opened;
        }
        catch (Exception failure) when (failure is SocketException or AuthenticationException or IOException)
        {
            socket.Dispose();
            throw new IOException("no connection", failure);
        }
    }

    /// <summary>The next frame's content, which is valid until the next call; null when the connection has ended.</summary>
    public async ValueTask<ReadOnlyMemory<byte>?> ReadAsync()
    {
        while (true)
        {
            while (TryTakeFrame(out int opcode, out var content))
            {
                if (opcode == 2) return content;
                if (opcode == 8) return null;
                if (opcode == 9) Send(Pong, content.Span);
            }
            MakeRoom();
            try
            {
                int read = await _stream.ReadAsync(_in.AsMemory(_end));
                if (read == 0) return null;
                _end += read;
            }
            catch (Exception gone) when (gone is IOException or ObjectDisposedException) { return null; }
        }
    }

    /// <summary>Queues one frame.</summary>
    public void Send(ReadOnlySpan<byte> content) => Send(Binary, content);

    /// <summary>Ends it as a broken line does.</summary>
    public void Dispose()
    {
        _socket.Dispose();
        _stream.Dispose();
    }

    private void Send(byte kind, ReadOnlySpan<byte> content)
    {
        lock (_gate)
        {
            Append(kind, content);
            if (_isWriting) return;
            _isWriting = true;
        }
        _ = WriteAllAsync();
    }

    private async Task WriteAllAsync()
    {
        try
        {
            while (true)
            {
                int length;
                lock (_gate)
                {
                    if (_queued == 0)
                    {
                        _isWriting = false;
                        return;
                    }
                    (_out, _writing, length, _queued) = (_writing, _out, _queued, 0);
                }
                await _stream.WriteAsync(_writing.AsMemory(0, length));
            }
        }
        catch (Exception gone) when (gone is IOException or ObjectDisposedException or InvalidOperationException) { return; }   // reading meets it too
    }

    /// <summary>RFC 6455 §5.2: a whole message, masked as every client's.</summary>
    private void Append(byte kind, ReadOnlySpan<byte> content)
    {
        const int LongestHeader = 14;
        int needed = _queued + LongestHeader + content.Length;
        if (_out.Length < needed) Array.Resize(ref _out, Math.Max(needed, 2 * _out.Length));
        var to = _out.AsSpan(_queued);
        to[0] = kind;
        int header = 2;
        if (content.Length < 126)
        {
            to[1] = (byte)(0x80 | content.Length);
        }
        else if (content.Length <= ushort.MaxValue)
        {
            to[1] = 0x80 | 126;
            BinaryPrimitives.WriteUInt16BigEndian(to[2..], (ushort)content.Length);
            header = 4;
        }
        else
        {
            to[1] = 0x80 | 127;
            BinaryPrimitives.WriteUInt64BigEndian(to[2..], (ulong)content.Length);
            header = 10;
        }
        unchecked { _mask = (_mask * 1664525) + 1013904223; }
        MemoryMarshal.Write(to[header..], _mask);
        header += MaskBytes;
        Mask(content, to.Slice(header, content.Length), _mask);
        _queued += header + content.Length;
    }

    private static void Mask(ReadOnlySpan<byte> content, Span<byte> to, uint mask)
    {
        ulong wide = ((ulong)mask << 32) | mask;
        int whole = content.Length & ~7;
        var from = MemoryMarshal.Cast<byte, ulong>(content[..whole]);
        var masked = MemoryMarshal.Cast<byte, ulong>(to[..whole]);
        for (int i = 0; i < from.Length; i++) masked[i] = from[i] ^ wide;
        for (int i = whole; i < content.Length; i++) to[i] = unchecked((byte)(content[i] ^ (mask >> (8 * (i & 3)))));
    }

    private bool TryTakeFrame(out int opcode, out ReadOnlyMemory<byte> content)
    {
        (opcode, content) = (0, default);
        var unread = _in.AsSpan(_start.._end);
        if (unread.Length < 2) return false;
        if ((unread[0] & 0x80) == 0) throw new InvalidDataException("the server sends whole messages");
        int header = 2, length = unread[1];
        if (length == 126)
        {
            if (unread.Length < 4) return false;
            (header, length) = (4, BinaryPrimitives.ReadUInt16BigEndian(unread[2..]));
        }
        else if (length == 127)
        {
            if (unread.Length < 10) return false;
            ulong size = BinaryPrimitives.ReadUInt64BigEndian(unread[2..]);
            if (size > ProtocolLimits.FrameBytes) throw new InvalidDataException("a frame over the limit");
            (header, length) = (10, (int)size);
        }
        if (unread.Length < header + length) return Want(header + length);
        (opcode, content) = (unread[0] & 0xf, _in.AsMemory(_start + header, length));
        _start += header + length;
        return true;
    }

    /// <summary>The buffer will have to hold this much.</summary>
    private bool Want(int bytes)
    {
        if (_in.Length >= bytes) return false;
        byte[] larger = new byte[bytes];
        _in.AsSpan(_start.._end).CopyTo(larger);
        (_in, _end, _start) = (larger, _end - _start, 0);
        return false;
    }

    private void MakeRoom()
    {
        if (_start == _end)
        {
            (_start, _end) = (0, 0);
            if (_in.Length > 4 * BufferBytes) _in = new byte[BufferBytes];
        }
        else if (_start > 0)
        {
            _in.AsSpan(_start.._end).CopyTo(_in);
            (_start, _end) = (0, _end - _start);
        }
    }

    private async Task UpgradeAsync(Target target)
    {
        string request = $"GET {Rest.Connect} HTTP/1.1\r\nHost: {target.Address.Authority}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
            $"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {Convert.ToBase64String(Guid.NewGuid().ToByteArray())}\r\n\r\n";
        await _stream.WriteAsync(Encoding.ASCII.GetBytes(request));
        while (true)
        {
            int read = await _stream.ReadAsync(_in.AsMemory(_end));
            if (read == 0) throw new IOException("the server closed instead of answering");
            _end += read;
            int end = _in.AsSpan(0, _end).IndexOf("\r\n\r\n"u8);
            if (end < 0) continue;
            if (!_in.AsSpan(0, end).StartsWith("HTTP/1.1 101"u8)) throw new IOException("the server refused the WebSocket");
            _start = end + 4;
            return;
        }
    }
}
