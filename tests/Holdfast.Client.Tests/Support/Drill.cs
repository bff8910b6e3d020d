using System.Diagnostics;
using Holdfast.Protocol;

namespace Holdfast.Client.Tests.Support;

/// <summary>
/// A vault and an attacker of the same user, who is nobody in particular: where the tests run as root, both run as the user 65534, from
/// copies in a folder that everybody may read.
/// </summary>
internal sealed class Drill : IDisposable
{
    private const string Nobody = "65534";
    private const UnixFileMode Everyone = UnixFileMode.OtherRead | UnixFileMode.OtherExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute;
    private const UnixFileMode OfOwner = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly string _root = Directory.CreateTempSubdirectory("holdfast-drill-").FullName;
    private readonly List<Process> _processes = [];

    public Drill()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the walls are Linux's");
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(_root, OfOwner | Everyone);
        (Vault, Program) = (Copy(Installed.Vault, "vault"), Copy(Installed.Find("Holdfast.Vault.Drill", "holdfast-vault-drill"), "drill"));
        Own = Directory.CreateDirectory(Path.Combine(_root, "own")).FullName;
        Folder = Directory.CreateDirectory(Path.Combine(Own, "folder")).FullName;
        File.WriteAllText(Path.Combine(Own, "beside"), "not the vault's");
        File.CreateSymbolicLink(Path.Combine(Folder, "link"), Path.Combine(Own, "beside"));
        if (Environment.IsPrivilegedProcess) Run("chown", "-R", $"{Nobody}:{Nobody}", Own);
    }

    /// <summary>The vault's program, which belongs to who runs the tests.</summary>
    public string Vault { get; }

    /// <summary>The attacker's.</summary>
    public string Program { get; }

    /// <summary>A folder of the user, and in it the vault's own.</summary>
    public string Own { get; }

    public string Folder { get; }

    /// <summary>What a program of the user says until its end.</summary>
    public string[] Ask(string program, params string[] arguments)
    {
        using var process = Start([program, .. arguments]);
        string[] lines = process.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        process.WaitForExit();
        return lines;
    }

    /// <summary>A program of the user that has begun to answer: from then on it is as closed as it will be.</summary>
    public Process Wait(params string[] command)
    {
        var process = Start(command);
        _processes.Add(process);
        if (command.Contains(Program))
        {
            Assert.Equal("waiting", process.StandardOutput.ReadLine());
            return process;
        }
        process.StandardInput.BaseStream.Write(VaultFrame.Wrap<VaultCall>(new GetStatus()));
        process.StandardInput.BaseStream.Flush();
        Span<byte> header = stackalloc byte[VaultFrame.HeaderBytes];
        process.StandardOutput.BaseStream.ReadExactly(header);
        process.StandardOutput.BaseStream.ReadExactly(new byte[VaultFrame.ReadLength(header)]);
        return process;
    }

    /// <summary>The attempts, by name, and what became of each.</summary>
    public static Dictionary<string, string> Read(IEnumerable<string> lines) =>
        lines.Select(static line => line.Split('\t')).ToDictionary(static parts => parts[0], static parts => parts[1]);

    public void Dispose()
    {
        foreach (var process in _processes)
        {
            if (!process.HasExited) process.Kill();
            process.WaitForExit(TimeSpan.FromSeconds(60));
            process.Dispose();
        }
        Directory.Delete(_root, recursive: true);
    }

    /// <summary>Through a shell, so that what is started is judged by the user's rights alone: setpriv itself still has root's as it starts it.</summary>
    private Process Start(string[] command)
    {
        string[] whole = Environment.IsPrivilegedProcess
            ? ["/usr/bin/setpriv", "--reuid", Nobody, "--regid", Nobody, "--clear-groups", "/bin/sh", "-c", "exec \"$0\" \"$@\"", .. command]
            : command;
        var start = new ProcessStartInfo(whole[0], whole[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            WorkingDirectory = Own,
        };
        foreach (string name in (string[])["HOME", "DOTNET_EnableDiagnostics"]) start.Environment.Remove(name);
        return Process.Start(start)!;
    }

    private string Copy(string program, string name)
    {
        string folder = Path.Combine(_root, name);
        Run("cp", "-r", Path.GetDirectoryName(program)!, folder);
        Run("chmod", "-R", "go+X", folder);
        return Path.Combine(folder, Path.GetFileName(program));
    }

    private static void Run(string command, params string[] arguments)
    {
        using var process = Process.Start(command, arguments);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }
}
