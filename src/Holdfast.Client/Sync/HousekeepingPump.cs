using Holdfast.Protocol;

namespace Holdfast.Client;

/// <summary>Keeps key packages at the server, so that others can add us, and introduces us to whoever invited us.</summary>
internal sealed class HousekeepingPump(SyncEngine engine) : Pump(engine)
{
    private const int Fewest = 20, Batch = 50;

    private readonly CatchUpTickets _tickets = new();
    private ServerSession? _session;
    private int _stock;

    /// <summary>Completes when others can reach us.</summary>
    internal Task Ready()
    {
        var ticket = _tickets.Draw();
        Wake();
        return ticket;
    }

    /// <summary>So many key packages have been used to add us.</summary>
    internal void Used(int count)
    {
        _stock -= count;
        if (_stock < Fewest) Wake();
    }

    protected override void Tell(Exception reason) => _tickets.Fail(reason);

    protected override async Task WorkAsync(ServerSession session, CancellationToken cancellationToken)
    {
        if (session != _session) (_session, _stock) = (session, session.KeyPackages);
        await _tickets.ServeAsync(async () =>
        {
            var status = await Engine.Vault.CallAsync<Status>(new GetStatus(), cancellationToken);
            await StockUpAsync(session, status, cancellationToken);
            await IntroduceAsync(session, status, cancellationToken);
        });
    }

    private async Task StockUpAsync(ServerSession session, Status status, CancellationToken cancellationToken)
    {
        ushort count = _stock < Fewest ? (ushort)Batch : (ushort)0;
        if (count == 0 && !status.LastResortDue) return;
        var made = await Engine.Vault.CallAsync<KeyPackagesMade>(new MakeKeyPackages(count), cancellationToken);
        await session.Rest.UploadKeyPackagesAsync(made.Upload, cancellationToken);
        _stock += count;
    }

    private async Task IntroduceAsync(ServerSession session, Status status, CancellationToken cancellationToken)
    {
        if (status.Inviter is not { } inviter) return;
        try
        {
            var person = await session.Rest.ClaimAsync(inviter, cancellationToken);
            await Engine.Vault.CallAsync<Ok>(new AddContact(person, null), cancellationToken);
        }
        catch (RefusedException refused) when (!refused.MayPass)
        {
            Log.RequestRefused(Engine.Logger, refused.Code);   // whoever invited us is gone: tried again with the next connection
            return;
        }
        await Engine.Outbox.LoadAsync(cancellationToken);
        await Engine.Deliveries.Filed();
    }
}
