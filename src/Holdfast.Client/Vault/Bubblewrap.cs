using System.Diagnostics;

namespace Holdfast.Client;

/// <summary>
/// The outer wall: bubblewrap gives the vault namespaces of its own, in which there is no network, no other process and no file but what it
/// needs. It is used where it makes the vault safer, and that is not everywhere: without privileges it needs a user namespace, and whoever
/// made one may look into any process in it, so every program of the same user could (user_namespaces(7)).
/// </summary>
internal static class Bubblewrap
{
    /// <summary>Where the system's own is; never looked for on a path that others choose.</summary>
    internal const string Program = "/usr/bin/bwrap";

    private static readonly TimeSpan TrialPatience = TimeSpan.FromSeconds(10);

    /// <summary>Of what it shows of the system.</summary>
    private static readonly string[] SystemFolders = ["/usr", "/lib", "/lib64", "/etc/ld.so.cache"];

    /// <summary>Its arguments up to the program's; null where it is not there, makes nothing safer or does not work.</summary>
    /// <param name="program">The vault's executable.</param>
    /// <param name="folder">The vault's own folder.</param>
    /// <param name="runtime">Where .NET is, where the executable needs it.</param>
    internal static string[]? Around(string program, string folder, string? runtime)
    {
        if (!OperatingSystem.IsLinux() || UnixFile.Describe(Program) is not (0, var mode)) return null;
        bool isPrivileged = Environment.IsPrivilegedProcess || mode.HasFlag(UnixFileMode.SetUser);
        if (!isPrivileged && !StaysClosed(program)) return null;
        string[] arguments = Arguments(program, folder, runtime);
        return Works(arguments, program) ? arguments : null;
    }

    /// <summary>
    /// A program that may be run but not read belongs to the namespace of who owns it, root's, and in that one we have no say: what it
    /// closes to us stays closed.
    /// </summary>
    private static bool StaysClosed(string program)
    {
        if (UnixFile.Describe(program) is not (0, _)) return false;
        try
        {
            using var readable = File.OpenHandle(program);
            return false;
        }
        catch (UnauthorizedAccessException) { return true; }
    }

    private static string[] Arguments(string program, string folder, string? runtime)
    {
        string own = Path.GetDirectoryName(program)!;
        return
        [
            "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try",
            "--die-with-parent", "--new-session", "--cap-drop", "ALL",
            .. SystemFolders.Where(Path.Exists).SelectMany(ReadOnly), "--proc", "/proc", "--dev", "/dev",
            .. runtime is null ? [] : ReadOnly(runtime), .. ReadOnly(own), "--bind", folder, folder, "--chdir", "/", "--",
        ];
    }

    private static string[] ReadOnly(string path) => ["--ro-bind", path, path];

    /// <summary>The vault is tried behind it, without a folder: it then says how it is used and ends.</summary>
    private static bool Works(string[] arguments, string program)
    {
        const int WrongUsage = 2;
        var start = new ProcessStartInfo(Program, [.. arguments, program]) { RedirectStandardError = true, RedirectStandardOutput = true };
        start.Environment.Clear();
        using var trial = Process.Start(start);
        if (trial is null) return false;
        if (trial.WaitForExit(TrialPatience)) return trial.ExitCode == WrongUsage;
        trial.Kill();
        return false;
    }
}
