namespace Holdfast.Protocol;

/// <summary>What protects a running vault, as far as it was tried and found to hold: stable numbers.</summary>
[Flags]
public enum Protections : uint
{
    /// <summary>Nothing is known.</summary>
    None = 0,

    /// <summary>It is native code: nothing in it compiles or loads code as it runs, and on Linux no memory becomes executable.</summary>
    NativeCode = 1 << 0,

    /// <summary>The runtime has no port for debuggers, profilers and dumps, and takes no startup hooks.</summary>
    NoDiagnostics = 1 << 1,

    /// <summary>Its memory is in no dump, and no program of the same user can look into it.</summary>
    NoDumps = 1 << 2,

    /// <summary>That held from its first instruction on: its executable can be run and not read.</summary>
    ClosedFromStart = 1 << 3,

    /// <summary>It gains no rights by running a program.</summary>
    NoNewPrivileges = 1 << 4,

    /// <summary>It began with no environment but its own, and no open files but its pipe.</summary>
    CleanStart = 1 << 5,

    /// <summary>It opens no file outside its own folder (Landlock).</summary>
    FolderWall = 1 << 6,

    /// <summary>It makes no system calls but those it needs: no sockets, no programs, no processes (seccomp).</summary>
    SyscallFilter = 1 << 7,

    /// <summary>Its longest-lived keys are in memory that the kernel itself does not map (memfd_secret).</summary>
    SecretMemory = 1 << 8,

    /// <summary>It runs in namespaces of its own (bubblewrap). Said by who started it.</summary>
    OuterWall = 1 << 9,

    /// <summary>Its program and libraries can only be changed by the system's administrator. Said by who started it.</summary>
    FixedProgram = 1 << 10,

    /// <summary>None of its memory is ever written to a swap space: it is locked. Or there is none, as who started it says.</summary>
    NoSwap = 1 << 11,
}
