using System.Diagnostics;
using Holdfast.Client;

namespace Holdfast.Cli.Processes;

/// <summary>
/// A server that runs as long as this command does, however that ends: the server's input is a pipe of ours into which nothing is
/// written, and the server ends when the pipe does.
/// </summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60), EndLimit = TimeSpan.FromSeconds(20);
    private const int RememberedLines = 40;
    private const string Listening = "listening ", Key = "server key ";

    private readonly Process _process;
    private readonly Queue<string> _errors = new();
    private readonly TaskCompletionSource<string> _address = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<string> _key = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile string? _ownerInvite;

    private ServerProcess(Process process) => _process = process;

    /// <summary>Where it listens.</summary>
    public string Address { get; private set; } = "";

    /// <summary>Its key, in hexadecimal: which server it is, wherever it listens.</summary>
    public string ServerKey { get; private set; } = "";

    /// <summary>The owner's invite, which the first start on a data folder prints.</summary>
    public string? OwnerInvite => _ownerInvite;

    /// <summary>Ends when the server does.</summary>
    public Task Ended => _process.WaitForExitAsync();

    /// <summary>Why it ended.</summary>
    public FaceException Failure
    {
        get { lock (_errors) return ServerExecutable.Failed(_process.ExitCode, string.Join('\n', _errors)); }
    }

    /// <summary>Starts it and waits until it listens.</summary>
    public static async Task<ServerProcess> StartAsync(string data, string listen, string? publicUrl, CancellationToken cancellationToken)
    {
        string[] asPublic = publicUrl is null ? [] : ["--public-url", publicUrl];
        var process = Process.Start(new ProcessStartInfo(ServerExecutable.Path, ["run", "--data", data, "--listen", listen, "--end-with-input", .. asPublic])
        {
            UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        })!;
        var server = new ServerProcess(process);
        try
        {
            process.ErrorDataReceived += (_, said) => server.Remember(said.Data);
            process.OutputDataReceived += (_, said) => server.Hear(said.Data);
            process.BeginErrorReadLine();
            process.BeginOutputReadLine();
            await Task.WhenAny(Task.WhenAll(server._address.Task, server._key.Task), server.Ended).WaitAsync(StartLimit, cancellationToken);
            if (process.HasExited) throw server.Failure;
            (server.Address, server.ServerKey) = (await server._address.Task, await server._key.Task);
            return server;
        }
        catch (TimeoutException)
        {
            await server.DisposeAsync();
            throw Cli.Failure.Server($"The server has not begun to listen within {StartLimit.TotalSeconds:0} seconds: look whether this computer is very busy, and try again.");
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Asks it to end, and insists if it does not.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            if (OperatingSystem.IsWindows() || Posix.Kill(_process.Id, Posix.Terminate) != 0) _process.Kill();
            try { await Ended.WaitAsync(EndLimit); }
            catch (TimeoutException) { _process.Kill(); }
        }
        _process.Dispose();
    }

    private void Hear(string? line)
    {
        if (line is null) return;
        if (line.StartsWith(Written.InvitePrefix, StringComparison.Ordinal)) _ownerInvite = line.Trim();
        else if (line.StartsWith(Listening, StringComparison.Ordinal)) _address.TrySetResult(line[Listening.Length..].Trim());
        else if (line.StartsWith(Key, StringComparison.Ordinal)) _key.TrySetResult(line[Key.Length..].Trim());
    }

    private void Remember(string? line)
    {
        if (string.IsNullOrWhiteSpace(line)) return;
        lock (_errors)
        {
            _errors.Enqueue(line);
            if (_errors.Count > RememberedLines) _errors.Dequeue();
        }
    }
}
