using System.Runtime.InteropServices;

namespace Holdfast.Cli.Processes;

/// <summary>What .NET has no call for: to ask a process to end, to become another program, to hide what is typed.</summary>
internal static class Posix
{
    public const int Terminate = 15;

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    public static extern int Kill(int process, int signal);

    /// <summary>Replaces this process. Returns only if that fails.</summary>
    [DllImport("libc", EntryPoint = "execv", SetLastError = true)]
    public static extern int Execute(
        [MarshalAs(UnmanagedType.LPUTF8Str)] string path, [MarshalAs(UnmanagedType.LPArray)] nint[] arguments);

    /// <summary>Begins a session without a terminal, so that what is typed there ends nothing here.</summary>
    public static void LeaveTerminal()
    {
        if (!OperatingSystem.IsWindows()) _ = BeginSession();   // fails only where there is one already
    }

    [DllImport("libc", EntryPoint = "setsid", SetLastError = true)]
    private static extern int BeginSession();

    [DllImport("libc", EntryPoint = "tcgetattr", SetLastError = true)]
    public static extern int GetTerminal(int descriptor, byte[] attributes);

    [DllImport("libc", EntryPoint = "tcsetattr", SetLastError = true)]
    public static extern int SetTerminal(int descriptor, int when, byte[] attributes);

    /// <summary>
    /// Waits until something can be read, or the other side has gone. False when the time is over or a signal came. A system that
    /// cannot wait for a terminal says true at once: the read then waits.
    /// </summary>
    public static bool IsReadable(int descriptor, int milliseconds)
    {
        var watched = new Watched { Descriptor = descriptor, Events = Readable };
        return Poll(ref watched, 1, milliseconds) > 0;
    }

    private const short Readable = 1;   // POLLIN

    [DllImport("libc", EntryPoint = "poll", SetLastError = true)]
    private static extern int Poll(ref Watched watched, nuint count, int milliseconds);

    /// <summary><c>struct pollfd</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Watched
    {
        public int Descriptor;
        public short Events, Happened;
    }
}
