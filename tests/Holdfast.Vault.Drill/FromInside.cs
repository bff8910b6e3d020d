namespace Holdfast.Vault.Drill;

/// <summary>
/// What somebody would try who has taken over the vault's process. Arguments are such that the kernel, where it is asked at all, says no for
/// another reason or does something harmless: so it shows who refused.
/// </summary>
internal static class FromInside
{
    private const int Self = -1, Nobody = int.MaxValue;

    public static IEnumerable<Attempt> All(string folder) => [.. Network, .. Processes, .. Kernel, .. Memory(), .. Files(folder), .. Own(folder)];

    private static IEnumerable<Attempt> Network =>
    [
        Attempts.Call("call socket inet", 41, 198, 2, 1), Attempts.Call("call socket inet6", 41, 198, 10, 1),
        Attempts.Call("call socket unix", 41, 198, 1, 1), Attempts.Call("call socket netlink", 41, 198, 16, 3),
        Attempts.Call("call socketpair", 53, 199, 1, 1, 0, 0), Attempts.Call("call connect", 42, 203, Self, 0, 0),
        Attempts.Call("call bind", 49, 200, Self, 0, 0), Attempts.Call("call accept4", 288, 242, Self, 0, 0),
        Attempts.Call("call sendmsg", 46, 211, Self, 0, 0), Attempts.Call("call recvmsg", 47, 212, Self, 0, 0),
    ];

    private static IEnumerable<Attempt> Processes =>
    [
        Attempts.Call("call execve", 59, 221, 0, 0, 0), Attempts.Call("call execveat", 322, 281, Self, 0, 0, 0),
        new("call clone process", Fork), Attempts.Call("call clone3", 435, 435, 0, 0),
        Attempts.Call("call ptrace", 101, 117, 16, Nobody), Attempts.Call("call process_vm_readv", 310, 270, Nobody, 0, 0, 0),
        Attempts.Call("call process_vm_writev", 311, 271, Nobody, 0, 0, 0), Attempts.Call("call kill", 62, 129, Nobody, 0),
        Attempts.Call("call tgkill of others", 234, 131, Nobody, Nobody, 0), Attempts.Call("call pidfd_open", 434, 434, Environment.ProcessId, 0),
        Attempts.Call("call pidfd_getfd", 438, 438, Self, 0, 0), Attempts.Call("call pidfd_send_signal", 424, 424, Self, 0, 0, 0),
        Attempts.Call("call process_madvise", 440, 440, Self, 0, 0, 0), Attempts.Call("call kcmp", 312, 272, Nobody, Nobody, 0, 0),
        Attempts.Call("call setns", 308, 268, Self, 0), Attempts.Call("call unshare", 272, 97, 0),
        Attempts.Call("call capset", 126, 91, 0, 0), Attempts.Call("call personality", 135, 92, -1),
    ];

    private static IEnumerable<Attempt> Kernel =>
    [
        Attempts.Call("call io_uring_setup", 425, 425, 0, 0), Attempts.Call("call bpf", 321, 280, 9999, 0, 0),
        Attempts.Call("call userfaultfd", 323, 282, 0x7fff), Attempts.Call("call perf_event_open", 298, 241, 0, 0, -1, -1),
        Attempts.Call("call keyctl", 250, 219, 9999), Attempts.Call("call add_key", 248, 217, 0, 0, 0, 0),
        Attempts.Call("call request_key", 249, 218, 0, 0, 0, 0), Attempts.Call("call mount", 165, 40, 0, 0, 0, 0),
        Attempts.Call("call umount2", 166, 39, 0, 0), Attempts.Call("call pivot_root", 155, 41, 0, 0), Attempts.Call("call chroot", 161, 51, 0),
        Attempts.Call("call fsopen", 430, 430, 0, 0), Attempts.Call("call open_tree", 428, 428, Self, 0, 0),
        Attempts.Call("call init_module", 175, 105, 0, 0, 0), Attempts.Call("call finit_module", 313, 273, Self, 0, 0),
        Attempts.Call("call kexec_load", 246, 104, 0, 0, 0, -1), Attempts.Call("call swapon", 167, 224, 0, 0),
        Attempts.Call("call fanotify_init", 300, 262, -1, 0), Attempts.Call("call inotify_init1", 294, 26, 0),
        Attempts.Call("call open_by_handle_at", 304, 265, Self, 0, 0), Attempts.Call("call seccomp", 317, 277, 9999, 0, 0),
        Attempts.Call("call landlock_create_ruleset", 444, 444, 0, 0, 1), Attempts.Call("call syslog", 103, 116, 10),
        Attempts.Call("call prctl dumpable", 157, 167, 4, 1), Attempts.Call("call prlimit64 core", 302, 261, 0, 4, 1),
        Attempts.Call("call ioctl of a terminal", 16, 29, Self, 0x5412, 0), Attempts.Call("call fcntl owner", 72, 25, Self, 8, 0),
        Attempts.Call("call futex_waitv", 449, 449, 0, 0, 0, 0), Attempts.Call("call with a number of x32", 0x40000000 | 39, 99999),
        Attempts.Call("call that nobody has made yet", 99999, 99999),
    ];

