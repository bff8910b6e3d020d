using Holdfast.Protocol;

namespace Holdfast.Client;

/// <summary>
/// Keeps one conversation's log in step: creates it, subscribes, opens what arrives, seals what is to be said, and posts it in
/// that order. What a commit of others has overtaken is sealed anew once that commit has been opened.
/// </summary>
internal sealed class ConversationPump(SyncEngine engine, LogId log, ulong position) : Pump(engine)
{
    private readonly OutgoingPosts _outgoing = new();
    private readonly SealQueue _toSeal = new();
    private readonly ArrivedEntries _arrived = new();
    private readonly CatchUpTickets _tickets = new();
    private PostSubmitter? _submitter;
    private ServerSession? _session;
    private ulong _cursor = position, _head = position;
    private bool _subscribed, _keysChanged;
    private int _refusals;   // of access, one after the other

    internal LogId Id => log;

    /// <summary>Whether the server or the vault no longer gives us this log.</summary>
    internal bool Closed { get; private set; }

    private PostSubmitter Submitter => _submitter ??= new PostSubmitter(this, Engine, _outgoing);

    /// <summary>Adds what waits in the vault's outbox.</summary>
    internal PendingPost Add(OutboxPost item)
    {
        var post = _outgoing.Add(item);
        Wake();
        return post;
    }

    /// <summary>Has the vault seal something and posts it. Null where there was nothing to post.</summary>
    internal Task<PendingPost?> SealAsync(VaultCall call, CancellationToken cancellationToken)
    {
        var request = new SealRequest(call, cancellationToken);
        _toSeal.Enqueue(request);
        Wake();
        return request.Result.Task;
    }

    /// <summary>Completes when everything has been opened that the server had when this was called.</summary>
    internal Task CatchUp()
    {
        if (Closed) return Task.CompletedTask;
        var ticket = _tickets.Draw();
        Wake();
        return ticket;
    }

    /// <summary>We have been added (again): what lies before <paramref name="position"/> is not for us.</summary>
    internal void Join(ulong position)
    {
        (_cursor, _keysChanged, Closed) = (position, true, false);   // the vault knows from where it is for us again
        _head = Math.Max(_head, _cursor);
        _arrived.Clear();
        Wake();
    }

    /// <summary>Takes in a push.</summary>
    internal void Push(ulong head, IReadOnlyList<LogEntry> entries)
    {
        _head = Math.Max(_head, head);
        _arrived.Add(entries, _cursor);
        Wake();
    }

    /// <summary>Whether answers that come on a connection still count.</summary>
    internal bool IsOn(ServerSession session) => session == _session;

    /// <summary>The server says that its log has grown.</summary>
    internal void NoteHead(ulong head) => _head = Math.Max(_head, head);

    /// <summary>Our access key may be an old one: it is derived and shown anew.</summary>
    internal void NoteKeysChanged() => _keysChanged = true;

    protected override void Tell(Exception reason)
    {
        _tickets.Fail(reason);
        _toSeal.Fail(reason);
        _outgoing.Delay(new PostDelayedException(reason));
    }

    protected override async Task WorkAsync(ServerSession session, CancellationToken cancellationToken)
    {
        if (session != _session) Restart(session);
        do
        {
            if (!_subscribed || _keysChanged) await SubscribeAsync(session, cancellationToken);
            if (Closed) return;
            await OpenAsync(session, cancellationToken);
            await SealAnewAsync(cancellationToken);
            await SealAsync(cancellationToken);
            Submitter.Submit(session);
        }
        while (HasWork);
    }

    private bool HasWork =>
        _keysChanged || _arrived.Any || _head > _cursor || _tickets.Any || (_toSeal.Any && !_outgoing.HasCommit && _outgoing.HasRoom);

    private void Restart(ServerSession session)
    {
        _session = session;
        _subscribed = Closed = false;
        _arrived.Clear();
        _outgoing.Restart();
    }

    /// <summary>Opens the log on this connection; a log of ours that is not there yet is created first.</summary>
    private async Task SubscribeAsync(ServerSession session, CancellationToken cancellationToken)
    {
        if (_outgoing.NextWaiting() is { Item.FirstAccessKey: { IsEmpty: false } key })
            await session.AskAsync<Done>(request => new CreateLog(request, log, key));
        _keysChanged = false;
        try
        {
            if (session.Proofs.Remove(log, out var ready) && await TrySubscribeAsync(session, ready)) return;
            var fresh = await SignAsync(session, cancellationToken);
            if (fresh is not null && (await TrySubscribeAsync(session, fresh) || await TryShowKeyAsync(session, fresh, cancellationToken))) return;
            if (fresh is null) await HearWhyNotAsync(cancellationToken);
            else AskAgainLater();
        }
        catch
        {
            _keysChanged = true;
            throw;
        }
        Close();
    }

