using System.Threading.Channels;
using Holdfast.Cryptography;
using Holdfast.Protocol;
using Microsoft.Extensions.Logging;

namespace Holdfast.Client;

/// <summary>
/// Keeps an unlocked profile in step with its server. It keeps nothing durable: whatever dies, starting again from the vault's
/// status, conversations and outbox leads to the same end. Everything in it runs on one scheduler, one step at a time.
/// </summary>
internal sealed class SyncEngine : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30), Look = TimeSpan.FromSeconds(0.25);

    private readonly Dictionary<LogId, ConversationPump> _pumps = [];
    private readonly List<ChannelWriter<LogId>> _followers = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal SyncEngine(VaultProcess vault, PinnedServer server, SealedNews news, TimeProvider time, RandomSource random, ILogger logger)
    {
        (Vault, News, Time, Random, Logger) = (vault, news, time, random, logger);
        Connector = new Connector(this, server);
        (Inbox, Deliveries, Housekeeping, Due) = (new(this), new(this), new(this), new(this));
        Outbox = new OutboxLoader(this);
    }

    internal VaultProcess Vault { get; }

    /// <summary>What was fetched while the profile was locked.</summary>
    internal SealedNews News { get; }

    internal TimeProvider Time { get; }

    internal RandomSource Random { get; }

    internal ILogger Logger { get; }

    internal Connector Connector { get; }

    internal InboxPump Inbox { get; }

    internal DeliveryPump Deliveries { get; }

    internal HousekeepingPump Housekeeping { get; }

    internal DuePump Due { get; }

    internal OutboxLoader Outbox { get; }

    /// <summary>The connection, while there is one.</summary>
    internal ServerSession? Session { get; private set; }

    /// <summary>Fails when something in the engine has failed for good: the vault has ended, or a mistake of ours.</summary>
    internal Task Failed => _failed.Task;

    /// <summary>Held while a conversation is started: two commands start one conversation of two, and find no name free for two groups.</summary>
    internal SemaphoreSlim Starting { get; } = new(1);

    private IEnumerable<Pump> Pumps => [Inbox, Deliveries, Housekeeping, Due, .. _pumps.Values];

    /// <summary>Takes up where the vault stands, then connects.</summary>
    internal async Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var pump in Pumps) Watch(pump.RunAsync(_stop.Token));
        await AddConversationsAsync(cancellationToken);
        News.Keep(_pumps.Keys);
        await Outbox.LoadAsync(cancellationToken);
        Watch(Connector.RunAsync(_stop.Token));
    }

    /// <summary>The pump of a log; it is made where there is none yet.</summary>
    internal ConversationPump PumpOf(LogId log) => _pumps.GetValueOrDefault(log) ?? AddPump(log, 0);

    /// <summary>Waits for what the server must do. A connection that is lost meanwhile may come back.</summary>
    /// <exception cref="UnreachableException">It has been gone for too long.</exception>
    internal async Task WaitAsync(Task task, CancellationToken cancellationToken)
    {
        while (!task.IsCompleted)
        {
            try { await task.WaitAsync(Look, Time, cancellationToken); }
            catch (TimeoutException)   // the task may have completed since: then all is well
            {
                if (Failed.IsCompleted) await Failed;   // nobody will do it any more
                if (!task.IsCompleted && Connector.Gone > Patience) throw new UnreachableException(Connector.Server.Address);
            }
        }
        await task;
    }

    /// <summary>Looks into the inbox where the server can be reached; says whether it could.</summary>
    internal async Task<bool> LookIntoInboxAsync(CancellationToken cancellationToken)
    {
        try
        {
            await Connector.ConnectAsync(cancellationToken);
            await WaitAsync(Inbox.CatchUp(), cancellationToken);
            return true;
        }
        catch (Exception failed) when (failed is UnreachableException or RefusedException or VaultRefusedException)
        {
            return false;   // what is here can be shown all the same
        }
    }

    /// <summary>Catches up with inbox and logs: what the server had when this was called is in the vault when it completes.</summary>
    internal async Task CatchUpAsync(CancellationToken cancellationToken)
    {
        await Connector.ConnectAsync(cancellationToken);
        await WaitAsync(Inbox.CatchUp(), cancellationToken);
        await WaitAsync(Task.WhenAll(_pumps.Values.Select(static pump => pump.CatchUp())), cancellationToken);
    }

    /// <summary>We have been added to conversations.</summary>
    internal async Task JoinAsync(IReadOnlyList<LogId> joined, CancellationToken cancellationToken)
    {
        var known = joined.Where(_pumps.ContainsKey).ToHashSet();
        foreach (var conversation in await AddConversationsAsync(cancellationToken))
            if (known.Contains(conversation.Log)) _pumps[conversation.Log].Join(conversation.Position);
        foreach (var log in joined) Changed(log, membersMayHave: true);
    }

    /// <summary>The server cannot be reached: opens what was fetched while the profile was locked, as far as all of it opens.</summary>
    internal async Task OpenSpooledAsync(CancellationToken cancellationToken)
    {
        try
        {
            foreach (var pump in _pumps.Values.ToList()) await pump.OpenSpooledAsync(cancellationToken);
            await Inbox.OpenSpooledAsync(cancellationToken);
        }
        catch (VaultRefusedException refused) { Log.VaultRefused(Logger, refused.Error); }
    }

    /// <summary>Names each log in which something has changed, until disposed.</summary>
    internal IDisposable Follow(ChannelWriter<LogId> follower)
    {
        _followers.Add(follower);
        return new Unfollow(() => _followers.Remove(follower));
    }

    /// <summary>History or members of a conversation have changed.</summary>
    internal void Changed(LogId log, bool membersMayHave)
    {
        foreach (var follower in _followers) follower.TryWrite(log);
        if (membersMayHave) Due.Hasten();
    }

    /// <summary>There is a connection: everything is brought in step again.</summary>
    internal async Task AttachAsync(ServerSession session, CancellationToken cancellationToken)
    {
        var signed = await Vault.CallAsync<SubscriptionsSigned>(new SignSubscriptions(session.Server.Key, session.Nonce, []), cancellationToken);
        foreach (var proof in signed.Proofs) session.Proofs[proof.Log] = proof;
        session.Pushed = Receive;
        Session = session;
        session.Start();
        Log.Connected(Logger, _pumps.Count);
        foreach (var pump in Pumps) pump.Wake();
    }

    /// <summary>The connection has ended.</summary>
    internal void Detach() => Session = null;

    /// <inheritdoc/>
    public void Dispose()
    {
        _stop.Cancel();
        _stop.Dispose();
        Connector.Dispose();
        Starting.Dispose();
    }

    private async Task<IReadOnlyList<ConversationInfo>> AddConversationsAsync(CancellationToken cancellationToken)
    {
        var conversations = await Vault.CallAsync<Conversations>(new ListAll(Listed.Conversations), cancellationToken);
        foreach (var conversation in conversations.Items)
            if (conversation.State != ConversationState.Left && !_pumps.ContainsKey(conversation.Log)) AddPump(conversation.Log, conversation.Position);
        return conversations.Items;
    }

    private ConversationPump AddPump(LogId log, ulong position)
    {
        var pump = new ConversationPump(this, log, position);
        _pumps.Add(log, pump);
        Watch(pump.RunAsync(_stop.Token));
        pump.Wake();
        return pump;
    }

    private void Receive(ServerFrame frame)
    {
        switch (frame)
        {
            case Entries entries when _pumps.TryGetValue(entries.Log, out var pump): pump.Push(entries.Head, entries.Items); break;
            case Behind behind when _pumps.TryGetValue(behind.Log, out var pump): pump.Push(behind.Head, []); break;
            case InboxItems inbox: Inbox.Push(inbox.Items); break;
        }
    }

    /// <summary>One of the engine's loops has ended: unless it was told to, the engine has failed.</summary>
    private void Watch(Task loop) => loop.ContinueWith(
        ended =>
        {
            if (ended.Exception?.InnerException is { } reason) _failed.TrySetException(reason);
        },
        CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);

    private sealed class Unfollow(Action action) : IDisposable
    {
        public void Dispose() => action();
    }
}
