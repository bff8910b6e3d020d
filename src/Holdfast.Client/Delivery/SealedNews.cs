using Holdfast.Protocol;

namespace Holdfast.Client;

/// <summary>
/// What was fetched while the device was locked, once it is unlocked. Nobody answers for it but the file it lay in, so the server's entries go
/// before it: it fills in what the server has no longer, and where the server cannot be reached it is opened as far as all of it opens. When
/// everything has been dealt with, the file goes.
/// </summary>
internal sealed class SealedNews
{
    private readonly string _path;
    private readonly Dictionary<LogId, SortedDictionary<ulong, LogEntry>> _entries = [];
    private bool _isThere;

    private SealedNews(string path) => (_path, _isThere) = (path, File.Exists(path));

    /// <summary>Inbox items that are not finished with.</summary>
    internal List<InboxItem> Inbox { get; } = [];

    private bool IsEmpty => _entries.Count == 0 && Inbox.Count == 0;

    /// <summary>What is in a file.</summary>
    internal static SealedNews Load(string path)
    {
        var news = new SealedNews(path);
        foreach (var record in SpoolFile.Read(path).Records)
        {
            if (record.Item is { } item) news.Inbox.Add(item);
            else if (news._entries.TryGetValue(record.Log, out var entries)) entries.TryAdd(record.Entry!.Position, record.Entry);
            else news._entries.Add(record.Log, new() { [record.Entry!.Position] = record.Entry });
        }
        return news;
    }

    /// <summary>Only these logs are looked at from now on: the others are none of ours.</summary>
    internal void Keep(IEnumerable<LogId> logs)
    {
        var known = logs.ToHashSet();
        foreach (var log in _entries.Keys.Where(log => !known.Contains(log)).ToList()) _entries.Remove(log);
        Tidy();
    }

    /// <summary>The entries right behind a position, without a gap, as many as one call carries.</summary>
    internal IReadOnlyList<LogEntry> After(LogId log, ulong position)
    {
        if (!_entries.TryGetValue(log, out var entries)) return [];
        var behind = entries.Values.SkipWhile(entry => entry.Position <= position);
        return Batches(behind.TakeWhile((entry, index) => entry.Position == position + (ulong)index + 1)).FirstOrDefault() ?? [];
    }

    /// <summary>What the server gave behind a position, and between it what the server has no longer, in batches that one call carries.</summary>
    internal IEnumerable<IReadOnlyList<LogEntry>> Fill(LogId log, ulong position, Entries given)
    {
        if (!_entries.TryGetValue(log, out var entries)) return given.Items.Count > 0 ? [given.Items] : [];
        ulong end = given.Items.Count > 0 ? given.Items[^1].Position : given.Head;
        var there = given.Items.Select(static entry => entry.Position).ToHashSet();
        var gone = entries.Values.Where(entry => entry.Position > position && entry.Position <= end && !there.Contains(entry.Position));
        return Batches(given.Items.Concat(gone).OrderBy(static entry => entry.Position));
    }

    /// <summary>The inbox items that are not finished with, in batches that one call carries.</summary>
    internal IReadOnlyList<IReadOnlyList<InboxItem>> InboxBatches() =>
        [.. Batches(Inbox, int.MaxValue, ProtocolLimits.InboxItemBytes, static item => item.Bytes.Length)];

    /// <summary>The log has been read to its end, or is not ours any more.</summary>
    internal void Done(LogId log)
    {
        if (_entries.Remove(log)) Tidy();
    }

    /// <summary>These inbox items are finished with.</summary>
    internal void Done(IReadOnlyList<InboxItemId> items)
    {
        if (Inbox.RemoveAll(item => items.Contains(item.Id)) > 0) Tidy();
    }

    private static IEnumerable<IReadOnlyList<LogEntry>> Batches(IEnumerable<LogEntry> entries) =>
        Batches(entries, ProtocolLimits.EntriesPerRead, ProtocolLimits.EntriesBytesPerRead, static entry => entry.Bytes.Length);

    /// <summary>A batch is full with so many, or with so many bytes.</summary>
    private static IEnumerable<IReadOnlyList<T>> Batches<T>(IEnumerable<T> all, int most, long mostBytes, Func<T, int> size)
    {
        var batch = new List<T>();
        long bytes = 0;
        foreach (var one in all)
        {
            if (batch.Count >= most || bytes >= mostBytes)
            {
                yield return batch;
                (batch, bytes) = ([], 0);
            }
            batch.Add(one);
            bytes += size(one);
        }
        if (batch.Count > 0) yield return batch;
    }

    /// <summary>A file that cannot be deleted is read once more, and changes nothing then.</summary>
    private void Tidy()
    {
        if (!_isThere || !IsEmpty) return;
        _isThere = false;
        try { File.Delete(_path); }
        catch (Exception kept) when (kept is IOException or UnauthorizedAccessException) { return; }
    }
}
