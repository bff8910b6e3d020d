using System.Diagnostics;
using System.Runtime.InteropServices;
using Holdfast.Client.Tests.Support;

namespace Holdfast.Client.Tests;

/// <summary>A program of the same user gets nothing out of a running vault, and what started it has no say in it (ATTACKS D-17, D-18).</summary>
public sealed class AttackerTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Drill _drill = new();

    public void Dispose() => _drill.Dispose();

    [Fact]
    public void AProgramOfTheSameUserGetsNothingOutOfTheVault()
    {
        var vault = _drill.Wait(_drill.Vault, _drill.Folder);
        var attempts = Drill.Read(_drill.Ask(_drill.Program, "attack", Id(vault)));
        Assert.Equal(11, attempts.Count);
        Assert.DoesNotContain(attempts, static attempt => attempt.Value == "done");
    }

    /// <summary>The control: of a program without the walls, the same user gets all of it.</summary>
    [Fact]
    public void OfAProgramWithoutTheWallsAnAttackerGetsAll()
    {
        var other = _drill.Wait(_drill.Program, "wait");
        var attempts = Drill.Read(_drill.Ask(_drill.Program, "attack", Id(other)));
        // A pipe that root made is root's, whoever has it.
        var made = attempts.Where(static attempt => !attempt.Key.StartsWith("its ", StringComparison.Ordinal));
        Assert.All(made, static attempt => Assert.Equal((attempt.Key, "done"), (attempt.Key, attempt.Value)));
    }

    [Fact]
    public void NothingOfAHostileEnvironmentReachesTheVault()
    {
        var vault = _drill.Wait(["/usr/bin/env", .. Hostile(), _drill.Vault, _drill.Folder]);
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "only root may look");
        Assert.DoesNotContain(Preloaded, File.ReadAllText($"/proc/{vault.Id}/maps"), StringComparison.Ordinal);
        string environment = File.ReadAllText($"/proc/{vault.Id}/environ");
        Assert.DoesNotContain("hostile", environment, StringComparison.Ordinal);
        Assert.DoesNotContain("LD_", environment, StringComparison.Ordinal);
        var other = _drill.Wait(["/usr/bin/env", .. Hostile()[..1], _drill.Program, "wait"]);   // the control
        Assert.Contains(Preloaded, File.ReadAllText($"/proc/{other.Id}/maps"), StringComparison.Ordinal);
    }

    /// <summary>The keys that live longest are in memory that is not there for others, root's tools among them.</summary>
    [Fact]
    public void NotEvenRootReadsTheSecretMemory()
    {
        var vault = _drill.Wait(_drill.Vault, _drill.Folder);
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "only root may look");
        string[] maps = File.ReadAllLines($"/proc/{vault.Id}/maps");
        Assert.SkipUnless(maps.Any(static line => line.Contains("secretmem", StringComparison.Ordinal)), "this kernel has no memfd_secret");
        using var memory = File.OpenHandle($"/proc/{vault.Id}/mem");
        Assert.Throws<IOException>(() => ReadFirst(memory, maps.First(static line => line.Contains("secretmem", StringComparison.Ordinal))));
        string stack = maps.First(static line => line.Contains("[stack]", StringComparison.Ordinal));
        Assert.Equal(16, ReadFirst(memory, stack, fromEnd: 64));   // the control
    }

    [Fact]
    public void WhatTheCallerLeftOpenIsClosed()
    {
        string open = $"exec 7</etc/passwd 8>>'{_drill.Own}/left'; exec \"$0\" \"$@\"";
        var vault = _drill.Wait("/bin/sh", "-c", open, _drill.Vault, _drill.Folder);
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "only root may look");
        Assert.DoesNotContain(OpenFiles(vault), static file => file is "/etc/passwd" || file.EndsWith("/left", StringComparison.Ordinal));
        var other = _drill.Wait("/bin/sh", "-c", "exec 7</etc/passwd; exec \"$0\" \"$@\"", _drill.Program, "wait");   // the control
        Assert.Contains("/etc/passwd", OpenFiles(other));
    }

    [Theory, InlineData("SEGV"), InlineData("ABRT")]
    public void ADyingVaultLeavesNoDump(string signal)
    {
        var vault = _drill.Wait(["/bin/sh", "-c", $"ulimit -c unlimited; {Dumping()} exec \"$0\" \"$@\"", _drill.Vault, _drill.Folder]);
        Kill(vault, signal);
        Assert.DoesNotContain(Directory.EnumerateFileSystemEntries(_drill.Own, "*", SearchOption.AllDirectories), IsDump);
    }

    /// <summary>The control: a .NET program without the walls leaves one.</summary>
    [Fact]
    public void AnotherProgramThatDiesLeavesADump()
    {
        var other = _drill.Wait(["/bin/sh", "-c", $"ulimit -c unlimited; {Dumping()} exec \"$0\" \"$@\"", _drill.Program, "wait"]);
        using var kill = Process.Start("/bin/kill", ["-ABRT", Id(other)]);
        Assert.True(SpinWait.SpinUntil(() => Directory.EnumerateFileSystemEntries(_drill.Own).Any(IsDump), Patience));
    }

    [Fact]
    public void AVaultThatIsTracedFromItsStartDoesNotGoOn()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/strace"), "strace is not installed");
        using var traced = Process.Start(new ProcessStartInfo("/usr/bin/strace", ["-f", "-o", "/dev/null", Installed.Vault, _drill.Folder])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        Assert.True(traced.WaitForExit(Patience));
        Assert.Equal(3, traced.ExitCode);
    }

    private const string Preloaded = "libBrokenLocale.so.1";

    private static string[] Hostile() =>
    [
        $"LD_PRELOAD={Preloaded}", "DOTNET_EnableDiagnostics_IPC=1", "hostile=1", "MallocNanoZone=hostile", "SSL_CERT_FILE=/tmp/hostile",
        "OPENSSL_ENGINES=/tmp/hostile", "DOTNET_STARTUP_HOOKS=/tmp/hostile.dll", "CORECLR_ENABLE_PROFILING=1",
        "CORECLR_PROFILER={846F5F1C-F9AE-4B07-969E-05C26BC060D8}", "CORECLR_PROFILER_PATH=/tmp/hostile.so", "SQLITE_TMPDIR=/tmp/hostile", "TMPDIR=/tmp/hostile",
    ];

    private string Dumping() =>
        $"DOTNET_DbgEnableMiniDump=1 DOTNET_DbgMiniDumpType=1 DOTNET_DbgMiniDumpName='{_drill.Own}/dump.%p' DOTNET_ROOT='{RuntimeRoot()}'";

    private static string RuntimeRoot() => Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));

    private static int ReadFirst(Microsoft.Win32.SafeHandles.SafeFileHandle memory, string map, int fromEnd = 0)
    {
        string[] bounds = map.Split(' ')[0].Split('-');
        var style = System.Globalization.NumberStyles.HexNumber;
        var culture = System.Globalization.CultureInfo.InvariantCulture;
        long at = fromEnd > 0 ? long.Parse(bounds[1], style, culture) - fromEnd : long.Parse(bounds[0], style, culture);
        return RandomAccess.Read(memory, new byte[16], at);
    }

    private static bool IsDump(string path) =>
        Path.GetFileName(path) is var name
        && (name.StartsWith("core", StringComparison.Ordinal) || name.StartsWith("dump", StringComparison.Ordinal));

    private static void Kill(Process process, string signal)
    {
        // A runtime takes the first for a fault of its own that will come again, and lets the second through.
        for (int sent = 0; sent < 2 && !process.WaitForExit(TimeSpan.FromSeconds(sent)); sent++)
        {
            using var kill = Process.Start("/bin/kill", [$"-{signal}", Id(process)]);
            kill.WaitForExit();
        }
        Assert.True(process.WaitForExit(Patience));
    }

    private static IEnumerable<string> OpenFiles(Process process) =>
        [.. Directory.EnumerateFiles($"/proc/{process.Id}/fd").Select(static link => new FileInfo(link).LinkTarget ?? "")];

    private static string Id(Process process) => process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
