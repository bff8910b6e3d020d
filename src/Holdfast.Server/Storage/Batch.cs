using Holdfast.Protocol;

namespace Holdfast.Server.Storage;

/// <summary>All that one transaction did: whose work it was and what is to be pushed.</summary>
internal sealed class Batch(List<Work> works)
{
    public IReadOnlyList<Work> Works { get; } = works;

    /// <summary>It was rolled back as a whole.</summary>
    public bool Failed { get; set; }

    /// <summary>What was appended, in order.</summary>
    public Dictionary<LogId, List<LogEntry>> Appended { get; } = [];

    /// <summary>What was filed into inboxes.</summary>
    public Dictionary<DeviceId, List<InboxItem>> Filed { get; } = [];

    /// <summary>Whether a device has logged in, so that other nodes look whether it had a connection there.</summary>
    public bool HasLogins { get; set; }

    public void AddEntry(LogId log, LogEntry entry) => Add(Appended, log, entry);

    public void AddItem(DeviceId device, InboxItem item) => Add(Filed, device, item);

    private static void Add<TKey, TItem>(Dictionary<TKey, List<TItem>> lists, TKey key, TItem item) where TKey : notnull
    {
        if (!lists.TryGetValue(key, out var list)) lists.Add(key, list = []);
        list.Add(item);
    }
}
