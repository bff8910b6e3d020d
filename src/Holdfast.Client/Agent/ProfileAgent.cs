using Holdfast.Cryptography;
using Holdfast.Protocol;
using Microsoft.Extensions.Logging;

namespace Holdfast.Client;

/// <summary>What an agent has: its profile's vault and, once that is unlocked and has an account, the engine.</summary>
internal sealed class ProfileAgent : IDisposable
{
    private static readonly TimeSpan LockPatience = TimeSpan.FromMinutes(1);

    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SemaphoreSlim _changing = new(1);
    private SyncEngine? _engine;
    private DeliveryEngine? _delivery;

    internal ProfileAgent(AgentOptions options, TimeProvider time, RandomSource random, ILogger logger)
    {
        (Options, Time, Random, Logger) = (options, time, random, logger);
        Vault = VaultProcess.Start(options.VaultPath, options.Profile.VaultDirectory);
        _ = Vault.Ended.ContinueWith(_ => _ended.TrySetResult(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    internal AgentOptions Options { get; }

    internal TimeProvider Time { get; }

    internal RandomSource Random { get; }

    internal ILogger Logger { get; }

    internal VaultProcess Vault { get; }

    /// <summary>Completes when there is no vault any more: the agent ends with it.</summary>
    internal Task Ended => _ended.Task;

    /// <summary>Whether the vault has been unlocked.</summary>
    internal bool IsOpen { get; set; }

    /// <summary>After how long without a face the profile is locked.</summary>
    internal TimeSpan AutoLock { get; private set; } = Timeout.InfiniteTimeSpan;

    /// <summary>The engine, where one runs.</summary>
    internal SyncEngine? Running => _engine;

    /// <summary>What fetches for a locked profile, where its owner has it so.</summary>
    internal DeliveryEngine? Fetching => _delivery;

    /// <summary>Whether the profile was locked in order and its owner wants another agent, with nothing in its memory, to go on fetching.</summary>
    internal bool LeavesDelivery { get; private set; }

    private bool Delivers { get; set; }

    /// <summary>The engine of an unlocked profile that has an account.</summary>
    /// <exception cref="FaceException">It is locked, or has none.</exception>
    internal SyncEngine Engine => _engine ?? throw (IsOpen
        ? new FaceException(ExitCode.Failed, FaceCode.NotJoined, "There is no account in this profile yet: join with an invite first.")
        : new FaceException(ExitCode.Locked, FaceCode.Locked, "The profile is locked: unlock it first."));

    /// <summary>How the vault stands.</summary>
    internal Task<Status> StatusAsync(CancellationToken cancellationToken) => Vault.CallAsync<Status>(new GetStatus(), cancellationToken);

    /// <summary>The token hosts of one call: of the token that guards the profile, and of one that is to.</summary>
    internal TokenHosts TokensOf(Status status, TokenHostSettings? other = null) =>
        new(Options.TokenHostPath, status.Token is { } token ? TokenHostSettings.Decode(token.Way.Span) : null, other);

    /// <summary>Does something that opens the vault or makes the account, one at a time.</summary>
    internal async Task ChangeAsync(Func<Task> change, CancellationToken cancellationToken)
    {
        await _changing.WaitAsync(cancellationToken);
        try { await change(); }
        finally { _changing.Release(); }
    }

    /// <summary>
    /// Waits while another face opens the vault or makes the account: the vault is open before the engine runs, and only then it is
    /// known whether there is one.
    /// </summary>
    internal Task SettledAsync(CancellationToken cancellationToken) =>
        _engine is null ? ChangeAsync(static () => Task.CompletedTask, cancellationToken) : Task.CompletedTask;

    /// <summary>Takes what the profile's owner has chosen, unless whoever started the agent has said otherwise.</summary>
    /// <param name="minutes">So many without a face; 0 for never.</param>
    internal void LockAfter(ushort minutes) =>
        AutoLock = Options.Idle ?? (minutes == 0 ? Timeout.InfiniteTimeSpan : TimeSpan.FromMinutes(minutes));

    /// <summary>Starts the engine where the vault is unlocked and has an account.</summary>
    internal async Task StartEngineAsync(CancellationToken cancellationToken)
    {
        var status = await StatusAsync(cancellationToken);
        IsOpen = status.State == VaultState.Unlocked;
        if (IsOpen)
        {
            LockAfter(status.AutoLock);
            Delivers = status.Delivers;
            await StopFetchingAsync();
        }
        if (_engine is not null || !IsOpen || status is not { Pin: not null, Server: { } address }) return;
        var engine = new SyncEngine(Vault, new PinnedServer(address, status.ServerKey), SealedNews.Load(Options.Profile.SpoolPath), Time, Random, Logger);
        try { await engine.StartAsync(cancellationToken); }
        catch
        {
            engine.Dispose();
            throw;
        }
        _engine = engine;
        _ = EndWithAsync(engine);
    }

    /// <summary>Begins to fetch for a locked profile, where its owner has it so.</summary>
    internal async Task StartFetchingAsync(CancellationToken cancellationToken)
    {
        var status = await StatusAsync(cancellationToken);
        if (status is not { State: VaultState.Locked, Delivers: true, Server: { } address } || _delivery is not null) return;
        Delivers = true;
        _delivery = new DeliveryEngine(Vault, new PinnedServer(address, status.ServerKey), Options.Profile.SpoolPath, Time, Random, Logger);
    }

    /// <summary>Stops that; what was fetched is in the spool.</summary>
    internal async Task StopFetchingAsync()
    {
        if (_delivery is not { } delivery) return;
        _delivery = null;
        await delivery.DisposeAsync();
    }

    /// <summary>
    /// The owner has chosen whether the locked device fetches. The server is told with the next login, which an open profile makes at once where
    /// it can; what a locked one fetches with is there from the next lock on, and is gone already where it was taken back.
    /// </summary>
    internal async Task ChooseDeliveryAsync(bool delivers, CancellationToken cancellationToken)
    {
        Delivers = delivers;
        if (!delivers)
        {
            await StopFetchingAsync();
            File.Delete(Options.Profile.SpoolPath);
        }
        if (_engine is not { } engine) return;
        try { await engine.Connector.LogInAgainAsync(cancellationToken); }
        catch (Exception later) when (later is UnreachableException or RefusedException or VaultRefusedException) { return; }
    }

    /// <summary>Wipes and ends the vault, and with it the agent.</summary>
    internal async Task LockAsync()
    {
        await Vault.CallAsync<Ok>(new EndVault(Wipe: false), CancellationToken.None);
        LeavesDelivery = Delivers;
    }

    /// <summary>Nobody uses the profile any more: locks it in order, where it is open and its vault still answers.</summary>
    internal async Task LockIfOpenAsync()
    {
        if (!IsOpen) return;
        try { await LockAsync().WaitAsync(LockPatience); }
        catch (Exception ended) when (ended is VaultEndedException or VaultRefusedException or TimeoutException) { return; }   // it is ended with the agent
    }

    /// <summary>Destroys the profile's keys and files, and ends the vault.</summary>
    internal async Task WipeAsync()
    {
        await StopFetchingAsync();
        await Vault.CallAsync<Ok>(new EndVault(Wipe: true), CancellationToken.None);
        File.Delete(Options.Profile.SpoolPath);
    }

    /// <summary>The last answer is out: the agent may end.</summary>
    internal void End() => _ended.TrySetResult();

    /// <inheritdoc/>
    public void Dispose()
    {
        _engine?.Dispose();
        Vault.Dispose();
        _changing.Dispose();
    }

    /// <summary>What the engine cannot go on from is started afresh by the next command: nothing durable is lost with it.</summary>
    private async Task EndWithAsync(SyncEngine engine)
    {
        try { await engine.Failed; }
        catch (VaultEndedException) { End(); }
        catch (Exception mistake)   // the agent's main loop
        {
            Log.CommandFailed(Logger, mistake);
            End();
        }
    }
}
