using System.Diagnostics;
using System.Globalization;

namespace Holdfast.Cli.Tests;

/// <summary>
/// ATTACKS D-17: words pass through the agent and the command line. Neither leaves a dump, whatever the environment asks for, and other
/// programs of the same user do not look into them. (That a .NET program otherwise leaves one is <c>AttackerTests.AnotherProgramThatDiesLeavesADump</c>.)
/// </summary>
public sealed class ClosedMemoryTests : IDisposable
{
    private const int Nobody = 65534;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly string _folder = Directory.CreateTempSubdirectory("holdfast-closed-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory, InlineData("ABRT"), InlineData("SEGV")]
    public async Task ADyingAgentLeavesNoDumpAndNobodyLooksIntoALivingOne(string signal)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && File.Exists("/usr/bin/setpriv"), "this is how Linux does it");
        Assert.SkipUnless(Household.LinkPrograms(), "the vault is not built");
        if (Environment.IsPrivilegedProcess) await RunAsync("/bin/chown", Own(_folder));
        using var agent = Start(Dumping, HoldfastProcess.Executable, "agent", "--profile", Path.Combine(_folder, "profile"));
        Assert.True(SpinWait.SpinUntil(() => File.Exists(Path.Combine(_folder, "profile", "agent.sock")), Patience));
        string process = agent.Id.ToString(CultureInfo.InvariantCulture);
        Assert.Equal("Max core file size 0 0 bytes", Squeeze(File.ReadLines($"/proc/{process}/limits").Single(static line => line.StartsWith("Max core", StringComparison.Ordinal))));
        foreach (string file in (string[])["environ", "maps", "mem", "fd/0"])
        {
            using var look = Start("", "/bin/dd", $"if=/proc/{process}/{file}", "of=/dev/null", "count=0");
            await look.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.True(look.ExitCode != 0, file);
        }
        // A runtime takes the first for a fault of its own that will come again, and lets the second through.
        for (int sent = 0; sent < 2 && !agent.WaitForExit(TimeSpan.FromSeconds(sent)); sent++) await RunAsync("/bin/kill", [$"-{signal}", process]);
        Assert.True(agent.WaitForExit(Patience));
        Assert.Equal(["profile"], Directory.EnumerateFileSystemEntries(_folder).Select(Path.GetFileName));
    }

    /// <summary>The control: a program of the same user that has not closed itself is looked into.</summary>
    [Fact]
    public async Task AnotherProgramIsLookedInto()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && File.Exists("/usr/bin/setpriv"), "this is how Linux does it");
        using var other = Start("", "/bin/sleep", "60");
        using var look = Start("", "/bin/dd", $"if=/proc/{other.Id}/environ", "of=/dev/null", "count=0");
        await look.WaitForExitAsync(TestContext.Current.CancellationToken);
        other.Kill();
        Assert.Equal(0, look.ExitCode);
    }

    private string Dumping => $"cd '{_folder}'; ulimit -c unlimited; export DOTNET_DbgEnableMiniDump=1 DOTNET_DbgMiniDumpName='{_folder}/dump.%p';";

    private static string[] Own(string folder) => [string.Create(CultureInfo.InvariantCulture, $"{Nobody}:{Nobody}"), folder];

    private static string Squeeze(string line) => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries));

    /// <summary>As a user without rights, through a shell: setpriv itself still has root's as it starts it.</summary>
    private static Process Start(string before, params string[] command)
    {
        string[] shell = ["/bin/sh", "-c", before + " exec \"$0\" \"$@\"", .. command];
        string user = Nobody.ToString(CultureInfo.InvariantCulture);
        string[] whole = Environment.IsPrivilegedProcess ? ["/usr/bin/setpriv", "--reuid", user, "--regid", user, "--clear-groups", .. shell] : shell;
        var start = new ProcessStartInfo(whole[0], whole[1..]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment.Remove("DOTNET_EnableDiagnostics");
        return Process.Start(start)!;
    }

    private static async Task RunAsync(string program, string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
    }
}
