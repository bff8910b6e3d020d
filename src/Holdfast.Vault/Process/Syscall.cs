using System.Runtime.InteropServices;

namespace Holdfast.Vault;

/// <summary>A system call and its numbers; <see cref="Absent"/> where an architecture has none of that name.</summary>
/// <param name="Name">As the kernel calls it.</param>
/// <param name="X64">Its number on x86-64.</param>
/// <param name="Arm64">Its number on arm64.</param>
internal readonly record struct Syscall(string Name, int X64, int Arm64)
{
    internal const int Absent = -1;

    internal static readonly Syscall
        MemoryMap = new("mmap", 9, 222), MemoryProtect = new("mprotect", 10, 226),
        NewThread = new("clone", 56, 220), NewThread3 = new("clone3", 435, 435),
        FileControl = new("fcntl", 72, 25), DeviceControl = new("ioctl", 16, 29), ProcessControl = new("prctl", 157, 167),
        ProcessLimit = new("prlimit64", 302, 261), ThreadKill = new("tgkill", 234, 131),
        Affinity = new("sched_setaffinity", 203, 122);

    internal static readonly Syscall
        Seccomp = new("seccomp", 317, 277), CloseRange = new("close_range", 436, 436), MemoryFileSecret = new("memfd_secret", 447, 447),
        LandlockCreateRuleset = new("landlock_create_ruleset", 444, 444), LandlockAddRule = new("landlock_add_rule", 445, 445),
        LandlockRestrictSelf = new("landlock_restrict_self", 446, 446), Socket = new("socket", 41, 198);

    /// <summary>What a .NET program that has started needs for memory, threads, time and its own files.</summary>
    internal static IReadOnlyList<Syscall> Everyday { get; } =
    [
        new("read", 0, 63),
        new("write", 1, 64),
        new("futex", 202, 98),
        new("pread64", 17, 67),
        new("pwrite64", 18, 68),
        new("readv", 19, 65),
        new("writev", 20, 66),
        new("preadv", 295, 69),
        new("pwritev", 296, 70),
        new("lseek", 8, 62),
        new("close", 3, 57),
        new("openat", 257, 56),
        new("open", 2, Absent),
        new("newfstatat", 262, 79),
        new("fstat", 5, 80),
        new("stat", 4, Absent),
        new("lstat", 6, Absent),
        new("statx", 332, 291),
        new("statfs", 137, 43),
        new("fstatfs", 138, 44),
        new("access", 21, Absent),
        new("faccessat", 269, 48),
        new("faccessat2", 439, 439),
        new("readlink", 89, Absent),
        new("readlinkat", 267, 78),
        new("getcwd", 79, 17),
        new("getdents64", 217, 61),
        new("unlink", 87, Absent),
        new("unlinkat", 263, 35),
        new("rename", 82, Absent),
        new("renameat", 264, 38),
        new("renameat2", 316, 276),
        new("mkdir", 83, Absent),
        new("mkdirat", 258, 34),
        new("rmdir", 84, Absent),
        new("ftruncate", 77, 46),
        new("fallocate", 285, 47),
        new("fadvise64", 221, 223),
        new("fsync", 74, 82),
        new("fdatasync", 75, 83),
        new("flock", 73, 32),
        new("chmod", 90, Absent),
        new("fchmod", 91, 52),
        new("fchmodat", 268, 53),
        new("munmap", 11, 215),
        new("mremap", 25, 216),
        new("madvise", 28, 233),
        new("msync", 26, 227),
        new("mincore", 27, 232),
        new("mlock", 149, 228),
        new("mlock2", 325, 284),
        new("munlock", 150, 229),
        new("brk", 12, 214),
        new("membarrier", 324, 283),
        new("rt_sigaction", 13, 134),
        new("rt_sigprocmask", 14, 135),
        new("rt_sigreturn", 15, 139),
        new("rt_sigtimedwait", 128, 137),
        new("sigaltstack", 131, 132),
        new("restart_syscall", 219, 128),
        new("sched_yield", 24, 124),
        new("sched_getaffinity", 204, 123),
        new("getcpu", 309, 168),
        new("set_robust_list", 273, 99),
        new("get_robust_list", 274, 100),
        new("rseq", 334, 293),
        new("set_tid_address", 218, 96),
        new("gettid", 186, 178),
        new("getpid", 39, 172),
        new("getppid", 110, 173),
        new("getuid", 102, 174),
        new("geteuid", 107, 175),
        new("getgid", 104, 176),
        new("getegid", 108, 177),
        new("getrandom", 318, 278),
        new("getrusage", 98, 165),
        new("getrlimit", 97, 163),
        new("times", 100, 153),
        new("sysinfo", 99, 179),
        new("uname", 63, 160),
        new("get_mempolicy", 239, 236),
        new("clock_gettime", 228, 113),
        new("clock_getres", 229, 114),
        new("clock_nanosleep", 230, 115),
        new("nanosleep", 35, 101),
        new("gettimeofday", 96, 169),
        new("time", 201, Absent),
        new("pipe2", 293, 59),   // the runtime has one for each thread
        new("poll", 7, Absent),
        new("ppoll", 271, 73),
        new("exit", 60, 93),
        new("exit_group", 231, 94),
    ];

    /// <summary>The number on an architecture.</summary>
    internal int On(Architecture architecture) => architecture == Architecture.X64 ? X64 : Arm64;

    /// <summary>Makes the call on the machine we run on.</summary>
    internal nint Invoke(nint a = 0, nint b = 0, nint c = 0, nint d = 0) =>
        Libc.Call(On(RuntimeInformation.ProcessArchitecture), a, b, c, d);
}
