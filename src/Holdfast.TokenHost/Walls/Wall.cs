using System.Globalization;
using System.Runtime.InteropServices;
using Holdfast.Protocol;

namespace Holdfast.TokenHost.Walls;

/// <summary>
/// What is put between this process and the rest of the machine before a module is in it. Landlock binds a thread and what it starts, and
/// the runtime has threads of its own by now: so the process raises its walls, and then starts itself once more behind them.
/// </summary>
internal static unsafe class Wall
{
    /// <summary>What tells the second start from the first; it says which walls stand.</summary>
    private const string Marker = "HOLDFAST_WALLS";

    /// <summary>Comes back behind the walls, or, where this platform has none, without.</summary>
    internal static HostWalls Raise(HostSettings settings, IReadOnlyList<string> arguments)
    {
        if (!OperatingSystem.IsLinux()) return HostWalls.None;
        if (Environment.GetEnvironmentVariable(Marker) is { } marked)
        {
            var walls = (HostWalls)ushort.Parse(marked, CultureInfo.InvariantCulture);
            Landlock.StartNothing();
            return Libc.prctl(Libc.SetDumpable, 0, 0, 0, 0) == 0 ? walls | HostWalls.NoDumps : walls;   // starting a program undoes this one
        }
        var raised = Limit();
        raised |= Landlock.Raise(settings);
        if (Libc.syscall(Libc.CloseRange, 3, int.MaxValue, 4, 0) == 0) raised |= HostWalls.Descriptors;   // CLOSE_RANGE_CLOEXEC
        StartAgain(arguments, raised);
        return raised & ~(HostWalls.Files | HostWalls.Network);   // it did not start: these hold for one thread only
    }

    private static HostWalls Limit()
    {
        nuint* none = stackalloc nuint[] { 0, 0 }, few = stackalloc nuint[] { 256, 256 };
        _ = Libc.setrlimit(Libc.LimitCore, none);
        _ = Libc.setrlimit(Libc.LimitFiles, few);
        return Libc.prctl(Libc.SetNoNewPrivileges, 1, 0, 0, 0) == 0 ? HostWalls.NoNewPrivileges : HostWalls.None;
    }

    private static void StartAgain(IReadOnlyList<string> arguments, HostWalls raised)
    {
        string program = Environment.ProcessPath!;
        var environment = Environment.GetEnvironmentVariables();
        var kept = environment.Keys.Cast<string>().Select(name => $"{name}={environment[name]}");
        string mark = string.Create(CultureInfo.InvariantCulture, $"{Marker}={(ushort)raised}");
        fixed (nint* argv = Strings([program, .. arguments]), envp = Strings([.. kept, mark, "DOTNET_EnableDiagnostics=0"]))
            _ = Libc.execve(argv[0], argv, envp);
    }

    /// <summary>As C has them: pointers, the last of which is null. They go with the program that is replaced.</summary>
    private static nint[] Strings(IEnumerable<string> strings) => [.. strings.Select(Marshal.StringToCoTaskMemUTF8), 0];
}
