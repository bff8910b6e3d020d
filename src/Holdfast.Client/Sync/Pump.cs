namespace Holdfast.Client;

/// <summary>
/// Something that is kept in step with the server: woken by any change, it looks at how things are and does what is missing,
/// so a lost connection costs nothing but doing it again. All pumps run on the engine's scheduler, one step at a time.
/// </summary>
internal abstract class Pump(SyncEngine engine)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    private readonly Signal _signal = new();

    protected SyncEngine Engine { get; } = engine;

    /// <summary>Something may have changed.</summary>
    internal void Wake() => _signal.Set();

    internal async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await _signal.WaitAsync(cancellationToken);
            if (Engine.Session is not { } session) continue;   // woken again when there is one
            try { await WorkAsync(session, cancellationToken); }
            catch (SessionEndedException) { continue; }
            catch (UnreachableException) { WakeLater(cancellationToken); }
            catch (RefusedException refused)
            {
                Log.RequestRefused(Engine.Logger, refused.Code);
                if (!refused.IsBrief) Tell(refused);
                WakeLater(cancellationToken);
            }
            catch (VaultRefusedException refused)
            {
                Log.VaultRefused(Engine.Logger, refused.Error);
                Tell(refused);
                WakeLater(cancellationToken);
            }
        }
    }

    /// <summary>Does all there is to do on a connection.</summary>
    protected abstract Task WorkAsync(ServerSession session, CancellationToken cancellationToken);

    /// <summary>It cannot be done as things are, on a full disk for one: whoever waits is told why. It is tried again all the same.</summary>
    protected abstract void Tell(Exception reason);

    /// <summary>Has another look after a while.</summary>
    protected void WakeLater(CancellationToken cancellationToken) => _ = WakeAfterAsync(Pause, cancellationToken);

    /// <summary>Has another look after some time.</summary>
    internal async Task WakeAfterAsync(TimeSpan time, CancellationToken cancellationToken)
    {
        await Task.Delay(time, Engine.Time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Wake();
    }
}
