using Holdfast.Protocol;

namespace Holdfast.Client;

/// <summary>
/// Brings what waits in the vault's outbox to the pumps: at the start, and whenever a call may have put something there. What
/// settles while the vault is being asked is not taken up again.
/// </summary>
internal sealed class OutboxLoader(SyncEngine engine)
{
    private readonly HashSet<MessageId> _settled = [];
    private int _loading;

    /// <summary>A post has come back in its log.</summary>
    internal void NoteSettled(MessageId id)
    {
        if (_loading > 0) _settled.Add(id);
    }

    internal async Task LoadAsync(CancellationToken cancellationToken)
    {
        _loading++;
        try
        {
            ulong after = 0;
            do
            {
                var outbox = await engine.Vault.CallAsync<Outbox>(new GetOutbox(after), cancellationToken);
                foreach (var item in outbox.Posts)
                    if (!_settled.Contains(item.Post.Id)) engine.PumpOf(item.Post.Log).Add(item);
                foreach (var deliveries in outbox.Deliveries) engine.Deliveries.Add(deliveries);
                after = outbox.Last;
            }
            while (after != 0);
        }
        finally
        {
            if (--_loading == 0) _settled.Clear();
        }
    }
}
