using Holdfast.Protocol;

namespace Holdfast.Client;

/// <summary>Does what the vault says is due: fresh keys, proposals of others to be committed, members to be added again.</summary>
internal sealed class DuePump(SyncEngine engine) : Pump(engine)
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(1), Shortest = TimeSpan.FromSeconds(1), Margin = TimeSpan.FromMilliseconds(50);

    private long _askedAt;
    private TimeSpan _askAgain = TimeSpan.Zero;

    /// <summary>Something has happened that may have made something due; a little later, so that not all members do it at once.</summary>
    internal void Hasten()
    {
        var soon = Engine.Time.GetElapsedTime(_askedAt) + BackOff.Around(Soon, Engine.Random);
        if (soon >= _askAgain) return;
        _askAgain = soon;
        _ = WakeAfterAsync(BackOff.Around(Soon, Engine.Random) + Shortest, CancellationToken.None);
    }

    protected override void Tell(Exception reason)
    {
        // nobody waits for what is due
    }

    protected override async Task WorkAsync(ServerSession session, CancellationToken cancellationToken)
    {
        if (Engine.Time.GetElapsedTime(_askedAt) < _askAgain) return;
        var due = await Engine.Vault.CallAsync<Due>(new ListAll(Listed.Due), cancellationToken);
        _askedAt = Engine.Time.GetTimestamp();
        var pause = TimeSpan.FromSeconds(Math.Min(due.RetryAfter, (uint)TimeSpan.FromDays(7).TotalSeconds));
        _askAgain = BackOff.Around(pause > Shortest ? pause : Shortest, Engine.Random);
        _ = WakeAfterAsync(_askAgain + Margin, cancellationToken);
        foreach (var work in due.Items) await PerformAsync(work, cancellationToken);
    }

    private async Task PerformAsync(DueWork work, CancellationToken cancellationToken)
    {
        try
        {
            var call = new PerformDue(work);
            if (work.Kind == DueKind.AskToRejoin) await Engine.Vault.CallAsync(call, cancellationToken);
            else if (await Engine.PumpOf(work.Log).SealAsync(call, cancellationToken) is not null) return;
            await Engine.Outbox.LoadAsync(cancellationToken);   // it may have gone there instead
        }
        catch (VaultRefusedException refused) when (!refused.MayPass) { Log.VaultRefused(Engine.Logger, refused.Error); }
        catch (NoAccessException) { Log.DuePutOff(Engine.Logger, work.Kind); }   // no access to that log now
    }
}
