using System.Diagnostics;

namespace Holdfast.Client.Tests.Support;

/// <summary>The real executables, as they were built.</summary>
internal static class Installed
{
    public static string Vault { get; } = Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "holdfast-vault.exe" : "holdfast-vault");

    public static string Server { get; } = Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "holdfast-server.exe" : "holdfast-server");

    /// <summary>kill -9 of the vault of one folder, which is named in its command line.</summary>
    public static async Task KillVaultAsync(string folder)
    {
        foreach (var process in Process.GetProcessesByName("holdfast-vault"))
        {
            using (process)
            {
                if (!(await File.ReadAllTextAsync($"/proc/{process.Id}/cmdline")).Contains(folder, StringComparison.Ordinal)) continue;
                process.Kill();
                return;
            }
        }
        throw new InvalidOperationException("no vault runs there");
    }
}
