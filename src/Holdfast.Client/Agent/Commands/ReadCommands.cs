using System.Threading.Channels;
using Holdfast.Protocol;

namespace Holdfast.Client;

/// <summary>Commands that read.</summary>
internal sealed class ReadCommands(SyncEngine engine, FaceConnection face)
{
    private const uint Page = 500;

    private readonly Dictionary<LogId, ulong> _shown = [];

    /// <summary>Where it cannot catch up, without a server or on a full disk, it shows what is here and then says why there is no more.</summary>
    internal async Task ReadAsync(ReadCommand command, CancellationToken cancellationToken)
    {
        var changes = Channel.CreateUnbounded<LogId>(new() { SingleReader = true });
        using var following = command.Follow ? engine.Follow(changes.Writer) : null;
        var failed = await CatchUpAsync(cancellationToken);
        var wanted = await WantedAsync(command.Conversation, failed, cancellationToken);
        foreach (var conversation in wanted) await ShowAsync(conversation, command, cancellationToken);
        if (command.Follow) await FollowAsync(command, changes.Reader, cancellationToken);
        else if (failed is not null) throw failed;
    }

    /// <summary>Searches what is here; where it cannot catch up, it says so afterwards.</summary>
    internal async Task SearchAsync(SearchCommand command, CancellationToken cancellationToken)
    {
        if (Written.SearchProblem(command.Words) is { } problem) throw new FaceException(ExitCode.Usage, FaceCode.Invalid, problem);
        var failed = await CatchUpAsync(cancellationToken);
        var wanted = await WantedAsync(command.Conversation, failed, cancellationToken);
        if (wanted.Count > 0) await ShowFoundAsync(command, wanted, cancellationToken);
        if (failed is not null) throw failed;
    }

    internal async Task SaveAsync(SaveCommand command, CancellationToken cancellationToken)
    {
        if (MessageId.Parse(command.Id) is not { } id)
            throw new FaceException(ExitCode.Usage, FaceCode.Invalid, Written.AttachmentProblem(command.Id)!);
        if (await FindAsync(id, cancellationToken) is not { } found)
        {
            await engine.CatchUpAsync(cancellationToken);   // it may not have been fetched yet
            found = await engine.Vault.CallAsync<AttachmentFound>(new FindAttachment(id), cancellationToken);
        }
        var receiver = new AttachmentReceiver(engine, (bytes, size) => face.AnswerAsync(new ProgressAnswer(bytes, size)));
        string path = await receiver.SaveAsync(found.Info, found.Pointer, command.Directory, cancellationToken);
        await face.AnswerAsync(new SavedAnswer(path, found.Info.Size));
    }

    private async Task ShowFoundAsync(SearchCommand command, IReadOnlyList<ConversationInfo> conversations, CancellationToken cancellationToken)
    {
        var names = conversations.ToDictionary(static conversation => conversation.Log, static conversation => conversation.Name);
        LogId? log = command.Conversation is null ? null : conversations[0].Log;
        uint left = command.Limit;
        ulong mark = 0;
        do
        {
            var page = await engine.Vault.CallAsync<History>(new ReadHistory(log, mark, Math.Min(left, Page), Newest: true, command.Words), cancellationToken);
            foreach (var item in page.Items) await face.AnswerAsync(Words.Of(item, names.GetValueOrDefault(item.Log) ?? item.Log.ToString()));
            (left, mark) = (left - (uint)page.Items.Count, page.Mark);
        }
        while (left > 0 && mark > 0);
    }

    private async Task<AttachmentFound?> FindAsync(MessageId id, CancellationToken cancellationToken)
    {
        try { return await engine.Vault.CallAsync<AttachmentFound>(new FindAttachment(id), cancellationToken); }
        catch (VaultRefusedException refused) when (refused.Error == VaultError.NotFound) { return null; }
    }

    private async Task<Exception?> CatchUpAsync(CancellationToken cancellationToken)
    {
        try
        {
            await engine.CatchUpAsync(cancellationToken);
            return null;
        }
        catch (Exception failed) when (failed is UnreachableException or RefusedException or VaultRefusedException) { return failed; }
    }

    /// <summary>The same after an attempt to catch up: where that failed, what is not here may be at the server, so that is what is told.</summary>
    private async Task<IReadOnlyList<ConversationInfo>> WantedAsync(string? name, Exception? failed, CancellationToken cancellationToken)
    {
        try { return await WantedAsync(name, cancellationToken); }
        catch (FaceException missing) when (failed is not null && missing.Code == FaceCode.NotFound) { throw failed; }
    }

