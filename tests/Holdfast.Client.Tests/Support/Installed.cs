using System.Diagnostics;
using System.Globalization;
using Holdfast.Tests;

namespace Holdfast.Client.Tests.Support;

/// <summary>The real executables, as they were built.</summary>
internal static class Installed
{
    public static string Vault { get; } = OfInstallation("vault", "holdfast-vault") ?? Find("Holdfast.Vault", "holdfast-vault");

    public static string Server { get; } = Find("Holdfast.Server", "holdfast-server");

    /// <summary>kill -9 of the vault of one folder, which is named in its command line.</summary>
    public static void KillVault(string folder)
    {
        foreach (var process in Process.GetProcessesByName("holdfast-vault"))
        {
            using (process)
            {
                if (!CommandLine.Of(process.Id.ToString(CultureInfo.InvariantCulture)).Contains(folder)) continue;
                process.Kill();
                return;
            }
        }
        throw new InvalidOperationException("no vault runs there");
    }

    /// <summary>
    /// What <c>build/install</c> made, where <c>HOLDFAST_INSTALL</c> says that it is up to date: the native vault, above all.
    /// </summary>
    private static string? OfInstallation(string folder, string program) =>
        Environment.GetEnvironmentVariable("HOLDFAST_INSTALL") is { Length: > 0 } install ? Path.Combine(install, folder, program) : null;

    /// <summary>Each project's output lies beside ours, in a folder named after the configuration.</summary>
    public static string Find(string project, string program)
    {
        string own = Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory), configuration = Path.GetFileName(own);
        string path = Path.GetFullPath(Path.Combine(own, "..", "..", project, configuration, OperatingSystem.IsWindows() ? program + ".exe" : program));
        return File.Exists(path) ? path : throw new FileNotFoundException("not built", path);
    }
}
