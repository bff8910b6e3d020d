using System.Buffers.Binary;
using System.Net.Sockets;
using Holdfast.Protocol;

namespace Holdfast.TokenHost.Tpm;

/// <summary>
/// Carries TPM 2.0 commands: to the kernel's device with its resource manager (<c>/dev/tpmrm0</c>), or to the Unix socket of a TPM in
/// software, which speaks the same bytes.
/// </summary>
internal sealed class TpmWire : IDisposable
{
    private const int HeaderBytes = 10, MostBytes = 4096, MostRetries = 100;
    private const uint Yielded = 0x908, Testing = 0x90a, Retry = 0x922;

    private readonly Stream _stream;
    private readonly byte[] _buffer = GC.AllocateArray<byte>(MostBytes, pinned: true);

    private TpmWire(Stream stream, bool isManaged) => (_stream, IsManaged) = (stream, isManaged);

    /// <summary>Whether a resource manager is between us and the TPM: our objects are then gone when we are.</summary>
    internal bool IsManaged { get; }

    /// <exception cref="TokenHostException">There is none.</exception>
    internal static TpmWire Open(string path)
    {
        try
        {
            if ((File.GetAttributes(path) & FileAttributes.Device) != 0 || path.StartsWith("/dev/", StringComparison.Ordinal))
                return new TpmWire(new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0), isManaged: true);
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            socket.Connect(new UnixDomainSocketEndPoint(path));
            return new TpmWire(new NetworkStream(socket, ownsSocket: true), isManaged: false);
        }
        catch (Exception missing) when (missing is IOException or SocketException or UnauthorizedAccessException or ArgumentException)
        {
            throw new TokenHostException(TokenError.Unreachable);
        }
    }

    /// <summary>Sends a command and gives the response's body, valid until the next; what asks to be sent again is sent again.</summary>
    /// <exception cref="TokenHostException">The TPM is gone, or is none.</exception>
    internal TpmResponse Transceive(ReadOnlySpan<byte> command)
    {
        for (int tries = 0; ; tries++)
        {
            var body = Exchange(command, out uint code);
            if (code is not (Yielded or Testing or Retry) || tries == MostRetries) return new TpmResponse(code, body);
            Thread.Sleep(tries);   // the first use of a guarded key after start-up always asks for it
        }
    }

    public void Dispose()
    {
        Array.Clear(_buffer);
        _stream.Dispose();
    }

    private ReadOnlySpan<byte> Exchange(ReadOnlySpan<byte> command, out uint code)
    {
        try
        {
            _stream.Write(command);
            _stream.Flush();
            int filled = 0, whole = HeaderBytes;
            while (filled < whole)
            {
                int read = _stream.Read(_buffer, filled, _buffer.Length - filled);
                if (read == 0) throw new TokenHostException(TokenError.NoToken);
                filled += read;
                if (filled >= HeaderBytes) whole = (int)Math.Min(BinaryPrimitives.ReadUInt32BigEndian(_buffer.AsSpan(2)), int.MaxValue);
                if (whole is < HeaderBytes or > MostBytes) throw new TokenHostException(TokenError.DeviceFailed);
            }
            code = BinaryPrimitives.ReadUInt32BigEndian(_buffer.AsSpan(6));
            return _buffer.AsSpan(HeaderBytes, whole - HeaderBytes);
        }
        catch (Exception gone) when (gone is IOException or SocketException)
        {
            throw new TokenHostException(TokenError.NoToken);
        }
    }
}

/// <summary>A response: its code, and what is behind the header.</summary>
internal readonly ref struct TpmResponse(uint code, ReadOnlySpan<byte> body)
{
    internal uint Code { get; } = code;

    internal ReadOnlySpan<byte> Body { get; } = body;
}
