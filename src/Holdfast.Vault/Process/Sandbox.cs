using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Holdfast.Cryptography;
using Holdfast.Protocol;

namespace Holdfast.Vault;

/// <summary>
/// The walls around this process, which stand before it reads a byte of its pipe. It starts twice: first it builds what must hold from
/// a program's first instruction on (nothing inherited but three streams, no environment, a wall around files that binds every thread) and
/// runs itself again behind that; then it loads its libraries and closes the rest. Nothing of it can be undone. Where a system has less,
/// less is built, and <see cref="Protections"/> says what holds: each is tried, not believed.
/// </summary>
internal static unsafe class Sandbox
{
    /// <summary>The second argument of the second start.</summary>
    internal const string Again = "--again";

    private const int SetParentDeathSignal = 1, GetDumpable = 3, SetDumpable = 4, SetNoNewPrivileges = 38, GetNoNewPrivileges = 39;   // PR_*
    private const int Kill = 9;
    private const int SetDenyWriteExecute = 65, RefuseExecutableGain = 1;   // PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN
    private const int FirstInherited = 3, CloseRangeOnExec = 4;   // behind the standard streams; CLOSE_RANGE_CLOEXEC
    private const int InetFamily = 2, StreamSocket = 1;
    private const int SecretBytes = 64 << 10;
    private const string NoOpenSslModules = "OPENSSL_CONF=/dev/null";   // what a configuration names would be loaded

    /// <summary>All that a runtime that compiles as it runs is told; native code is told nothing.</summary>
    private static readonly string[] _runtimeVariables =
        ["DOTNET_EnableDiagnostics=0", "DOTNET_EnableEventPipe=0", "DOTNET_DbgEnableMiniDump=0", "DOTNET_TieredPGO=0", "DOTNET_NOLOGO=1"];

    /// <summary>Where libraries and what the runtime asks of the machine are found.</summary>
    private static readonly string[] _readable =
    [
        "/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/etc/ld.so.cache", "/dev/urandom", "/proc/self", "/proc/meminfo",
        "/proc/stat", "/sys/devices/system", "/sys/fs/cgroup",
    ];

    private static bool IsNative => !RuntimeFeature.IsDynamicCodeSupported;

    private static bool IsKnownSystem =>
        OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture is Architecture.X64 or Architecture.Arm64;

    /// <summary>The first start: ends by running this program again. Returns where that cannot be done.</summary>
    /// <param name="folder">The vault's own folder. It is made where it is missing: a gate leads to what is there.</param>
    internal static void BeginAgain(string folder)
    {
        MakeFolder(folder);
        if (!IsKnownSystem || Environment.ProcessPath is not { } program || Path.GetFileNameWithoutExtension(program) == "dotnet") return;
        ForbidDumps();
        using (var wall = FolderWall.Plan(scoped: true))
        {
            if (wall is not null) OpenGates(wall, program, folder);
            wall?.Raise();
        }
        CloseInherited();
        Run(program, [program, folder, Again], NewEnvironment());
    }

    /// <summary>The second start, or the first where there can be no second: closes everything that is left to close.</summary>
    /// <param name="folder">The vault's own folder.</param>
    /// <param name="isAgain">Whether this is the second.</param>
    /// <param name="protections">What holds now.</param>
    /// <returns>False if somebody is tracing this process: it then must not go on.</returns>
    internal static bool TryClose(string folder, bool isAgain, out Protections protections)
    {
        protections = IsNative ? Protections.NativeCode | Protections.NoDiagnostics : Protections.None;
        if (!IsNative && Environment.GetEnvironmentVariable("DOTNET_EnableDiagnostics") == "0") protections |= Protections.NoDiagnostics;
        Libraries.Load();
        if (!IsKnownSystem) return true;
        if (Libc.Control(GetDumpable) == 0) protections |= Protections.ClosedFromStart;
        ForbidDumps();
        if (IsTraced()) return false;
        if (isAgain && HasCleanStart()) protections |= Protections.CleanStart;
        if (SecretPages.Map(SecretBytes) is var pages && pages is not null)
        {
            SecretArena.Use((nint)pages, SecretBytes);
            protections |= Protections.SecretMemory;
        }
        if (MemoryLock.TryTake()) protections |= Protections.NoSwap;
        if (IsNative) _ = Libc.Control(SetDenyWriteExecute, RefuseExecutableGain);
        if (IsNative) NarrowFiles(folder);
        protections |= Filter();
        return true;
    }

    /// <summary>No dumps, no debugger of the same user, no privileges by running other programs, and an end with who started us.</summary>
    private static void ForbidDumps()
    {
        _ = Libc.Control(SetDumpable, 0);
        var none = default(Libc.Limit);
        _ = Libc.SetLimit(Libc.CoreLimit, &none);
        _ = Libc.Control(SetNoNewPrivileges, 1);
        _ = Libc.Control(SetParentDeathSignal, Kill);
    }

