using System.Collections.Concurrent;
using System.Diagnostics;

namespace Holdfast.Server.Tests.Support;

/// <summary>The real executable.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private static readonly ConcurrentDictionary<string, bool> Started = [];

    private readonly Process _process;

    private ServerProcess(Process process) => _process = process;

    public Endpoint Endpoint { get; private set; } = null!;

    public string? OwnerInvite { get; private set; }

    public int Id => _process.Id;

    /// <summary>Its file.</summary>
    public static string Executable => Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "holdfast-server.exe" : "holdfast-server");

    public static async Task<ServerProcess> StartAsync(string data, string listen = "https://127.0.0.1:0", params string[] more)
    {
        bool first = Place.IsDatabase(data) ? Started.TryAdd(data, true) : !File.Exists(Path.Combine(data, "holdfast.db"));
        var server = new ServerProcess(Start(["run", .. Place.Arguments(data), "--listen", listen, .. more]));
        string address = (await server.LineAsync())["listening ".Length..], key = (await server.LineAsync())["server key ".Length..];
        if (first) server.OwnerInvite = await server.LineAsync();
        server.Endpoint = new Endpoint(new Uri(address), Convert.FromHexString(key));
        return server;
    }

    /// <summary>Runs a command to its end.</summary>
    public static async Task<(int Code, string Output, string Errors)> RunAsync(params string[] arguments)
    {
        using var process = Start(arguments);
        var output = process.StandardOutput.ReadToEndAsync();
        string errors = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output, errors);
    }

    /// <summary>kill -9.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>Closes its input, as the system does when whoever started it dies, and says how it ended; null where it goes on.</summary>
    public async Task<int?> CloseInputAsync(TimeSpan patience)
    {
        _process.StandardInput.Close();
        using var limit = new CancellationTokenSource(patience);
        try { await _process.WaitForExitAsync(limit.Token); }
        catch (OperationCanceledException) { return null; }
        return _process.ExitCode;
    }

    /// <summary>What it wrote to its standard error, once it has ended.</summary>
    public async Task<string[]> ErrorsAsync() => (await _process.StandardError.ReadToEndAsync()).Split('\n');

    /// <summary>SIGTERM, and the exit code.</summary>
    public async Task<int> EndAsync()
    {
        using (var kill = Process.Start("kill", ["-TERM", $"{_process.Id}"])) await kill.WaitForExitAsync();
        await _process.WaitForExitAsync();
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) await KillAsync();
        _process.Dispose();
        Endpoint?.Dispose();
    }

    private static Process Start(IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(Executable, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        return Process.Start(start)!;
    }

    private async Task<string> LineAsync() =>
        await _process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException(await _process.StandardError.ReadToEndAsync());
}
