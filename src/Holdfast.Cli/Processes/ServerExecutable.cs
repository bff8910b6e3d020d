using System.Diagnostics;
using System.Runtime.InteropServices;
using Holdfast.Client;

namespace Holdfast.Cli.Processes;

/// <summary>The server beside this program.</summary>
internal static class ServerExecutable
{
    private const int WithReason = 1, WrongUsage = 2;

    /// <summary>Where it lies.</summary>
    public static string Path
    {
        get
        {
            string name = OperatingSystem.IsWindows() ? "holdfast-server.exe" : "holdfast-server";
            string path = System.IO.Path.Combine(AppContext.BaseDirectory, "server", name);
            return File.Exists(path) ? path : throw Failure.Server($"The server is not installed: {path} is missing.");
        }
    }

    /// <summary>Becomes the server; where the system cannot do that, runs it and waits.</summary>
    public static async Task BecomeAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        string path = Path;
        if (!OperatingSystem.IsWindows())
        {
            // Never freed: either this process is replaced or it ends.
            nint[] pointers = [.. arguments.Prepend(path).Select(Marshal.StringToCoTaskMemUTF8), 0];
            _ = Posix.Execute(path, pointers);
            throw Failure.Server($"The server cannot be started: {Marshal.GetLastPInvokeErrorMessage()}.");
        }
        using var server = Process.Start(new ProcessStartInfo(path, arguments) { UseShellExecute = false })!;
        await server.WaitForExitAsync(cancellationToken);
        if (server.ExitCode != 0) throw Failure.Server("The server ended with a failure.");
    }

    /// <summary>Asks the operator's side for invites: the lines it prints.</summary>
    public static async Task<IReadOnlyList<string>> InviteAsync(IReadOnlyList<string> place, ulong count, ulong? days, CancellationToken cancellationToken)
    {
        List<string> arguments = ["invite", .. place, "--count", Text(count)];
        if (days is { } expires) arguments.AddRange(["--expires", Text(expires)]);
        using var server = Process.Start(new ProcessStartInfo(Path, arguments)
        {
            UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        })!;
        server.StandardInput.Close();
        var errors = server.StandardError.ReadToEndAsync(cancellationToken);
        string[] lines = (await server.StandardOutput.ReadToEndAsync(cancellationToken)).Split('\n', StringSplitOptions.TrimEntries);
        await server.WaitForExitAsync(cancellationToken);
        string[] invites = [.. lines.Where(line => line.StartsWith(Written.InvitePrefix, StringComparison.Ordinal))];
        return server.ExitCode == 0 && invites.Length > 0 ? invites : throw Failed(server.ExitCode, await errors);
    }

    /// <summary>What a server that gave up said: of wrong usage the first line, of all else the last.</summary>
    public static FaceException Failed(int exitCode, string errors)
    {
        string[] lines = errors.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return exitCode switch
        {
            WrongUsage when lines.Length > 0 => Failure.Usage(lines[0]),
            WithReason when lines.Length > 0 => Failure.Server(lines[^1]),
            _ => Failure.Server("The server has ended unexpectedly: start it again with the same command."),
        };
    }

    private static string Text(ulong number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
