using System.Diagnostics;
using System.Text;

namespace Holdfast.Cli.Tests;

/// <summary>What a finished command said.</summary>
internal sealed record Finished(int ExitCode, string Output, string Error)
{
    public IReadOnlyList<string> Lines => Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}

/// <summary>Runs the built executable as people do: as a process, in a folder of its own, without a terminal.</summary>
internal sealed class HoldfastProcess : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(90);

    public string Folder { get; } = Directory.CreateTempSubdirectory("holdfast-cli-").FullName;

    /// <summary>A profile as it looks from outside: there is a key in it, and nobody here knows the passcode.</summary>
    public string MakeLockedProfile(string name)
    {
        string profile = Path.Combine(Folder, name), vault = Directory.CreateDirectory(Path.Combine(profile, "vault")).FullName;
        File.WriteAllBytes(Path.Combine(vault, "vault.key"), []);
        return profile;
    }

    /// <summary>What <c>build/install</c> made, where <c>HOLDFAST_INSTALL</c> says that it is up to date; else what lies beside the tests.</summary>
    public static string Executable => Path.Combine(Installation ?? AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "holdfast.exe" : "holdfast");

    /// <summary>The installation that is up to date, native where the machine can compile it so; null where there is none.</summary>
    public static string? Installation { get; } = Environment.GetEnvironmentVariable("HOLDFAST_INSTALL") is { Length: > 0 } folder ? folder : null;

    public Task<Finished> RunAsync(params string[] arguments) => RunAsync("", arguments);

    public async Task<Finished> RunAsync(string input, string[] arguments)
    {
        using var process = Start(_ => { }, arguments);
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        using var limit = new CancellationTokenSource(Limit);
        try { await process.WaitForExitAsync(limit.Token); }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"holdfast {string.Join(' ', arguments)} does not end");
        }
        return new(process.ExitCode, await output, await error);
    }

    /// <summary>Starts it in a session without a terminal, so that no test ever waits for someone to type.</summary>
    public Process Start(Action<IDictionary<string, string?>> environment, params string[] arguments)
    {
        bool detach = File.Exists("/usr/bin/setsid");
        var start = new ProcessStartInfo(detach ? "/usr/bin/setsid" : Executable, detach ? ["--wait", Executable, .. arguments] : arguments)
        {
            WorkingDirectory = Folder, UseShellExecute = false, StandardInputEncoding = new UTF8Encoding(false),
            StandardOutputEncoding = Encoding.UTF8, StandardErrorEncoding = Encoding.UTF8,
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        start.Environment.Remove("HOLDFAST_PROFILE");
        start.Environment["XDG_DATA_HOME"] = Path.Combine(Folder, "data");
        environment(start.Environment);
        return Process.Start(start)!;
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
