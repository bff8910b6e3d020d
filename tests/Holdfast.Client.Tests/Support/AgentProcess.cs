using System.Diagnostics;
using System.Globalization;
using Holdfast.Tests;

namespace Holdfast.Client.Tests.Support;

/// <summary>Someone whose agent is a process of its own, as its vault is; both die by kill -9 when they are told to (tests/Holdfast.Killer).</summary>
internal sealed class AgentProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1), Pause = TimeSpan.FromMilliseconds(5);

    private readonly Profile _profile;
    private readonly string _order;
    private Process? _agent;
    private int _orders;

    public AgentProcess(string folder)
    {
        (_profile, _order) = (new Profile(folder), Path.Combine(folder, "vault", "die"));
        _profile.Prepare();
        Folder.MakePrivate(_profile.VaultDirectory);   // there are orders before there is a vault
    }

    /// <summary>The program that is agent and vault: the native one that <c>build/killer</c> makes, where <c>HOLDFAST_KILLER</c> names it and it could be made.</summary>
    public static string Program { get; } = Environment.GetEnvironmentVariable("HOLDFAST_KILLER") is { } native && File.Exists(native)
        ? native
        : Installed.Find("Holdfast.Killer", "holdfast-killer");

    private string Steps => Path.Combine(_profile.VaultDirectory, "steps");

    private static byte[] Passcode => "correct horse"u8.ToArray();

    public async Task JoinAsync(string name, string invite)
    {
        Start();
        await AskAsync(new JoinCommand(invite, name, Passcode));
    }

    /// <summary>Waits for the end of what was killed as it joined, of its vault, too, and does the same again.</summary>
    public async Task JoinAgainAsync(string name, string invite)
    {
        using var patience = new CancellationTokenSource(Patience);
        await _agent!.WaitForExitAsync(patience.Token);
        _agent.Dispose();
        while (Processes().Count > 0) await Task.Delay(Pause, patience.Token);   // one that ships goes with whoever has started it
        try { await JoinAsync(name, invite); }
        catch (FaceException done) when (done.Code == FaceCode.AlreadyJoined)
        {
            // It died as it said so.
        }
    }

    /// <summary>From now on: the vault, or the client, dies at the vault's n-th step; of those of a name, where there is one.</summary>
    public void Order(string who, int step, string? name = null)
    {
        string unfinished = _order + ".new";
        File.WriteAllText(unfinished, string.Create(CultureInfo.InvariantCulture, $"{who} {step} {++_orders}{(name is null ? "" : " ")}{name}"));
        File.Move(unfinished, _order);
    }

    /// <summary>From now on until <see cref="TrySpare"/>: nobody dies, and the steps are written down.</summary>
    public void Watch()
    {
        File.Delete(Steps);
        Order("nobody", 0);
    }

    /// <summary>The names of the steps that were written down.</summary>
    public IReadOnlyList<string> Watched() => File.Exists(Steps) ? File.ReadAllLines(Steps) : [];

    /// <summary>Takes an order back; false where it is being carried out.</summary>
    public bool TrySpare()
    {
        try
        {
            File.Move(_order, _order + ".spared", overwrite: true);
            return true;
        }
        catch (FileNotFoundException) { return false; }
    }

    /// <summary>Locks the profile as <c>holdfast lock</c> does; false where the agent has ended before it was asked.</summary>
    public async Task<bool> LockAsync()
    {
        await using var link = await AgentLink.TryConnectAsync(_profile, TestContext.Current.CancellationToken);
        if (link is null) return false;
        try { await link.LockAsync(TimeProvider.System, TestContext.Current.CancellationToken); }
        catch (FaceException ended) when (ended.Code == FaceCode.AgentEnded) { return false; }
        return true;
    }

    /// <summary>The processes that have the profile in their command line: its agent, and its vault.</summary>
    public List<string> Processes() => [.. Directory.EnumerateDirectories("/proc").Select(static folder => Path.GetFileName(folder))
        .Where(static name => int.TryParse(name, CultureInfo.InvariantCulture, out _)).Where(IsOurs)];

    /// <summary>Starts it, locked, once the one before has ended, as a locked one does when nobody asks it anything.</summary>
    public async Task StartLockedAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        await StartAnewAsync(patience.Token);
    }

    public void Kill() => _agent!.Kill();

    public void KillVault()
    {
        string number = File.ReadAllText(Path.Combine(_profile.VaultDirectory, "pid"));
        if (!IsOurs(number)) return;   // it has ended by itself
        using var vault = Process.GetProcessById(int.Parse(number, CultureInfo.InvariantCulture));
        vault.Kill();
    }

    /// <summary>Waits for the end of what was killed, and starts it again: nothing else is done.</summary>
    public async Task RestartAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        for (bool wasInUse = false; ;)
        {
            if (!wasInUse || _agent!.HasExited) await StartAnewAsync(patience.Token);
            try
            {
                await AskAsync(new UnlockCommand(Passcode));
                return;
            }
            catch (FaceException inUse) when (inUse.Message.Contains("has this profile open", StringComparison.Ordinal)) { wasInUse = true; }
            catch (FaceException ended) when (wasInUse && ended.Code == FaceCode.AgentEnded) { await _agent!.WaitForExitAsync(patience.Token); }   // locked, and nobody there
            await Task.Delay(Pause, patience.Token);
        }
    }

    private async Task StartAnewAsync(CancellationToken cancellationToken)
    {
        await _agent!.WaitForExitAsync(cancellationToken);   // where its vault died, it ends by itself
        _agent.Dispose();
        Start();
    }

    public async Task<List<FaceAnswer>> AskAsync(FaceCommand command)
    {
        await using var link = await ConnectAsync();
        var answers = new List<FaceAnswer>();
        await foreach (var answer in link.AskAsync(command, TestContext.Current.CancellationToken)) answers.Add(answer);
        return answers;
    }

    /// <summary>Whether it was acknowledged; where not, whoever carried it out has died.</summary>
    public async Task<bool> SendAsync(string conversation, string text)
    {
        int total = 0;
        try
        {
            await using var link = await ConnectAsync();
            await foreach (var sent in link.SendTextsAsync(conversation, OneAsync(text), TestContext.Current.CancellationToken)) total = sent.Total;
        }
        catch (FaceException ended) when (ended.Code == FaceCode.AgentEnded) { return total == 1; }
        return total == 1;
    }

    /// <summary>What lies behind a position.</summary>
    public async Task<List<MessageAnswer>> ReadAsync(string conversation, ulong since = 0) =>
        [.. (await AskAsync(new ReadCommand(conversation, false, since, null))).OfType<MessageAnswer>()];

    public async ValueTask DisposeAsync()
    {
        if (_agent is null) return;
        if (!_agent.HasExited) _agent.Kill();
        await _agent.WaitForExitAsync();
        _agent.Dispose();
    }

    private bool IsOurs(string process) =>
        CommandLine.Of(process) is var words && (words.Contains(_profile.Directory) || words.Contains(_profile.VaultDirectory));

    private static async IAsyncEnumerable<string> OneAsync(string text)
    {
        await Task.CompletedTask;
        yield return text;
    }

    /// <summary>As <see cref="AgentLaunch"/> does, without its shell.</summary>
    private void Start()
    {
        var start = new ProcessStartInfo(Program, ["agent", _profile.Directory]);
        foreach (var (name, value) in AgentLaunch.Variables) start.Environment[name] = value;
        _agent = Process.Start(start)!;
    }

    /// <summary>A face's connection, if anybody listens.</summary>
    public Task<AgentLink?> TryConnectAsync() => AgentLink.TryConnectAsync(_profile, TestContext.Current.CancellationToken);

    private async Task<AgentLink> ConnectAsync()
    {
        for (long began = TimeProvider.System.GetTimestamp(); TimeProvider.System.GetElapsedTime(began) < Patience; await Task.Delay(Pause))
        {
            if (_agent!.HasExited) throw new FaceException(ExitCode.Failed, FaceCode.AgentEnded, "The agent has died.");
            if (await AgentLink.TryConnectAsync(_profile, TestContext.Current.CancellationToken) is { } link) return link;
        }
        throw new TimeoutException("the agent does not listen");
    }
}