    private static IEnumerable<Attempt> Memory() =>
    [
        Attempts.Call("call memfd_create", 319, 279, 0, 0), Attempts.Call("call memfd_secret", 447, 447, 0),
        Attempts.Call("call shmget", 29, 194, 0, 4096, 0x380), Attempts.Call("call msgget", 68, 186, 0, 0x380),
    ];

    private static IEnumerable<Attempt> Files(string folder)
    {
        string program = Environment.ProcessPath!;
        return
        [
            Attempts.Open("path of an account", "/etc/passwd"), Attempts.Open("path of the root", "/"),
            Attempts.Open("path of the folder above", Path.Combine(folder, "..")), Attempts.Open("path beside it", folder + "/../beside"),
            Attempts.Open("path of a link that leads out", Path.Combine(folder, "link")),
            Attempts.Open("path of another process", "/proc/1/status"), Attempts.Open("path of its own memory", "/proc/self/mem", Native.ReadWrite),
            Attempts.Open("path of a new file in /tmp", $"/tmp/holdfast-drill-{Environment.ProcessId}", Native.WriteOnly | Native.Create),
            Attempts.Open("path of a new file beside it", folder + "/../made", Native.WriteOnly | Native.Create),
            Attempts.Open("path of its own program", program, Native.WriteOnly),
            Attempts.Open("path of a new library", Path.Combine(Path.GetDirectoryName(program)!, "made.so"), Native.WriteOnly | Native.Create),
            Attempts.Open("path of shared memory", $"/dev/shm/holdfast-drill-{Environment.ProcessId}", Native.WriteOnly | Native.Create),
        ];
    }

    /// <summary>What the vault lives of.</summary>
    private static IEnumerable<Attempt> Own(string folder)
    {
        string made = Path.Combine(folder, "made"), moved = Path.Combine(folder, "moved");
        return
        [
            new("own file", () => Done(() => File.WriteAllText(made, "mine"))), new("own file moved", () => Done(() => File.Move(made, moved))),
            new("own file read", () => File.ReadAllText(moved).Length), new("own file deleted", () => Done(() => File.Delete(moved))),
            new("own threads", () => Done(StartThreads)),
            new("own time", () => (nint)(Environment.TickCount64 & int.MaxValue)),
            new("own randomness", () => Done(static () => System.Security.Cryptography.RandomNumberGenerator.GetBytes(32))),
            new("own collection", () => Done(static () => GC.Collect())),
        ];
    }

    /// <summary>So many at once that the runtime has none left over to use again.</summary>
    private static void StartThreads()
    {
        using var all = new Barrier(32);
        var threads = Enumerable.Range(0, all.ParticipantCount).Select(_ => new Thread(() => all.SignalAndWait())).ToList();
        threads.ForEach(static thread => thread.Start());
        threads.ForEach(static thread => thread.Join());
    }

    private static nint Done(Action action)
    {
        action();
        return 0;
    }

    /// <summary>Where there is a child after all, it ends at once.</summary>
    private static nint Fork()
    {
        const int ChildEnded = 17;   // SIGCHLD
        nint child = Attempts.Invoke(56, 220, ChildEnded);
        if (child == 0) _ = Attempts.Invoke(231, 94, 0);
        return child;
    }
}
