using Holdfast.Codec;
using Holdfast.Protocol;

namespace Holdfast.Vault;

/// <summary>One line of history as it is stored. Names are looked up when it is read, so that a name learned late still shows.</summary>
internal sealed record HistoryRecord : ITlsStruct<HistoryRecord>
{
    private const byte Format = 1;

    internal required LogId Log { get; init; }

    internal ulong Position { get; init; }

    internal required MessageId Id { get; init; }

    internal required Pin From { get; init; }

    internal required DeviceId Device { get; init; }

    internal ulong SentAt { get; init; }

    internal required HistoryKind Kind { get; init; }

    internal HistoryStatus Status { get; init; }

    internal string Text { get; init; } = "";

    internal AttachmentInfo? Attachment { get; init; }

    internal AttachmentPointer? Pointer { get; init; }

    internal IReadOnlyList<Pin> Added { get; init; } = [];

    internal IReadOnlyList<Pin> Removed { get; init; } = [];

    /// <inheritdoc/>
    public static HistoryRecord Decode(ref TlsReader reader)
    {
        if (reader.ReadUInt8() != Format) throw new CodecException("history of another version");
        return new HistoryRecord
        {
            Log = LogId.Decode(ref reader),
            Position = reader.ReadUInt64(),
            Id = MessageId.Decode(ref reader),
            From = Pin.Decode(ref reader),
            Device = DeviceId.Decode(ref reader),
            SentAt = reader.ReadUInt64(),
            Kind = (HistoryKind)reader.ReadUInt8(),
            Status = (HistoryStatus)reader.ReadUInt8(),
            Text = reader.ReadText(ProtocolLimits.TextBytes),
            Attachment = reader.ReadOptional<AttachmentInfo>(),
            Pointer = reader.ReadOptional<AttachmentPointer>(),
            Added = reader.ReadVector<Pin>(),
            Removed = reader.ReadVector<Pin>(),
        };
    }

    /// <inheritdoc/>
    public void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(Format);
        Log.Encode(writer);
        writer.WriteUInt64(Position);
        Id.Encode(writer);
        From.Encode(writer);
        Device.Encode(writer);
        writer.WriteUInt64(SentAt);
        writer.WriteUInt8((byte)Kind);
        writer.WriteUInt8((byte)Status);
        writer.WriteText(Text);
        writer.WriteOptional(Attachment);
        writer.WriteOptional(Pointer);
        writer.WriteVector(Added);
        writer.WriteVector(Removed);
    }
}

/// <summary>The history of all conversations, in log order.</summary>
internal sealed class History(SealedStore store, ContactBook contacts)
{
    /// <summary>After so much a page ends: it must fit into a frame of the pipe, however long its messages are.</summary>
    private const int LongestPageBytes = ProtocolLimits.FrameBytes;

    internal void Save(HistoryRecord record)
    {
        byte[] key = store.Blind(RecordKind.History, record.Log.ToBytes(), record.Position);
        store.Put(RecordKind.History, key, Tls.Encode(record));
        if (record.Kind is HistoryKind.Text or HistoryKind.Attachment) store.Put(RecordKind.MessageIndex, IndexKey(record.Log, record.Id), key);
    }

    internal HistoryRecord? At(LogId log, ulong position) =>
        store.Get(RecordKind.History, store.Blind(RecordKind.History, log.ToBytes(), position)) is { } bytes ? Tls.Decode<HistoryRecord>(bytes) : null;

    internal HistoryRecord? Find(LogId log, MessageId id) =>
        store.Get(RecordKind.MessageIndex, IndexKey(log, id)) is { } key && store.Get(RecordKind.History, key) is { } bytes ? Tls.Decode<HistoryRecord>(bytes) : null;

    internal IEnumerable<HistoryRecord> Page(LogId log, ulong after, int limit, bool newest)
    {
        byte[] from = store.Blind(RecordKind.History, log.ToBytes(), after), to = store.Blind(RecordKind.History, log.ToBytes(), ulong.MaxValue);
        var records = store.Scan(RecordKind.History, from, to, limit, descending: newest, bytes: LongestPageBytes);
        if (newest) records.Reverse();
        return records.Select(record => Tls.Decode<HistoryRecord>(record.Value));
    }

    /// <summary>As people see it.</summary>
    internal HistoryItem Show(HistoryRecord record) => new(
        record.Log, record.Position, record.Id, record.From, NameOf(record.From), record.Device, record.SentAt, record.Kind, record.Status,
        record.Kind == HistoryKind.Members ? DescribeChange(record) : record.Text, record.Attachment);

    internal string NameOf(Pin pin) => contacts.Find(pin)?.ShownName ?? pin.ToString();

    private string DescribeChange(HistoryRecord record)
    {
        var sentences = new List<string>();
        if (record.Added.Count > 0) sentences.Add($"{NameOf(record.From)} added {Join(record.Added)}");
        var left = record.Removed.Where(pin => pin == record.From).ToList();
        var removed = record.Removed.Where(pin => pin != record.From).ToList();
        if (removed.Count > 0) sentences.Add($"{NameOf(record.From)} removed {Join(removed)}");
        if (left.Count > 0) sentences.Add($"{Join(left)} left");
        return string.Join("; ", sentences);
    }

    private string Join(IEnumerable<Pin> pins) => string.Join(", ", pins.Select(NameOf));

    private byte[] IndexKey(LogId log, MessageId id) => store.Blind(RecordKind.MessageIndex, [.. log.ToBytes(), .. id.ToBytes()]);
}
