using System.Diagnostics;
using Holdfast.Client.Tests.Support;

namespace Holdfast.Client.Tests;

/// <summary>A library put beside the vault is refused where the installation is root's; where it is not, that is seen, and status says so (ATTACKS D-18).</summary>
public sealed class InstalledFilesTests : IDisposable
{
    private readonly Drill _drill = new();

    public void Dispose() => _drill.Dispose();

    [Fact]
    public void NobodyReplacesALibraryOfAnInstallationThatIsRoots()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "only root has an installation that is root's");
        string installation = Path.GetDirectoryName(_drill.Vault)!;
        var attempts = Drill.Read(_drill.Ask(_drill.Program, "replace", installation));
        Assert.True(attempts.Count >= 3 + (4 * 2), $"{attempts.Count} attempts");
        Assert.DoesNotContain(attempts, static attempt => attempt.Value == "done");
        Assert.True(InstalledFiles.AreOfRoot(installation));
        Assert.False(InstalledFiles.AreFixed(installation));   // to root it is not
    }

    /// <summary>The control: of one that is the user's, all of it is replaced, and that is seen beforehand.</summary>
    [Fact]
    public void WhereItIsTheUsersOwnItIsReplacedAndThatIsSeen()
    {
        string installation = Path.Combine(_drill.Own, "installation");
        Run("cp", "-r", Path.GetDirectoryName(_drill.Vault)!, installation);
        if (Environment.IsPrivilegedProcess) Run("chown", "-R", "65534:65534", installation);
        Assert.False(InstalledFiles.AreOfRoot(installation));
        var attempts = Drill.Read(_drill.Ask(_drill.Program, "replace", installation));
        Assert.All(attempts.Where(static attempt => !attempt.Key.EndsWith("write", StringComparison.Ordinal)), static attempt => Assert.Equal((attempt.Key, "done"), (attempt.Key, attempt.Value)));
    }

    [Theory, InlineData("holdfast-vault", "0777"), InlineData("holdfast-vault", "0775"), InlineData(".", "0775"), InlineData("..", "0777")]
    public void WhatOthersMayWriteIsNotFixed(string what, string mode)
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "only root has an installation that is root's");
        string installation = Path.GetDirectoryName(_drill.Vault)!;
        Run("chmod", mode, Path.Combine(installation, what));
        Assert.False(InstalledFiles.AreOfRoot(installation));
    }

    /// <summary>What the system passes on its way to a token's module: folders, links, and what is behind them.</summary>
    [Fact]
    public void AWayThatOthersCanTurnIsNotRoots()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "only root has links that are root's");
        const string Fixed = "/usr/lib/os-release";
        string own = Path.Combine(Path.GetDirectoryName(_drill.Own)!, "way"), file = Path.Combine(own, "module.so"), link = Path.Combine(own, "link"), far = Path.Combine(own, "far");
        Directory.CreateDirectory(own);
        File.WriteAllText(file, "");
        File.CreateSymbolicLink(link, file);
        File.CreateSymbolicLink(far, "/usr/lib");
        Assert.True(InstalledFiles.IsOfRoot(Fixed));
        Assert.True(InstalledFiles.IsOfRoot("/etc/os-release"));   // a link, from where it is
        Assert.True(InstalledFiles.IsOfRoot("/nothing.so"));
        string[] all = [file, link, far + "/os-release", far + "/../lib/os-release"];
        Assert.All(all, static path => Assert.True(InstalledFiles.IsOfRoot(path), path));

        Turned("chown", ["65534", file], ["0", file], file, link);
        Turned("chmod", ["0666", file], ["0644", file], file, link);
        Turned("chown", ["-h", "65534", far], ["-h", "0", far], far + "/os-release", far + "/../lib/os-release");
        Turned("chown", ["65534", own], ["0", own], [.. all, own + "/nothing.so", own + "/../../../../../../../usr/lib/os-release"]);
        Turned("chmod", ["1777", own], ["0755", own], own + "/nothing.so");   // there, others can put one
        Run("ln", "-s", "loop", Path.Combine(own, "loop"));
        Assert.False(InstalledFiles.IsOfRoot(Path.Combine(own, "loop")));
    }

    private static void Turned(string command, string[] there, string[] back, params string[] paths)
    {
        Assert.All(paths, static path => Assert.True(InstalledFiles.IsOfRoot(path), path));
        Run(command, there);
        Assert.All(paths, static path => Assert.False(InstalledFiles.IsOfRoot(path), path));
        Run(command, back);
    }

    private static void Run(string command, params string[] arguments)
    {
        using var process = Process.Start(command, arguments);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }
}
