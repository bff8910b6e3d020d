using Holdfast.Protocol;

namespace Holdfast.Client;

/// <summary>Opens what arrives in our inbox: Welcomes, introductions, requests of others.</summary>
internal sealed class InboxPump(SyncEngine engine) : Pump(engine)
{
    private readonly List<InboxItem> _pushed = [];
    private readonly CatchUpTickets _tickets = new();
    private ServerSession? _session;

    /// <summary>Completes when everything has been opened that lay in the inbox when this was called.</summary>
    internal Task CatchUp()
    {
        var ticket = _tickets.Draw();
        Wake();
        return ticket;
    }

    /// <summary>Opens what was fetched while the profile was locked. What the server has as well comes from there, too, and changes nothing then.</summary>
    internal async Task OpenSpooledAsync(CancellationToken cancellationToken)
    {
        foreach (var items in Engine.News.InboxBatches())
        {
            var opened = await Engine.Vault.CallAsync<InboxOpened>(new OpenInbox(items), cancellationToken);
            if (opened.Joined.Count > 0) await Engine.JoinAsync(opened.Joined, cancellationToken);
            Engine.News.Done(opened.Finished);
            Engine.Housekeeping.Used(opened.Joined.Count);
        }
    }

    internal void Push(IReadOnlyList<InboxItem> items)
    {
        _pushed.AddRange(items);
        Wake();
    }

    protected override void Tell(Exception reason) => _tickets.Fail(reason);

    protected override async Task WorkAsync(ServerSession session, CancellationToken cancellationToken)
    {
        if (session != _session)
        {
            _pushed.Clear();
            await _tickets.ServeAsync(() => ReadAsync(session, cancellationToken));
            _session = session;
        }
        while (_pushed.Count > 0 || _tickets.Any)
        {
            if (_tickets.Any)
            {
                await _tickets.ServeAsync(() => ReadAsync(session, cancellationToken));
                continue;
            }
            var items = _pushed.ToArray();
            _pushed.Clear();
            await OpenAsync(session, items, cancellationToken);
        }
    }

    /// <summary>Reads until nothing is left, or only what the vault wants to see again later.</summary>
    private async Task ReadAsync(ServerSession session, CancellationToken cancellationToken)
    {
        bool finishedAny;
        do
        {
            var answer = await session.AskAsync<InboxItems>(request => new ReadInbox(request));
            finishedAny = answer.Items.Count > 0 && await OpenAsync(session, answer.Items, cancellationToken);
        }
        while (finishedAny);
        await OpenSpooledAsync(cancellationToken);
    }

    private async Task<bool> OpenAsync(ServerSession session, IReadOnlyList<InboxItem> items, CancellationToken cancellationToken)
    {
        var opened = await Engine.Vault.CallAsync<InboxOpened>(new OpenInbox(items), cancellationToken);
        if (opened.Joined.Count > 0) await Engine.JoinAsync(opened.Joined, cancellationToken);
        if (opened.Finished.Count > 0) await session.AskAsync<Done>(request => new InboxDone(request, opened.Finished));
        Engine.Housekeeping.Used(opened.Joined.Count);
        await Engine.Outbox.LoadAsync(cancellationToken);   // an introduction may have been answered
        Engine.Due.Hasten();
        return opened.Finished.Count > 0;
    }
}