    /// <summary>Another member may show a server that was restored the present key, which we have no earlier one to do by.</summary>
    private void AskAgainLater()
    {
        var pause = TimeSpan.FromSeconds(Math.Min(5 << Math.Min(_refusals++, 10), 3600));
        _ = WakeAfterAsync(pause, CancellationToken.None);
    }

    private async Task<SubscriptionProof?> SignAsync(ServerSession session, CancellationToken cancellationToken)
    {
        var signed = await Engine.Vault.CallAsync<SubscriptionsSigned>(new SignSubscriptions(session.Server.Key, session.Nonce, [log]), cancellationToken);
        return signed.Proofs.Count == 1 ? signed.Proofs[0] : null;
    }

    /// <summary>
    /// A server that was restored from a backup does not know the present key. By one of an earlier epoch we show that we belong here, and tell
    /// it the present one; and where it has lost the whole log, that is made again, behind all that anybody has had of it.
    /// </summary>
    private async Task<bool> TryShowKeyAsync(ServerSession session, SubscriptionProof fresh, CancellationToken cancellationToken)
    {
        var earlier = new SignSubscriptions(session.Server.Key, session.Nonce, [log]) { Earlier = true };
        foreach (var proof in (await Engine.Vault.CallAsync<SubscriptionsSigned>(earlier, cancellationToken)).Proofs)
            if (await TrySubscribeAsync(session, proof)) break;
        try { await session.AskAsync<Done>(request => new CreateLog(request, log, fresh.AccessKey)); }
        catch (RefusedException refused) when (refused.Code == RefusalCode.LogExists)
        {
            return _subscribed;   // an earlier key reads, where it does no more
        }
        return await TrySubscribeAsync(session, fresh);
    }

    private async Task<bool> TrySubscribeAsync(ServerSession session, SubscriptionProof proof)
    {
        try
        {
            var subscribed = await session.AskAsync<Subscribed>(request => new Subscribe(request, log, proof.AccessKey, proof.Signature));
            if (subscribed.Head < _cursor) return false;   // put back by other means than a restore: it would give positions out twice
            _head = Math.Max(_head, subscribed.Head);
            (_refusals, Closed) = (0, false);
            return _subscribed = true;
        }
        catch (RefusedException refused) when (refused.Code is RefusalCode.NoAccess or RefusalCode.KeyExpired)
        {
            return false;
        }
    }

    /// <summary>The vault has no key for this log now, and whoever wants to say something is told by it why: it will not seal that.</summary>
    private async Task HearWhyNotAsync(CancellationToken cancellationToken)
    {
        while (_toSeal.Any && !_outgoing.HasCommit && _outgoing.HasRoom) await SealAsync(cancellationToken);
    }

    /// <summary>We are no member any more, or the server does not know the log: what is here can be read, nothing is sent.</summary>
    private void Close()
    {
        if (_subscribed) _session?.Tell(new Unsubscribe(log));
        Closed = true;
        _subscribed = false;
        Engine.News.Done(log);
        _tickets.Release();
        var reason = new NoAccessException();
        _toSeal.Fail(reason);
        _outgoing.Report(reason);
        _outgoing.Delay(reason);
    }

