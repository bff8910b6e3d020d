using System.Globalization;
using System.Net.Sockets;

namespace Holdfast.Client;

/// <summary>Who is at the other end of a Unix socket, as the kernel says.</summary>
internal static class Peer
{
    private const int SolSocket = 1, SoPeerCred = 17, CredentialBytes = 12, ProcessOffset = 0, UserOffset = 4;   // Linux: struct ucred { pid, uid, gid }

    /// <summary>Whether the other end runs as our own user. Elsewhere than on Linux the socket's mode alone decides.</summary>
    internal static bool IsSelf(Socket socket) => !OperatingSystem.IsLinux() || Credential(socket, UserOffset) == Own();

    /// <summary>The process that listens at the other end, where the system tells.</summary>
    internal static int? ProcessOf(Socket socket) => OperatingSystem.IsLinux() ? (int?)Credential(socket, ProcessOffset) : null;

    /// <summary>Whether that process is there and has not ended; one that nobody has waited for yet has.</summary>
    internal static bool IsAlive(int process)
    {
        try
        {
            string stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/stat"));
            return stat[stat.LastIndexOf(')') + 2] is not ('Z' or 'X');   // proc(5): the state follows the name in brackets
        }
        catch (IOException) { return false; }
    }

    /// <summary>Our own user's number.</summary>
    internal static uint Own()
    {
        if (!OperatingSystem.IsLinux()) return 0;
        string line = File.ReadLines("/proc/self/status").First(line => line.StartsWith("Uid:", StringComparison.Ordinal));
        return uint.Parse(line.Split('\t')[2], CultureInfo.InvariantCulture);   // the effective one
    }

    private static uint? Credential(Socket socket, int offset)
    {
        Span<byte> credentials = stackalloc byte[CredentialBytes];
        return socket.GetRawSocketOption(SolSocket, SoPeerCred, credentials) == CredentialBytes
            ? BitConverter.ToUInt32(credentials[offset..])   // in the machine's own order
            : null;
    }
}