    /// <summary>The conversations to show. A contact with whom there is none yet has nothing to show, and that is no failure.</summary>
    private async Task<IReadOnlyList<ConversationInfo>> WantedAsync(string? name, CancellationToken cancellationToken)
    {
        if (name is null) return (await engine.Vault.CallAsync<Conversations>(new ListAll(Listed.Conversations), cancellationToken)).Items;
        return (await new ConversationFinder(engine).FindNamedAsync(name, cancellationToken)).Conversation is { } conversation ? [conversation] : [];
    }

    private async Task ShowAsync(ConversationInfo conversation, ReadCommand command, CancellationToken cancellationToken)
    {
        ulong after = command.Since ?? 0;
        uint left = command.Limit ?? uint.MaxValue;
        bool newest = command.Limit is not null && command.Since is null;
        _shown[conversation.Log] = after;
        if (newest && left <= Page && await TryShowNewestAsync(conversation, left, cancellationToken)) return;
        if (newest) after = await StartOfNewestAsync(conversation.Log, left, cancellationToken);
        await ShowAllAsync(conversation, after, left, cancellationToken);
    }

    /// <summary>Shows the newest where they all come in one answer; long messages may be too much for that, and then it shows nothing.</summary>
    private async Task<bool> TryShowNewestAsync(ConversationInfo conversation, uint count, CancellationToken cancellationToken)
    {
        var history = await engine.Vault.CallAsync<History>(new ReadHistory(conversation.Log, 0, count, Newest: true), cancellationToken);
        if (history.Items.Count < count) return false;
        foreach (var item in history.Items.Skip(history.Items.Count - (int)count)) await ShowAsync(conversation, item);
        return true;
    }

    /// <summary>Where the newest begin: those without a position are the newest of all.</summary>
    private async Task<ulong> StartOfNewestAsync(LogId log, uint count, CancellationToken cancellationToken)
    {
        var newest = new Queue<ulong>();   // what lies before it is not shown
        ulong after = 0, before;
        do
        {
            var page = await engine.Vault.CallAsync<History>(new ReadHistory(log, before = after, Page, Newest: false), cancellationToken);
            foreach (var item in page.Items)
            {
                newest.Enqueue(item.Position);
                if (item.Position > 0) after = item.Position;
                if (newest.Count > (long)count + 1) newest.Dequeue();
            }
            if (page.Items is [.., { Position: 0 }]) break;
        }
        while (after > before);
        if (newest.Count <= count) return 0;
        return newest.Peek() > 0 ? newest.Peek() : after;   // the second where all that is wanted is pending
    }

    private async Task ShowAsync(ConversationInfo conversation, HistoryItem item)
    {
        await face.AnswerAsync(Words.Of(item, conversation.Name));
        _shown[conversation.Log] = Math.Max(_shown[conversation.Log], item.Position);
    }

    private async Task ShowAllAsync(ConversationInfo conversation, ulong after, uint left, CancellationToken cancellationToken)
    {
        bool more = true;
        while (more && left > 0)
        {
            var page = new ReadHistory(conversation.Log, after, Math.Min(left, Page), Newest: false);
            (uint shown, more) = await ShowPageAsync(conversation, page, cancellationToken);
            left -= Math.Min(left, shown);
            after = _shown[conversation.Log];
        }
    }

    /// <summary>Shows a page and says whether another may follow: what is pending, and has no position, ends the last.</summary>
    private async Task<(uint Shown, bool More)> ShowPageAsync(ConversationInfo conversation, ReadHistory page, CancellationToken cancellationToken)
    {
        var history = await engine.Vault.CallAsync<History>(page, cancellationToken);
        foreach (var item in history.Items) await ShowAsync(conversation, item);
        return ((uint)history.Items.Count, history.Items.Count > 0 && history.Items[^1].Position > page.After);
    }

    private async Task FollowAsync(ReadCommand command, ChannelReader<LogId> changes, CancellationToken cancellationToken)
    {
        await face.AnswerAsync(new CaughtUpAnswer());
        while (await changes.WaitToReadAsync(cancellationToken))
        {
            var changed = new HashSet<LogId>();
            while (changes.TryRead(out var log)) changed.Add(log);
            foreach (var conversation in await WantedAsync(command.Conversation, cancellationToken))
                if (changed.Contains(conversation.Log)) await ShowNewAsync(conversation, cancellationToken);
        }
    }

    private async Task ShowNewAsync(ConversationInfo conversation, CancellationToken cancellationToken)
    {
        while (true)
        {
            ulong after = _shown.GetValueOrDefault(conversation.Log);
            var page = await engine.Vault.CallAsync<History>(new ReadHistory(conversation.Log, after, Page, Newest: false), cancellationToken);
            foreach (var item in page.Items.Where(static item => item.Position > 0))
            {
                await face.AnswerAsync(Words.Of(item, conversation.Name));
                _shown[conversation.Log] = item.Position;
            }
            if (_shown.GetValueOrDefault(conversation.Log) == after) return;
        }
    }
}