    /// <summary>Opens what was pushed, and reads the log where there is a gap or someone wants to be sure.</summary>
    private async Task OpenAsync(ServerSession session, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (_arrived.Take(_cursor) is { Count: > 0 } pushed) await OpenAsync(pushed, cancellationToken);
            else if (_tickets.Any || _head > _cursor) await _tickets.ServeAsync(() => ReadToHeadAsync(session, cancellationToken));
            else break;
        }
        Engine.News.Done(log);
    }

    private async Task ReadToHeadAsync(ServerSession session, CancellationToken cancellationToken)
    {
        ulong? goal = null;
        do
        {
            var answer = await session.AskAsync<Entries>(request => new ReadLog(request, log, _cursor));
            goal ??= answer.Head;
            _head = Math.Max(_head, answer.Head);
            bool any = false;
            foreach (var batch in Engine.News.Fill(log, _cursor, answer))
            {
                await OpenAsync(batch, cancellationToken);
                any = true;
            }
            if (!any) _cursor = Math.Max(_cursor, _head = answer.Head);   // the rest has been removed by retention
        }
        while (_cursor < goal);
    }

    /// <summary>Opens what was fetched while the profile was locked, as far as all of it opens: the rest is asked of the server.</summary>
    internal async Task OpenSpooledAsync(CancellationToken cancellationToken)
    {
        while (Engine.News.After(log, _cursor) is { Count: > 0 } batch && await TryOpenSpooledAsync(batch, cancellationToken)) continue;
    }

    private async Task<bool> TryOpenSpooledAsync(IReadOnlyList<LogEntry> batch, CancellationToken cancellationToken)
    {
        try
        {
            await OpenAsync(batch, cancellationToken, spooled: true);
            return true;
        }
        catch (VaultRefusedException doubt) when (doubt.Error == VaultError.Refused)
        {
            if (batch.Count == 1) return false;
            int half = batch.Count / 2;
            return await TryOpenSpooledAsync([.. batch.Take(half)], cancellationToken) && await TryOpenSpooledAsync([.. batch.Skip(half)], cancellationToken);
        }
    }

    private async Task OpenAsync(IReadOnlyList<LogEntry> entries, CancellationToken cancellationToken, bool spooled = false)
    {
        var opened = await Engine.Vault.CallAsync<Opened>(new OpenEntries(log, entries) { Spooled = spooled }, cancellationToken);
        if (opened.Position < entries[^1].Position) throw new VaultRefusedException(VaultError.StoreFailed, "the vault did not process all entries");
        _cursor = opened.Position;
        _head = Math.Max(_head, _cursor);
        _keysChanged |= opened.KeysChanged;
        if (opened.KeysChanged)
        {
            _ = Engine.Inbox.CatchUp();   // a Welcome may have waited for what was opened now
            Engine.Due.Hasten();
        }
        if (opened.Landed.Count > 0) Settle(opened.Landed, entries);
        bool membersMayHave = entries.Any(static entry => entry.Kind != PostKind.Application);
        Engine.Changed(log, membersMayHave);
        if (membersMayHave) await Engine.Outbox.LoadAsync(cancellationToken);   // the vault may introduce people to each other
    }

    private void Settle(IReadOnlyList<MessageId> landed, IReadOnlyList<LogEntry> entries)
    {
        var positions = entries.GroupBy(static entry => entry.Id).ToDictionary(static same => same.Key, static same => same.First().Position);
        foreach (var id in landed)
        {
            _outgoing.Settle(id, positions.GetValueOrDefault(id));
            Engine.Outbox.NoteSettled(id);
        }
    }

    private async Task SealAnewAsync(CancellationToken cancellationToken)
    {
        if (!_outgoing.AnyOvertaken || _outgoing.InFlight > 0) return;
        foreach (var post in _outgoing.TakeOvertaken())
        {
            if (post.Overtakings > 3) await Task.Delay(TimeSpan.FromSeconds(1), Engine.Time, cancellationToken);
            try
            {
                if (await Engine.Vault.CallAsync(new Reseal(post.Id), cancellationToken) is Sealed anew) post.Replace(anew.Item);
                else _outgoing.Settle(post.Id, 0);   // others have done it, or it is in the log
            }
            catch (VaultRefusedException refused) when (refused.Error == VaultError.CommitFirst)
            {
                await CommitFirstAsync(cancellationToken);
                return;
            }
            catch (VaultRefusedException refused) when (!refused.MayPass)
            {
                await Submitter.DropAsync(post, refused.Message, cancellationToken);
            }
        }
    }

    /// <summary>RFC 9420 §12.4: what others have proposed is committed before anything is said; the commit goes ahead of all that waits.</summary>
    private async Task CommitFirstAsync(CancellationToken cancellationToken)
    {
        var work = new DueWork(DueKind.Commit, log, default);
        if (await Engine.Vault.CallAsync(new PerformDue(work), cancellationToken) is Sealed commit) _outgoing.AddFirst(commit.Item);
    }

    /// <summary>Seals what is next to be said: texts that wait together are one call, and so one transaction of the vault.</summary>
    private async Task SealAsync(CancellationToken cancellationToken)
    {
        if (_outgoing.HasCommit || !_outgoing.HasRoom || _toSeal.TakeTurn() is not { Count: > 0 } requests) return;
        try
        {
            var reply = await Engine.Vault.CallAsync(SealQueue.CallOf(requests), cancellationToken);
            var posts = reply is Sealed made ? made.Items : [];
            for (int i = 0; i < requests.Count; i++) requests[i].Result.TrySetResult(i < posts.Count ? _outgoing.Add(posts[i]) : null);
        }
        catch (VaultRefusedException refused) when (refused.Error == VaultError.CommitFirst && requests[0].Attempts++ < 3)
        {
            await CommitFirstAsync(cancellationToken);
            _toSeal.PutBack(requests);
        }
        catch (VaultRefusedException refused)
        {
            foreach (var request in requests) request.Result.TrySetException(refused);
        }
    }
}
