using System.Globalization;
using Holdfast.Client.Tests.Support;
using Holdfast.Protocol;

namespace Holdfast.Client.Tests;

/// <summary>Whoever takes the vault's process over from inside gets nowhere (ATTACKS D-2, D-4, D-25).</summary>
public sealed class InsideOutTests : IDisposable
{
    private const string NotPermitted = "error 1", NoAccess = "error 13", NotImplemented = "error 38";

    private readonly Drill _drill = new();

    public void Dispose() => _drill.Dispose();

    [Fact]
    public void OnlyWhatIsAllowedWorks()
    {
        var inside = Drill.Read(_drill.Ask(_drill.Program, _drill.Folder));
        var held = (Protections)uint.Parse(inside["protections"], CultureInfo.InvariantCulture);
        Assert.SkipUnless(held.HasFlag(Protections.FolderWall | Protections.SyscallFilter), "this kernel has no Landlock or no seccomp");
        Assert.True(held.HasFlag(Protections.NoDumps | Protections.NoNewPrivileges | Protections.CleanStart | Protections.NoDiagnostics), $"{held}");
        var expected = inside.Where(static attempt => attempt.Key != "protections").ToDictionary(static attempt => attempt.Key, Expected);
        Assert.True(expected.Count(static attempt => attempt.Value != "done") >= 60);
        Assert.Equal(expected, inside.Where(static attempt => attempt.Key != "protections").ToDictionary());
    }

    /// <summary>The control: without the walls the kernel does each of them, or says no for a reason of its own.</summary>
    [Fact]
    public void WithoutTheWallsEverythingIsDone()
    {
        var free = Drill.Read(_drill.Ask(_drill.Program, "free", _drill.Folder));
        // What no user may who is not root, walls or not, and what some kernels are built without.
        string[] ofRoot =
        [
            "mount", "umount2", "pivot_root", "chroot", "init_module", "finit_module", "kexec_load", "swapon", "fanotify_init",
            "open_by_handle_at", "setns", "bpf", "perf_event_open", "userfaultfd", "syslog", "io_uring_setup", "open_tree", "fsopen",
            "memfd_secret", "process_madvise", "kcmp", "futex_waitv", "keyctl", "add_key", "request_key", "with a number of x32",
            "that nobody has made yet", "clone3", "ptrace", "prctl dumpable",
        ];
        var refused = free.Where(static attempt => attempt.Value is NotPermitted or NoAccess).Select(static attempt => attempt.Key)
            .Except(ofRoot.Select(static name => $"call {name}")).Except(["path of its own program", "path of a new library"]);
        Assert.Empty(refused);
        Assert.True(free.Count(static attempt => attempt.Value == "done") >= 30);
    }

    private static string Expected(KeyValuePair<string, string> attempt) => attempt.Key switch
    {
        "call clone3" => NotImplemented,
        var name when name.StartsWith("call ", StringComparison.Ordinal) => NotPermitted,
        var name when name.StartsWith("path ", StringComparison.Ordinal) => NoAccess,
        _ => "done",
    };
}
