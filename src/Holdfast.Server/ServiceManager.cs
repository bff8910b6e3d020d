using System.Net.Sockets;

namespace Holdfast.Server;

/// <summary>Whoever started this program and waits until it serves, as systemd does (Type=notify): what is started next finds it there.</summary>
internal static class ServiceManager
{
    private const string Asked = "NOTIFY_SOCKET";

    /// <summary>Says that the server serves, where that was asked for.</summary>
    public static void TellReady()
    {
        if (Environment.GetEnvironmentVariable(Asked) is not { Length: > 1 } path) return;
        using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        try { socket.SendTo("READY=1"u8, new UnixDomainSocketEndPoint(path[0] == '@' ? '\0' + path[1..] : path)); }
        catch (SocketException) { return; }   // nobody listens, and who asked gives up waiting
    }
}
