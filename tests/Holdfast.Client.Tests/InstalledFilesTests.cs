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

    private static void Run(string command, params string[] arguments)
    {
        using var process = Process.Start(command, arguments);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }
}
