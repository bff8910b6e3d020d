using System.Diagnostics;

namespace Holdfast.Cli.Tests;

/// <summary>What the system forbids is told by its name and its reason.</summary>
public sealed class PermissionTests : IDisposable
{
    private const UnixFileMode Nothing = UnixFileMode.None, All = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode NoWriting = UnixFileMode.UserRead | UnixFileMode.UserExecute;

    private readonly HoldfastProcess _holdfast = new();
    private string? _closed;

    [Theory]
    [InlineData("status")]
    [InlineData("whoami")]
    [InlineData("lock")]
    public async Task AProfileThatMayNotBeEnteredIsNotTakenForNone(string command)
    {
        string profile = Close(Nothing);
        await SaysWhyAsync(profile, command, "--profile", profile);
    }

    [Fact]
    public async Task AProfileThatMayNotBeWrittenIsNamed()
    {
        string profile = Close(NoWriting);
        string passcode = Path.Combine(_holdfast.Folder, "passcode");
        await File.WriteAllTextAsync(passcode, "a good passcode\n", TestContext.Current.CancellationToken);
        await SaysWhyAsync(profile, "whoami", "--profile", profile, "--passcode-file", passcode);
    }

    [Fact]
    public async Task AFileInAFolderThatMayNotBeEnteredIsNotTakenForMissing()
    {
        string file = Path.Combine(Close(Nothing), "report.txt");
        await SaysWhyAsync(file, "send", "Bob", "--file", file);
    }

    public void Dispose()
    {
        if (_closed is not null && !OperatingSystem.IsWindows()) File.SetUnixFileMode(_closed, All);
        _holdfast.Dispose();
    }

    private string Close(UnixFileMode mode)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && (!Environment.IsPrivilegedProcess || File.Exists("/usr/bin/setpriv")), "permissions need a system that has them, and heeds them");
        _closed = _holdfast.MakeLockedProfile("closed");
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(_closed, mode);
        return _closed;
    }

    private async Task SaysWhyAsync(string path, params string[] command)
    {
        // Whom everything is allowed is told nothing: that goes first.
        string[] line = Environment.IsPrivilegedProcess
            ? ["/usr/bin/setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-dac_override,-dac_read_search", HoldfastProcess.Executable, .. command]
            : [HoldfastProcess.Executable, .. command];
        using var process = Process.Start(new ProcessStartInfo(line[0], line[1..]) { RedirectStandardError = true, RedirectStandardOutput = true, WorkingDirectory = _holdfast.Folder })!;
        string error = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 1, $"exit {process.ExitCode}: {error}");
        Assert.Contains(path, error, StringComparison.Ordinal);
        Assert.Contains("permissions", error, StringComparison.Ordinal);
    }
}
