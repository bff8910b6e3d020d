using System.Buffers.Binary;
using Holdfast.Codec;
using Holdfast.Protocol;

namespace Holdfast.Vault;

/// <summary>One line of history as it is stored. Names are looked up when it is read, so that a name learned late still shows.</summary>
internal sealed record HistoryRecord : ITlsStruct<HistoryRecord>
{
    private const byte Format = 2;

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

    /// <summary>Whose device was put in anew, by a fresh key package.</summary>
    internal IReadOnlyList<Pin> Returned { get; init; } = [];

    /// <summary>Who stayed and has another device in it now.</summary>
    internal IReadOnlyList<Pin> DevicesAdded { get; init; } = [];

    /// <summary>Who stayed and has a device in it no longer.</summary>
    internal IReadOnlyList<Pin> DevicesRemoved { get; init; } = [];

    /// <summary>Where this is how we came in ourselves: who was in it then.</summary>
    internal IReadOnlyList<Pin> Present { get; init; } = [];

    /// <summary>Why a message of ours was not sent.</summary>
    internal string? Reason { get; init; }

    /// <summary>Where a person's card shows another name than before: the name before; the text is the one now.</summary>
    internal string? NameBefore { get; init; }

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
            Returned = reader.ReadVector<Pin>(),
            DevicesAdded = reader.ReadVector<Pin>(),
            DevicesRemoved = reader.ReadVector<Pin>(),
            Present = reader.ReadVector<Pin>(),
            Reason = reader.ReadPresence() ? reader.ReadText(ProtocolLimits.ReasonBytes) : null,
            NameBefore = reader.ReadPresence() ? reader.ReadText(ProtocolLimits.NameBytes) : null,
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
        writer.WriteVector(Returned);
        writer.WriteVector(DevicesAdded);
        writer.WriteVector(DevicesRemoved);
        writer.WriteVector(Present);
        WriteOptional(writer, Reason);
        WriteOptional(writer, NameBefore);
    }

    private static void WriteOptional(TlsWriter writer, string? text)
    {
        writer.WritePresence(text is not null);
        if (text is not null) writer.WriteText(text);
    }
}

/// <summary>The history of all conversations, in log order.</summary>
internal sealed class History(SealedStore store, ContactBook contacts)
{
    /// <summary>After so much a page ends: it must fit into a frame of the pipe, however long its messages are.</summary>
    private const int LongestPageBytes = ProtocolLimits.FrameBytes;

    /// <summary>How many people one line names.</summary>
    private const int MostNames = 20;

    /// <summary>Behind every key of a position's lines.</summary>
    private static readonly byte[] BehindAll = [.. Enumerable.Repeat((byte)0xff, 40)];

    internal void Save(HistoryRecord record)
    {
        byte[] key = Key(record.Log, record.Position);
        store.Put(RecordKind.History, key, Tls.Encode(record));
        if (record.Kind is HistoryKind.Text or HistoryKind.Attachment) store.Put(RecordKind.MessageIndex, IndexKey(record.Log, record.Id), key);
    }

    /// <summary>Keeps a line that is no entry of the log: it stands behind the one of its position, in the order of time.</summary>
    /// <param name="record">The line; its position is the last one of the conversation when it came about.</param>
    /// <param name="order">Which comes first of those of the same moment.</param>
    internal void SaveBeside(HistoryRecord record, ulong order)
    {
        var when = new byte[16];
        BinaryPrimitives.WriteUInt64BigEndian(when, record.SentAt);
        BinaryPrimitives.WriteUInt64BigEndian(when.AsSpan(8), order);
        store.Put(RecordKind.History, [.. Key(record.Log, record.Position), .. when, .. record.Id.ToBytes()], Tls.Encode(record));
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

    /// <summary>As people see it.</summary>
    internal HistoryItem Show(HistoryRecord record) => new(
        record.Log, record.Position, record.Id, record.From, NameOf(record.From), record.Device, record.SentAt, record.Kind, record.Status,
        record.Kind == HistoryKind.Members ? Describe(record) : record.Text, record.Attachment, record.Reason);

    internal string NameOf(Pin pin) => contacts.Find(pin)?.ShownName ?? pin.ToString();

    private List<(byte[] Key, byte[] Value)> RestOf(byte[] last) => store.Scan(
        RecordKind.History, last, [.. last.AsSpan(0, SealedStore.BlindBytes + sizeof(ulong)), .. BehindAll], bytes: LongestPageBytes);

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

    private byte[] Key(LogId log, ulong position) => store.Blind(RecordKind.History, log.ToBytes(), position);

    private byte[] IndexKey(LogId log, MessageId id) => store.Blind(RecordKind.MessageIndex, [.. log.ToBytes(), .. id.ToBytes()]);
}
