using System.Threading.Channels;
using Holdfast.Cryptography;
using Holdfast.Protocol;
using Microsoft.Extensions.Logging;

namespace Holdfast.Client;

/// <summary>
/// Fetches for a locked profile whose owner wants that: connects by the delivery key, and keeps sealed entries and inbox items in the spool.
/// Neither it nor its vault has a key that opens any of them. Everything in it runs on the agent's scheduler, one step at a time.
/// </summary>
internal sealed class DeliveryEngine : IAsyncDisposable
{
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(0.5), Longest = TimeSpan.FromSeconds(60);

    private readonly VaultProcess _vault;
    private readonly PinnedServer _server;
    private readonly string _path;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly BackOff _backOff;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    internal DeliveryEngine(VaultProcess vault, PinnedServer server, string path, TimeProvider time, RandomSource random, ILogger logger)
    {
        (_vault, _server, _path, _time, _logger) = (vault, server, path, time, logger);
        _backOff = new BackOff(Shortest, Longest, random);
        _running = RunAsync(_stop.Token);
    }

    /// <summary>Whether the server is connected now.</summary>
    internal bool IsConnected { get; private set; }

    /// <summary>How many conversations have sealed news in the spool.</summary>
    internal int Waiting { get; private set; }

    /// <summary>Whether the spool is full: what comes is left at the server, for as long as that keeps it.</summary>
    internal bool IsFull { get; private set; }

    /// <summary>Stops fetching; what was fetched is on disk.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _server.Dispose();
        _stop.Dispose();
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try { await FetchAsync(cancellationToken); }
            catch (RefusedException refused) { Log.RequestRefused(_logger, refused.Code); }
            catch (Exception gone) when (gone is UnreachableException or SessionEndedException or IOException or UnauthorizedAccessException)
            {
                Log.Disconnected(_logger);
            }
            catch (VaultRefusedException refused)   // what it fetches with is damaged: unlocking and locking makes it anew
            {
                Log.VaultRefused(_logger, refused.Error);
                return;
            }
            finally { IsConnected = false; }
            await Task.Delay(_backOff.Next(), _time, cancellationToken);
        }
    }

    private async Task FetchAsync(CancellationToken cancellationToken)
    {
        var grants = await GrantsAsync(cancellationToken);
        using var spool = Spool.Open(_path, grants);
        Note(spool);
        await using var session = await ServerSession.OpenAsync(_server, _vault, cancellationToken);
        var pushed = Channel.CreateUnbounded<ServerFrame>(new() { SingleReader = true });
        session.Pushed = frame => pushed.Writer.TryWrite(frame);
        session.Start();
        _ = session.Ended.ContinueWith(
            _ => pushed.Writer.TryComplete(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        IsConnected = true;
        var cursors = new Dictionary<LogId, ulong>();
        foreach (var grant in grants) await SubscribeAsync(session, spool, grant, cursors);
        Keep(spool, (await session.AskAsync<InboxItems>(static request => new ReadInbox(request))).Items);
        _backOff.Reset();
        await foreach (var frame in pushed.Reader.ReadAllAsync(cancellationToken)) await TakeAsync(session, spool, frame, cursors);
    }

    /// <summary>A log that is not there any more, or to which the key gives no access, is passed over.</summary>
    private async Task SubscribeAsync(ServerSession session, Spool spool, SubscriptionProof grant, Dictionary<LogId, ulong> cursors)
    {
        cursors[grant.Log] = Math.Max(grant.Position, spool.LastOf(grant.Log));
        try
        {
            var subscribed = await session.AskAsync<Subscribed>(request => new Subscribe(request, grant.Log, grant.AccessKey, grant.Signature));
            await ReadAsync(session, spool, grant.Log, subscribed.Head, cursors);
        }
        catch (RefusedException refused) when (refused.Code is RefusalCode.NoAccess)
        {
            cursors.Remove(grant.Log);
        }
    }

    private async Task TakeAsync(ServerSession session, Spool spool, ServerFrame frame, Dictionary<LogId, ulong> cursors)
    {
        switch (frame)
        {
            case Entries { Items.Count: > 0 } entries when cursors.TryGetValue(entries.Log, out ulong cursor):
                if (entries.Items[0].Position == cursor + 1) Keep(spool, entries.Log, entries.Items, cursors);
                else await ReadAsync(session, spool, entries.Log, entries.Head, cursors);
                break;
            case Behind behind when cursors.ContainsKey(behind.Log):
                await ReadAsync(session, spool, behind.Log, behind.Head, cursors);
                break;
            case InboxItems items:
                Keep(spool, items.Items);
                break;
        }
    }

    private async Task ReadAsync(ServerSession session, Spool spool, LogId log, ulong head, Dictionary<LogId, ulong> cursors)
    {
        while (cursors[log] < head && !spool.IsFull)
        {
            ulong after = cursors[log];
            var answer = await session.AskAsync<Entries>(request => new ReadLog(request, log, after));
            if (answer.Items.Count == 0) return;   // the rest has been removed by retention
            Keep(spool, log, answer.Items, cursors);
        }
    }

    private void Keep(Spool spool, LogId log, IReadOnlyList<LogEntry> entries, Dictionary<LogId, ulong> cursors)
    {
        if (spool.IsFull) return;
        spool.Add(log, entries);
        cursors[log] = Math.Max(cursors[log], spool.LastOf(log));
        Note(spool);
    }

    private void Keep(Spool spool, IReadOnlyList<InboxItem> items)
    {
        if (spool.IsFull) return;
        spool.Add(items);
        Note(spool);
    }

    private void Note(Spool spool) => (Waiting, IsFull) = (spool.Conversations, spool.IsFull);

    private async Task<IReadOnlyList<SubscriptionProof>> GrantsAsync(CancellationToken cancellationToken) =>
        (await _vault.CallAsync<SubscriptionsSigned>(new SignSubscriptions(_server.Key, new byte[ProtocolLimits.NonceBytes], []), cancellationToken)).Proofs;
}
