using Holdfast.Protocol;

namespace Holdfast.Client;

/// <summary>What protects a vault, in plain words and in the stable ones that scripts read.</summary>
internal static class ProtectionWords
{
    private static readonly (Protections Protection, string Name, string Held, string Missing)[] _all =
    [
        (Protections.FolderWall, "folder_wall", "it opens no file but its own",
            "a wall around its files: this system has no Landlock (Linux 5.13 and later)"),
        (Protections.SyscallFilter, "syscall_filter", "it has no network and runs no programs",
            "a filter of its system calls: this system has no seccomp that it may use"),
        (Protections.NoDumps, "no_dumps", "its memory is in no dump, and other programs of yours cannot look into it",
            "a closed memory: other programs of yours can look into it"),
        (Protections.ClosedFromStart, "closed_from_start", "that holds from its first instruction on",
            "a closed memory from its first instruction on: for some thousandths of a second, before it has a key, a program of yours could attach"),
        (Protections.NoNewPrivileges, "no_new_privileges", "it gains no rights by running a program",
            "a promise to gain no rights by running a program"),
        (Protections.CleanStart, "clean_start", "it begins with an empty environment and no files but its pipe",
            "a clean start: it has inherited variables or open files"),
        (Protections.NativeCode, "native_code", "it is native code, and nothing in it makes more as it runs",
            "native code: it was built without clang or gcc, so it runs on the .NET runtime, which compiles as it runs"),
        (Protections.NoDiagnostics, "no_diagnostics", "its runtime has no door for debuggers and profilers",
            "a runtime without a door for debuggers and profilers"),
        (Protections.SecretMemory, "secret_memory", "its longest-lived keys are in memory that even the kernel does not map",
            "memory that the kernel does not map, for its longest-lived keys (memfd_secret)"),
        (Protections.NoSwap, "no_swap", "none of its memory is written to a swap space",
            "memory that is never swapped: keys of conversations may be written to this system's swap space, where your user may lock no more "
            + "memory (ulimit -l); see that swap is encrypted"),
        (Protections.OuterWall, "outer_wall", "bubblewrap stands around it as a second wall",
            "a second wall: bubblewrap is not installed, or would let other programs of yours look in"),
        (Protections.FixedProgram, "fixed_program", "only the system's administrator can change its program",
            "a fixed program: the install folder can be changed by your own user, so a program you run could replace Holdfast"),
    ];

    private static readonly (HostWalls Wall, string Name, string Held, string Missing)[] _ofTokenHost =
    [
        (HostWalls.Files, "files", "the token's module reads the system's folders and its own, and writes its own alone",
            "a wall around the files of the token's module: this system has no Landlock (Linux 5.13 and later)"),
        (HostWalls.Network, "network", "it makes no TCP connection",
            "a wall between the token's module and the network (Linux 6.7 and later)"),
        (HostWalls.NoDumps, "no_dumps", "its process is in no dump, and other programs of yours cannot look into it",
            "a closed memory for the token's module: other programs of yours can look into it"),
        (HostWalls.NoNewPrivileges, "no_new_privileges", "it gains no rights by running a program",
            "a promise of the token's module to gain no rights by running a program"),
        (HostWalls.Descriptors, "descriptors", "it has no open files but its pipe",
            "a clean start for the token's module: it may have inherited open files"),
    ];

    /// <summary>Each wall of a token host, and whether it stands.</summary>
    internal static IReadOnlyList<ProtectionAnswer> Of(HostWalls standing) =>
        [.. _ofTokenHost.Select(one => new ProtectionAnswer(one.Name, standing.HasFlag(one.Wall), standing.HasFlag(one.Wall) ? one.Held : one.Missing))];

    /// <summary>Each protection, and whether it is in force.</summary>
    internal static IReadOnlyList<ProtectionAnswer> Of(Protections inForce) =>
        [.. _all.Select(one => (one, isHeld: inForce.HasFlag(one.Protection)))
            .Select(static pair => new ProtectionAnswer(pair.one.Name, pair.isHeld, pair.isHeld ? pair.one.Held : pair.one.Missing))];
}
