using Holdfast.Protocol;

namespace Holdfast.Client;

/// <summary>Files what waits for other people's inboxes, outside any log.</summary>
internal sealed class DeliveryPump(SyncEngine engine) : Pump(engine)
{
    private readonly Queue<OutboxDeliveries> _waiting = [];
    private readonly HashSet<MessageId> _known = [];
    private readonly CatchUpTickets _tickets = new();

    internal void Add(OutboxDeliveries deliveries)
    {
        if (!_known.Add(deliveries.Id)) return;
        _waiting.Enqueue(deliveries);
        Wake();
    }

    /// <summary>Completes when all that waits now has been filed.</summary>
    internal Task Filed()
    {
        var ticket = _tickets.Draw();
        Wake();
        return ticket;
    }

    protected override void Tell(Exception reason) => _tickets.Fail(reason);

    protected override async Task WorkAsync(ServerSession session, CancellationToken cancellationToken)
    {
        while (_waiting.Count > 0 || _tickets.Any) await _tickets.ServeAsync(() => FileAllAsync(session, cancellationToken));
    }

    private async Task FileAllAsync(ServerSession session, CancellationToken cancellationToken)
    {
        while (_waiting.TryPeek(out var next))
        {
            try { await session.AskAsync<Done>(request => new SubmitDeliveries(request, next.Deliveries)); }
            catch (RefusedException refused) when (!refused.MayPass) { Log.RequestRefused(Engine.Logger, refused.Code); }   // it never will be
            try { await Engine.Vault.CallAsync<Ok>(new LeaveOutbox(next.Id, null), cancellationToken); }
            catch (VaultRefusedException refused) when (!refused.MayPass) { Log.VaultRefused(Engine.Logger, refused.Error); }
            _waiting.Dequeue();
        }
    }
}