    private static void MakeFolder(string folder)
    {
        if (OperatingSystem.IsWindows()) return;
        try { Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute); }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            return;   // told when a profile is made in it
        }
    }

    /// <summary>Gates for what a program needs to start, and for the vault's own folder.</summary>
    private static void OpenGates(FolderWall wall, string program, string folder)
    {
        foreach (string path in (string[])[.. _readable, .. MappedFolders(), .. RuntimeFolder()])
            wall.Open(path, FolderWall.Read | FolderWall.Execute);
        wall.Open(Path.GetDirectoryName(program)!, FolderWall.Read | FolderWall.Execute);
        wall.Open("/dev/null", FolderWall.ReadFile | FolderWall.WriteFile);
        wall.Open(folder, FolderWall.Own);
    }

    /// <summary>Where the libraries lie that this program has loaded: not every system keeps them where most do.</summary>
    private static IEnumerable<string> MappedFolders() =>
        File.ReadLines("/proc/self/maps").Where(static line => line.Contains('/') && line.Contains(".so", StringComparison.Ordinal))
            .Select(static line => Path.GetDirectoryName(line[line.IndexOf('/')..])!).Distinct();

    /// <summary>The .NET installation, three folders above the runtime's own; none for native code.</summary>
    private static string[] RuntimeFolder() =>
        IsNative ? [] : [Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."))];

    /// <summary>Whatever was left open is closed by the second start.</summary>
    private static void CloseInherited()
    {
        const int Most = 4096, SetDescriptorFlags = 2, CloseOnExecFlag = 1;   // F_SETFD, FD_CLOEXEC
        if (Syscall.CloseRange.Invoke(FirstInherited, unchecked((nint)uint.MaxValue), CloseRangeOnExec) == 0) return;
        for (int descriptor = FirstInherited; descriptor < Most; descriptor++)
            _ = Syscall.FileControl.Invoke(descriptor, SetDescriptorFlags, CloseOnExecFlag);
    }

    private static string[] NewEnvironment() => IsNative
        ? [NoOpenSslModules]
        : [NoOpenSslModules, .. _runtimeVariables, .. RuntimeFolder().Select(static root => $"DOTNET_ROOT={root}")];

    private static void Run(string program, string[] arguments, string[] environment)
    {
        byte** argumentList = Texts(arguments), environmentList = Texts(environment);
        _ = Libc.Execute(program, argumentList, environmentList);   // returns only where it fails
        FreeTexts(argumentList);
        FreeTexts(environmentList);
    }

    private static byte** Texts(string[] texts)
    {
        var list = (byte**)NativeMemory.AllocZeroed((nuint)texts.Length + 1, (nuint)sizeof(byte*));
        for (int i = 0; i < texts.Length; i++) list[i] = (byte*)Marshal.StringToCoTaskMemUTF8(texts[i]);
        return list;
    }

    private static void FreeTexts(byte** list)
    {
        for (byte** text = list; *text is not null; text++) Marshal.FreeCoTaskMem((nint)(*text));
        NativeMemory.Free(list);
    }

    /// <summary>Whether somebody was quicker than we were and steps through this process: no wall keeps him out then.</summary>
    private static bool IsTraced()
    {
        const string Tracer = "TracerPid:";
        string? line = File.ReadLines("/proc/self/status").FirstOrDefault(static line => line.StartsWith(Tracer, StringComparison.Ordinal));
        return line is not null && line[Tracer.Length..].Trim() != "0";
    }

    private static bool HasCleanStart() => Environment.GetEnvironmentVariables().Count == NewEnvironment().Length;

    /// <summary>All libraries are there: from now on nothing but the vault's own folder is opened, by any of the two threads there are.</summary>
    private static void NarrowFiles(string folder)
    {
        using var wall = FolderWall.Plan(scoped: false);
        if (wall is null) return;
        wall.Open(folder, FolderWall.Own);
        wall.Open("/proc/meminfo", FolderWall.ReadFile);   // the garbage collector asks how much memory is left
        wall.Raise();
        FinalizerErrand.Run(() => wall.Raise());
    }

    /// <summary>Puts up the filter, and says what is then found to hold.</summary>
    private static Protections Filter()
    {
        var holding = Protections.None;
        if (Libc.Control(GetDumpable) == 0) holding |= Protections.NoDumps;
        if (Libc.Control(GetNoNewPrivileges) == 1) holding |= Protections.NoNewPrivileges;
        if (Libc.Open("/", Libc.CloseOnExec) is var root && root < 0) holding |= Protections.FolderWall;
        else _ = Libc.Close(root);
        bool isFiltered = SyscallFilter.Install(mayMakeCode: !IsNative);
        if (isFiltered && IsRefused(Syscall.Socket, InetFamily, StreamSocket)) holding |= Protections.SyscallFilter;
        return holding;
    }

    private static bool IsRefused(Syscall call, nint first, nint second) =>
        call.Invoke(first, second) < 0 && Libc.LastError == Libc.NotPermitted;

    /// <summary>Has the one thread that is not ours, the finalizer's, do something: a wall binds only who builds it.</summary>
    private sealed class FinalizerErrand(Action errand)
    {
        ~FinalizerErrand() => errand();

        internal static void Run(Action errand)
        {
            Leave(errand);
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        private static void Leave(Action errand) => _ = new FinalizerErrand(errand);
    }
}
