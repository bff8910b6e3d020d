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
}
