using System.Buffers.Binary;
using System.Globalization;
using System.Net.Sockets;

namespace Holdfast.Client;

/// <summary>Who is at the other end of a Unix socket, as the kernel says.</summary>
internal static class PeerUser
{
    private const int SolSocket = 1, SoPeerCred = 17, CredentialBytes = 12, UserOffset = 4;   // Linux: struct ucred { pid, uid, gid }

    /// <summary>Whether the other end runs as our own user. Elsewhere than on Linux the socket's mode alone decides.</summary>
    internal static bool IsSelf(Socket socket)
    {
        if (!OperatingSystem.IsLinux()) return true;
        Span<byte> credentials = stackalloc byte[CredentialBytes];
        int length = socket.GetRawSocketOption(SolSocket, SoPeerCred, credentials);
        return length == CredentialBytes && (BitConverter.IsLittleEndian
            ? BinaryPrimitives.ReadUInt32LittleEndian(credentials[UserOffset..])
            : BinaryPrimitives.ReadUInt32BigEndian(credentials[UserOffset..])) == Own();
    }

    /// <summary>Our own user's number.</summary>
    internal static uint Own()
    {
        if (!OperatingSystem.IsLinux()) return 0;
        string line = File.ReadLines("/proc/self/status").First(line => line.StartsWith("Uid:", StringComparison.Ordinal));
        return uint.Parse(line.Split('\t')[2], CultureInfo.InvariantCulture);   // the effective one
    }
}
