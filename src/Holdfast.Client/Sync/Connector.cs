using Holdfast.Protocol;

namespace Holdfast.Client;

/// <summary>Keeps the device connected: logs in, hands the session to the engine, and does it again when it ends.</summary>
internal sealed class Connector(SyncEngine engine, PinnedServer server) : IDisposable
{
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(0.5), Longest = TimeSpan.FromSeconds(60);

    private readonly BackOff _backOff = new(Shortest, Longest, engine.Random);
    private readonly Signal _tryNow = new();
    private TaskCompletionSource<ServerSession> _attempt = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _lostAt = engine.Time.GetTimestamp();

    /// <summary>The server.</summary>
    internal PinnedServer Server => server;

    /// <summary>For how long there has been no connection.</summary>
    internal TimeSpan Gone => engine.Session is null ? engine.Time.GetElapsedTime(_lostAt) : TimeSpan.Zero;

    /// <summary>The present connection, or how an attempt made at once ends.</summary>
    /// <exception cref="UnreachableException">The server cannot be reached.</exception>
    internal async Task<ServerSession> ConnectAsync(CancellationToken cancellationToken)
    {
        if (engine.Session is { } session) return session;
        var attempt = _attempt.Task;
        _tryNow.Set();
        return await attempt.WaitAsync(cancellationToken);
    }

    /// <summary>Ends the present connection and makes another: the server hears with its login what has changed.</summary>
    /// <exception cref="UnreachableException">The server cannot be reached.</exception>
    internal async Task LogInAgainAsync(CancellationToken cancellationToken)
    {
        if (engine.Session is { } session)
        {
            Lose();
            await session.DisposeAsync();
        }
        await ConnectAsync(cancellationToken);
    }

    /// <summary>Until cancelled.</summary>
    internal async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await using var session = await ServerSession.OpenAsync(server, engine.Vault, cancellationToken);
                _backOff.Reset();
                await engine.Vault.CallAsync<Ok>(new ReportLogin(LoginOutcome.Accepted), cancellationToken);
                await engine.AttachAsync(session, cancellationToken);
                EndAttempt().SetResult(session);
                await session.Ended.WaitAsync(cancellationToken);
            }
            catch (UnreachableException failed)
            {
                await engine.OpenSpooledAsync(cancellationToken);
                Fail(failed);
            }
            catch (VaultRefusedException failed) { Fail(failed); }
            catch (RefusedException refused)
            {
                Log.RequestRefused(engine.Logger, refused.Code);
                if (refused.Code == RefusalCode.Cloned && !await IsCopyAsync(cancellationToken)) continue;
                Fail(refused);
            }
            finally
            {
                Lose();
            }
            await WaitAsync(_backOff.Next(), cancellationToken);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => server.Dispose();

    /// <summary>Has the vault take the server's word that this is a copy; it does not where its owner had it recovered since that login was signed.</summary>
    private async Task<bool> IsCopyAsync(CancellationToken cancellationToken)
    {
        await engine.Vault.CallAsync<Ok>(new ReportLogin(LoginOutcome.Cloned), cancellationToken);
        return (await engine.Vault.CallAsync<Status>(new GetStatus(), cancellationToken)).Cloned;
    }

    private void Lose()
    {
        if (engine.Session is null) return;
        engine.Detach();
        _lostAt = engine.Time.GetTimestamp();
        Log.Disconnected(engine.Logger);
    }

    private void Fail(Exception reason)
    {
        var attempt = EndAttempt();
        attempt.SetException(reason);
        _ = attempt.Task.Exception;   // nobody may be waiting
    }

    private TaskCompletionSource<ServerSession> EndAttempt()
    {
        var ended = _attempt;
        _attempt = new(TaskCreationOptions.RunContinuationsAsynchronously);
        return ended;
    }

    private async Task WaitAsync(TimeSpan time, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAny(Task.Delay(time, engine.Time, stop.Token), _tryNow.WaitAsync(stop.Token));
        await stop.CancelAsync();
        cancellationToken.ThrowIfCancellationRequested();
    }
}
