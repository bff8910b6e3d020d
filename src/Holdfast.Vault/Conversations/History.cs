using System.Buffers.Binary;
using Holdfast.Codec;
using Holdfast.Protocol;

namespace Holdfast.Vault;

/// <summary>The history of all conversations, in log order.</summary>
internal sealed class History(SealedStore store, ContactBook contacts, SearchIndex search)
{
    /// <summary>After so much a page ends: it must fit into a frame of the pipe, however long its messages are.</summary>
    private const int LongestPageBytes = ProtocolLimits.FrameBytes;

    /// <summary>How many people one line names.</summary>
    private const int MostNames = 20;

    /// <summary>Behind every key of a position's lines.</summary>
    private static readonly byte[] BehindAll = [.. Enumerable.Repeat((byte)0xff, 40)];

    internal void Save(HistoryRecord record) => Save(record, null);

    /// <summary>The same for what was waiting to be sent: its words are found here from now on.</summary>
    internal void Save(HistoryRecord record, OutboxEntry? sent)
    {
        byte[] key = Key(record.Log, record.Position);
        Put(key, record, sent);
        if (record.Kind is HistoryKind.Text or HistoryKind.Attachment) store.Put(RecordKind.MessageIndex, IndexKey(record.Log, record.Id), key);
    }

    /// <summary>Keeps a line that is no entry of the log: it stands behind the one of its position, in the order of time.</summary>
    /// <param name="record">The line; its position is the last one of the conversation when it came about.</param>
    /// <param name="order">Which comes first of those of the same moment.</param>
    /// <param name="given">What it was waiting as; null where nobody has written it.</param>
    internal void SaveBeside(HistoryRecord record, ulong order, OutboxEntry? given = null)
    {
        var when = new byte[16];
        BinaryPrimitives.WriteUInt64BigEndian(when, record.SentAt);
        BinaryPrimitives.WriteUInt64BigEndian(when.AsSpan(8), order);
        byte[] key = [.. Key(record.Log, record.Position), .. when, .. record.Id.ToBytes()];
        Put(key, record, given);
    }

    internal HistoryRecord? At(LogId log, ulong position) =>
        store.Get(RecordKind.History, Key(log, position)) is { } bytes ? Tls.Decode<HistoryRecord>(bytes) : null;

    internal HistoryRecord? Find(LogId log, MessageId id) =>
        store.Get(RecordKind.MessageIndex, IndexKey(log, id)) is { } key && store.Get(RecordKind.History, key) is { } bytes ? Tls.Decode<HistoryRecord>(bytes) : null;

    internal IEnumerable<HistoryRecord> Page(LogId log, ulong after, int limit, bool newest)
    {
        byte[] from = after == 0 ? Key(log, 0) : [.. Key(log, after), .. BehindAll], to = Key(log, ulong.MaxValue);
        var records = store.Scan(RecordKind.History, from, to, limit, descending: newest, bytes: LongestPageBytes);
        if (newest) records.Reverse();
        else if (records.Count > 0) records.AddRange(RestOf(records[^1].Key));   // the next page begins behind this position
        return records.Select(record => Tls.Decode<HistoryRecord>(record.Value));
    }

    /// <summary>The line that is stored there, by its whole key.</summary>
    internal HistoryRecord? Under(byte[] key) => store.Get(RecordKind.History, key) is { } bytes ? Tls.Decode<HistoryRecord>(bytes) : null;

    /// <summary>Puts every line that has words into an index that has none of them yet.</summary>
    internal void IndexAll()
    {
        foreach (var (key, value) in store.ScanAll(RecordKind.History))
        {
            var record = Tls.Decode<HistoryRecord>(value);
            search.Put(record.Log.ToBytes(), key, record.Words);
        }
    }

    /// <summary>As people see it.</summary>
    internal HistoryItem Show(HistoryRecord record) => new(
        record.Log, record.Position, record.Id, record.From, NameOf(record.From), record.Device, record.SentAt, record.Kind, record.Status,
        record.Kind == HistoryKind.Members ? Describe(record) : record.Text, record.Attachment, record.Reason);

    internal string NameOf(Pin pin) => contacts.Find(pin)?.ShownName ?? pin.ToString();

    private void Put(byte[] key, HistoryRecord record, OutboxEntry? sent)
    {
        store.Put(RecordKind.History, key, Tls.Encode(record));
        if (sent is null || !search.Move(sent.Place, key)) search.Put(record.Log.ToBytes(), key, record.Words);
    }

    private List<(byte[] Key, byte[] Value)> RestOf(byte[] last) => store.Scan(
        RecordKind.History, last, [.. last.AsSpan(0, Id128.Size + sizeof(ulong)), .. BehindAll], bytes: LongestPageBytes);

    private string Describe(HistoryRecord record) =>
        record.NameBefore is { } before ? $"{before} is now called {record.Text}"
        : record.Present.Count > 0 ? DescribeEntry(record)
        : DescribeChange(record);

    /// <summary>How we came in ourselves.</summary>
    private string DescribeEntry(HistoryRecord record)
    {
        string again = record.Returned.Count > 0 ? " again" : "", more = record.Text.Length > 0 ? ". " + record.Text : "";
        return $"{NameOf(record.From)} added you{again}. In it were {Join(record.Present)}{more}";
    }

    private string DescribeChange(HistoryRecord record)
    {
        var sentences = new List<string>();
        if (record.Added.Count > 0) sentences.Add($"{NameOf(record.From)} added {Join(record.Added)}");
        var left = record.Removed.Where(pin => pin == record.From).ToList();
        var removed = record.Removed.Where(pin => pin != record.From).ToList();
        if (removed.Count > 0) sentences.Add($"{NameOf(record.From)} removed {Join(removed)}");
        if (left.Count > 0) sentences.Add($"{Join(left)} left");
        if (record.Returned.Count > 0) sentences.Add($"{NameOf(record.From)} added {Join(record.Returned)} again");
        if (record.DevicesAdded.Count > 0) sentences.Add($"{NameOf(record.From)} added another device of {Join(record.DevicesAdded)}");
        if (record.DevicesRemoved.Count > 0) sentences.Add($"{NameOf(record.From)} removed a device of {Join(record.DevicesRemoved)}");
        return string.Join("; ", sentences);
    }

    /// <summary>As many names as a line can hold; the members can be listed for the rest.</summary>
    private string Join(IReadOnlyList<Pin> pins)
    {
        string named = string.Join(", ", pins.Take(MostNames).Select(NameOf));
        return pins.Count > MostNames ? $"{named} and {pins.Count - MostNames} more" : named;
    }

    private static byte[] Key(LogId log, ulong position) => SealedStore.Key(log.ToBytes(), position);

    private static byte[] IndexKey(LogId log, MessageId id) => [.. log.ToBytes(), .. id.ToBytes()];
}
