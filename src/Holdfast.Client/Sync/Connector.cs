using Holdfast.Protocol;

namespace Holdfast.Client;

/// <summary>Keeps the device connected: logs in, hands the session to the engine, and does it again when it ends.</summary>
internal sealed class Connector(SyncEngine engine, PinnedServer server) : IDisposable
{
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(0.5), Longest = TimeSpan.FromSeconds(60), LoginTime = TimeSpan.FromSeconds(20);

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
                await using var session = await OpenAsync(cancellationToken);
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
                if (refused.Code == RefusalCode.Cloned) await engine.Vault.CallAsync<Ok>(new ReportLogin(LoginOutcome.Cloned), cancellationToken);
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

    private async Task<ServerSession> OpenAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(LoginTime);
        try { return await ServerSession.OpenAsync(server, SignAsync, limit.Token); }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested) { throw new UnreachableException(server.Address); }
    }

    private async Task<ClientFrame> SignAsync(ReadOnlyMemory<byte> nonce) =>
        (await engine.Vault.CallAsync<LoginSigned>(new SignLogin(server.Key, nonce), CancellationToken.None)).Login;

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
