using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using Holdfast.Client;

namespace Holdfast.Tests.Tokens;

/// <summary>A TPM 2.0 in software (swtpm) behind a Unix socket.</summary>
public sealed class SoftTpm : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly Process _process;

    public SoftTpm()
    {
        _process = Programs.Start("swtpm",
        [
            "socket", "--tpm2", "--tpmstate", $"dir={_folder.Sub("state")}", "--server", $"type=unixio,path={Socket}", "--flags", "not-need-init,startup-clear",
        ]);
        Programs.Await(() => File.Exists(Socket), "swtpm listens");
    }

    internal static byte[] TokenPin { get; } = Encoding.ASCII.GetBytes("a longer token PIN");

    internal TokenHostSettings Settings => new(IsTpm: true, Socket, [], new Dictionary<string, string>());

    private string Socket => _folder["tpm.sock"];

    /// <summary>TPM2_DictionaryAttackParameters (Part 3 §25.3), by the lockout authority, whose authorisation is empty: so many wrong ones lock.</summary>
    internal void LockAfter(uint tries) => Send(
        $"8002 00000027 0000013a 4000000a 00000009 40000009 0000 00 0000 {tries:x8} 00002710 00002710".Replace(" ", "", StringComparison.Ordinal));

    /// <summary>Takes it out of the machine.</summary>
    internal void Remove() => _process.Kill();

    public void Dispose()
    {
        Programs.End(_process);
        _folder.Dispose();
    }

    private void Send(string command)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint(Socket));
        socket.Send(Convert.FromHexString(command));
        byte[] response = new byte[64];
        int length = socket.Receive(response);
        Assert.Equal("00000000", Convert.ToHexString(response.AsSpan(6, Math.Min(4, length - 6))));
    }
}
