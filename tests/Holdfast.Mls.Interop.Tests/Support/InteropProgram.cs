using System.Diagnostics;

namespace Holdfast.Mls.Interop.Tests;

/// <summary>The executable, as it was built beside the tests.</summary>
internal static class InteropProgram
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <summary>Beside the tests' own folder: artifacts/bin/PROJECT/CONFIGURATION.</summary>
    private static string Path { get; } = System.IO.Path.Combine(
        AppContext.BaseDirectory,
        "../../Holdfast.Mls.Interop",
        new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(System.IO.Path.DirectorySeparatorChar)).Name,
        OperatingSystem.IsWindows() ? "holdfast-mls-interop.exe" : "holdfast-mls-interop");

    internal static Process Start(params string[] arguments) => Process.Start(new ProcessStartInfo(Path, arguments)
    {
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    })!;

    /// <summary>Runs it to its end.</summary>
    internal static async Task<(int ExitCode, string Output, string Errors)> RunAsync(params string[] arguments)
    {
        using var process = Start(arguments);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync();
            var errors = process.StandardError.ReadToEndAsync();
            await process.WaitForExitAsync().WaitAsync(Patience);
            return (process.ExitCode, await output, await errors);
        }
        finally
        {
            if (!process.HasExited) process.Kill();
        }
    }
}
