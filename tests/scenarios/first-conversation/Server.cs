using System.Diagnostics;
using System.Text;

namespace Holdfast.Scenarios.FirstConversation;

/// <summary>The server as a process of its own. Killed, it starts again on the same folder and port.</summary>
internal sealed class Server(Installation installation, string folder) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly StringBuilder _diagnostics = new();
    private string _address = "https://127.0.0.1:0";
    private Process? _process;

    /// <summary>All that it keeps.</summary>
    public string Folder => folder;

    /// <summary>What its very first start printed.</summary>
    public string OwnerInvite { get; private set; } = "";

    /// <summary>What it said to engineers.</summary>
    public string Diagnostics
    {
        get { lock (_diagnostics) return _diagnostics.ToString(); }
    }

    /// <summary>Starts it and waits until it listens.</summary>
    public async Task StartAsync()
    {
        var process = Command.Start(installation.Holdfast, ["server", "run", "--data", folder, "--listen", _address]);
        _process = process;
        process.ErrorDataReceived += (_, said) => { lock (_diagnostics) _diagnostics.AppendLine(said.Data); };
        process.BeginErrorReadLine();
        using var patience = new CancellationTokenSource(Patience);
        const string Listening = "listening ";
        bool isFirst = OwnerInvite.Length == 0, isListening = false;
        while (await process.StandardOutput.ReadLineAsync(patience.Token) is { } line)
        {
            if (line.StartsWith("holdfast://", StringComparison.Ordinal)) OwnerInvite = line;
            if (line.StartsWith(Listening, StringComparison.Ordinal)) (_address, isListening) = (line[Listening.Length..], true);
            if (isListening && (!isFirst || OwnerInvite.Length > 0)) return;
        }
        throw new ScenarioException($"The server does not start: {Diagnostics}");
    }

    /// <summary>Kills it without a warning.</summary>
    public void Kill()
    {
        if (_process is null) return;
        ProcessTable.Kill(_process.Id);
        _process.Dispose();
        _process = null;
    }

    /// <inheritdoc/>
    public void Dispose() => Kill();
}
