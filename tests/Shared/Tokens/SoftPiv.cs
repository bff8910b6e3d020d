using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Holdfast.Client;

namespace Holdfast.Tests.Tokens;

/// <summary>
/// OpenSC with a virtual PIV card: a smartcard daemon of its own on a private socket, a virtual reader, and the card. The reader always asks
/// two ports, one behind the other, so there are two cards.
/// </summary>
public sealed class SoftPiv : IDisposable
{
    private const string Module = "/usr/lib/x86_64-linux-gnu/opensc-pkcs11.so", Reader = "/usr/lib/pcsc/drivers/serial/libifdvpcd.so";

    private readonly TempFolder _folder = new();
    private Process _daemon;
    private readonly PivCard _other;

    public SoftPiv()
    {
        var (first, second) = Neighbours();
        Card = new PivCard(first, "holdfast one", Encoding.ASCII.GetString(TokenPin));
        _other = new PivCard(second, "holdfast two", "87654321");
        _folder.Sub("run");
        File.WriteAllText(
            Path.Combine(_folder.Sub("readers"), "vpcd"),
            $"FRIENDLYNAME \"Virtual PCD\"\nDEVICENAME 127.0.0.1:{((IPEndPoint)first.LocalEndpoint).Port}\nLIBPATH {Reader}\nCHANNELID 0x8C7B\n");
        File.WriteAllText(_folder["opensc.conf"], "app default {\n    card_drivers = PIV-II;\n}\n");
        _daemon = StartDaemon();
    }

    internal static byte[] TokenPin { get; } = Encoding.ASCII.GetBytes("12345678");

    internal PivCard Card { get; }

    internal TokenHostSettings Settings => new(IsTpm: false, Module, [_folder.Path], new Dictionary<string, string>
    {
        ["PCSCLITE_CSOCK_NAME"] = Socket, ["OPENSC_CONF"] = _folder["opensc.conf"],
    });

    /// <summary>Puts the card back: a virtual reader does not come back by itself.</summary>
    internal void PutBack()
    {
        Programs.End(_daemon);
        File.Delete(Socket);
        _daemon = StartDaemon();
    }

    public void Dispose()
    {
        Programs.End(_daemon);
        Card.Dispose();
        _other.Dispose();
        _folder.Dispose();
    }

    private string Socket => Path.Combine(_folder["run"], "pcscd.comm");

    private Process StartDaemon()
    {
        var daemon = Programs.Start("bwrap",
        [
            "--unshare-user", "--uid", "0", "--gid", "0", "--dev-bind", "/", "/", "--tmpfs", "/run", "--bind", _folder["run"], "/run/pcscd", "--die-with-parent",
            "/usr/sbin/pcscd", "-f", "-c", _folder["readers"],
        ]);
        daemon.OutputDataReceived += static (_, _) => { };   // so that it never waits for a reader of what it prints
        daemon.ErrorDataReceived += static (_, _) => { };
        daemon.BeginOutputReadLine();
        daemon.BeginErrorReadLine();
        Programs.Await(() => File.Exists(Socket), "the smartcard daemon listens");
        return daemon;
    }

    private static (TcpListener First, TcpListener Second) Neighbours()
    {
        while (true)
        {
            var first = new TcpListener(IPAddress.Loopback, 0);
            first.Start();
            int port = ((IPEndPoint)first.LocalEndpoint).Port;
            if (port < ushort.MaxValue)
            {
                var second = new TcpListener(IPAddress.Loopback, port + 1);
                try
                {
                    second.Start();
                    return (first, second);
                }
                catch (SocketException)
                {
                    // Somebody has it.
                }
            }
            first.Stop();
        }
    }
}
