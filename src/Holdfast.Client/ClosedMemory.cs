using System.Runtime.InteropServices;

namespace Holdfast.Client;

/// <summary>Words pass through the memory of faces and agents: it goes into no dump, and other programs of the same user do not look into it.</summary>
public static class ClosedMemory
{
    private const int SetDumpable = 4, CoreLimit = 4;   // PR_SET_DUMPABLE, RLIMIT_CORE

    /// <summary>What a program that is started from here is told: no dumps of its runtime's own, and no door for debuggers and profilers.</summary>
    internal static IReadOnlyDictionary<string, string> Variables { get; } = new Dictionary<string, string>
    {
        ["DOTNET_EnableDiagnostics"] = "0", ["DOTNET_DbgEnableMiniDump"] = "0", ["COMPlus_DbgEnableMiniDump"] = "0",
    };

    /// <summary>Closes this process's memory for good, as far as the system has means for it.</summary>
    public static void Close()
    {
        if (OperatingSystem.IsWindows()) return;
        var none = default(Limit);
        _ = SetLimit(CoreLimit, ref none);
        if (OperatingSystem.IsLinux()) _ = Control(SetDumpable, 0, 0, 0, 0);
    }

    [DllImport("libc", EntryPoint = "setrlimit", SetLastError = true)]
    private static extern int SetLimit(int resource, ref Limit limit);

    [DllImport("libc", EntryPoint = "prctl", SetLastError = true)]
    private static extern int Control(int option, nuint a, nuint b, nuint c, nuint d);

    /// <summary>struct rlimit: what is in force, and how far it may be raised.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Limit
    {
        public ulong Current, Maximum;
    }
}
