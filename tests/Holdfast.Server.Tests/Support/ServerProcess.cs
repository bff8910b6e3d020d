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

    public static Task<ServerProcess> StartAsync(string data, string listen = "https://127.0.0.1:0", params string[] more) => StartAsync(data, null, listen, more);

    /// <summary>Starts it with more in its environment.</summary>
    public static Task<ServerProcess> StartAsync(
        string data, IReadOnlyDictionary<string, string>? environment, string listen = "https://127.0.0.1:0", params string[] more) =>
        StartAsync(data, environment, [], ["--listen", listen, .. more]);

    /// <summary>Starts it by a command that runs another, such as on a host of its own.</summary>
    public static Task<ServerProcess> StartOnAsync(string[] within, string data, string listen, params string[] more) =>
        StartAsync(data, null, within, ["--listen", listen, .. more]);

    private static async Task<ServerProcess> StartAsync(string data, IReadOnlyDictionary<string, string>? environment, string[] within, string[] more)
    {
        bool first = Place.IsDatabase(data) ? Started.TryAdd(data, true) : !File.Exists(Path.Combine(data, "holdfast.db"));
        var server = new ServerProcess(Start(["run", .. Place.Arguments(data), .. more], environment, within));
        string address = (await server.LineAsync())["listening ".Length..], key = (await server.LineAsync())["server key ".Length..];
        if (first) server.OwnerInvite = await server.LineAsync();
        server.Endpoint = new Endpoint(new Uri(address), Convert.FromHexString(key));
        return server;
    }

    /// <summary>Runs a command to its end.</summary>
    public static Task<(int Code, string Output, string Errors)> RunAsync(params string[] arguments) => RunAsync(null, arguments);

    /// <summary>Runs a command to its end with more in its environment.</summary>
    public static async Task<(int Code, string Output, string Errors)> RunAsync(IReadOnlyDictionary<string, string>? environment, params string[] arguments)
    {
        using var process = Start(arguments, environment);
        var output = process.StandardOutput.ReadToEndAsync();
        string errors = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output, errors);
    }

    /// <summary>New invites of a server, running or not.</summary>
    public static async Task<string[]> InviteAsync(string place, int count)
    {
        var (code, output, errors) = await RunAsync(["invite", .. Place.Arguments(place), "--count", $"{count}"]);
        Assert.True(code == 0, errors);
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    /// <summary>Waits until it has ended by itself, and says how; null where it goes on.</summary>
    public async Task<int?> EndedAsync(TimeSpan patience)
    {
        using var limit = new CancellationTokenSource(patience);
        try { await _process.WaitForExitAsync(limit.Token); }
        catch (OperationCanceledException) { return null; }
        return _process.ExitCode;
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
        return await EndedAsync(patience);
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

    private static Process Start(string[] arguments, IReadOnlyDictionary<string, string>? environment, string[]? within = null)
    {
        string[] words = [.. within ?? [], Executable, .. arguments];
        var start = new ProcessStartInfo(words[0], words[1..]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>()) start.Environment[name] = value;
        return Process.Start(start)!;
    }

    private async Task<string> LineAsync() =>
        await _process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException(await _process.StandardError.ReadToEndAsync());
}
