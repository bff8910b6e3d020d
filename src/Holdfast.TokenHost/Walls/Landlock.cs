using System.Runtime.InteropServices;
using Holdfast.Protocol;

namespace Holdfast.TokenHost.Walls;

/// <summary>
/// Landlock (Linux, <c>landlock(7)</c>): from here on this thread, and what it starts, reads the system's folders and what the module needs,
/// writes the module's own folders, starts nothing but this program, and makes no TCP connection. The vault has one of its own,
/// <c>Vault/Process/FolderWall.cs</c>: what the kernel learns to forbid is added in both.
/// </summary>
internal static unsafe class Landlock
{
    private const ulong Execute = 1 << 0, WriteFile = 1 << 1, ReadFile = 1 << 2, ReadFolder = 1 << 3, Truncate = 1 << 14, IoctlDevice = 1 << 15;
    private const ulong Read = ReadFile | ReadFolder;
    private const ulong OfFiles = Execute | WriteFile | ReadFile | Truncate | IoctlDevice;

    private static readonly string[] SystemFolders =
        ["/usr", "/lib", "/lib64", "/bin", "/sbin", "/etc", "/opt", "/run", "/proc", "/sys", "/dev/null", "/dev/zero", "/dev/urandom", "/dev/random"];

    /// <summary>What starts a program that is not linked statically; whoever may start it may start anything, so that is taken back later.</summary>
    private static readonly string[] Loaders = ["/lib64/ld-linux-x86-64.so.2", "/lib/ld-linux-aarch64.so.1"];

    /// <summary>The thread that will load the module, and what it starts, start no program any more, not even this one.</summary>
    internal static void StartNothing()
    {
        var attributes = new RulesetAttributes { Files = Execute };
        int rules = (int)Libc.syscall(Libc.LandlockCreateRuleset, (nint)(&attributes), 8, 0, 0);
        if (rules < 0) return;
        _ = Libc.syscall(Libc.LandlockRestrictSelf, rules, 0, 0, 0);
        _ = Libc.close(rules);
    }

    internal static HostWalls Raise(HostSettings settings)
    {
        nint version = Libc.syscall(Libc.LandlockCreateRuleset, 0, 0, 1, 0);   // LANDLOCK_CREATE_RULESET_VERSION
        if (version < 1) return HostWalls.None;
        ulong all = AllOf(version);
        var attributes = new RulesetAttributes { Files = all, Network = version >= 4 ? 3u : 0u, Scoped = version >= 6 ? 3u : 0u };
        nint size = version >= 6 ? 24 : version >= 4 ? 16 : 8;
        int rules = (int)Libc.syscall(Libc.LandlockCreateRuleset, (nint)(&attributes), size, 0, 0);
        if (rules < 0) return HostWalls.None;
        foreach (string folder in SystemFolders.Concat(RuntimeFolders())) Allow(rules, folder, Read & all);
        Allow(rules, Environment.ProcessPath!, (Execute | ReadFile) & all);
        foreach (string loader in Loaders) Allow(rules, loader, (Execute | ReadFile) & all);
        Allow(rules, "/dev/null", (ReadFile | WriteFile) & all);
        if (settings.IsTpm) Allow(rules, settings.Path, (ReadFile | WriteFile | IoctlDevice) & all);
        else Allow(rules, Path.GetDirectoryName(settings.Path)!, Read & all);
        foreach (string folder in settings.Folders) Allow(rules, folder, all & ~Execute & ~IoctlDevice);
        bool stands = Libc.syscall(Libc.LandlockRestrictSelf, rules, 0, 0, 0) == 0;
        _ = Libc.close(rules);
        if (!stands) return HostWalls.None;
        return version >= 4 ? HostWalls.Files | HostWalls.Network : HostWalls.Files;
    }

    /// <summary>Where this program and, of a build that is not native, its runtime lie.</summary>
    private static IEnumerable<string> RuntimeFolders()
    {
        yield return AppContext.BaseDirectory;
        yield return RuntimeEnvironment.GetRuntimeDirectory();
        if (Environment.GetEnvironmentVariable("DOTNET_ROOT") is { Length: > 0 } root) yield return root;
    }

    /// <summary>Every right that this version of Landlock knows: what is not handled is not restricted.</summary>
    private static ulong AllOf(nint version) => version switch
    {
        1 => (1ul << 13) - 1,
        2 => (1ul << 14) - 1,
        3 or 4 => (1ul << 15) - 1,
        _ => (1ul << 16) - 1,
    };

    /// <summary>What is not there needs no rule.</summary>
    private static void Allow(int rules, string path, ulong rights)
    {
        int beneath = Libc.open(path, Libc.Path | Libc.CloseOnExec, 0);
        if (beneath < 0) return;
        var rule = new PathRule { Rights = Directory.Exists(path) ? rights : rights & OfFiles, Beneath = beneath };
        _ = Libc.syscall(Libc.LandlockAddRule, rules, 1, (nint)(&rule), 0);   // LANDLOCK_RULE_PATH_BENEATH
        _ = Libc.close(beneath);
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct RulesetAttributes
    {
        internal ulong Files;
        internal ulong Network;
        internal ulong Scoped;
    }

    [StructLayout(LayoutKind.Sequential, Pack = 1)]
    private struct PathRule
    {
        internal ulong Rights;
        internal int Beneath;
    }
}
