using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Holdfast.Vault.Drill;

/// <summary>What a program of the same user tries at another process.</summary>
internal static unsafe class FromOutside
{
    private const int Seize = 0x4206;   // PTRACE_SEIZE

    public static IEnumerable<Attempt> All(int process) =>
    [
        new("diagnostics socket", () => Directory.GetFiles("/tmp", $"dotnet-diagnostic-{process}-*").Any(Answers) ? 0 : -1),
        Attempts.Call("ptrace", 101, 117, Seize, process),
        Attempts.Open("mem", $"/proc/{process}/mem", Native.ReadWrite), Attempts.Open("maps", $"/proc/{process}/maps"),
        Attempts.Open("environ", $"/proc/{process}/environ"), Attempts.Open("auxv", $"/proc/{process}/auxv"),
        Attempts.Open("its input, a second connection", $"/proc/{process}/fd/0", Native.WriteOnly),
        Attempts.Open("its output", $"/proc/{process}/fd/1"), Attempts.Open("map_files", $"/proc/{process}/map_files"),
        new("process_vm_readv", () => ReadMemory(process)), new("pidfd_getfd", () => TakeDescriptor(process)),
    ];

    /// <summary>A process that was killed leaves its socket behind, and its number to others.</summary>
    private static bool Answers(string path)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(path));
            return true;
        }
        catch (SocketException) { return false; }
    }

    private static nint ReadMemory(int process)
    {
        // Where the memory is does not matter: who may not read it is told so before that is looked at.
        byte here = 0;
        nint* local = stackalloc nint[2], remote = stackalloc nint[2];
        (local[0], local[1], remote[0], remote[1]) = ((nint)(&here), 1, 4096, 1);
        const int BadAddress = 14;
        nint read = Native.Call(RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 310 : 270, process, (nint)local, 1, (nint)remote, 1);
        return read < 0 && Marshal.GetLastPInvokeError() == BadAddress ? 0 : read;
    }

    private static nint TakeDescriptor(int process)
    {
        nint descriptor = Attempts.Invoke(434, 434, process, 0);
        return descriptor < 0 ? descriptor : Attempts.Invoke(438, 438, descriptor, 0, 0);
    }
}
