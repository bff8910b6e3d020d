using System.Buffers.Binary;
using Holdfast.Codec;
using Holdfast.Protocol;

namespace Holdfast.Vault;

/// <summary>What a post is meant to do. It outlives the sealed bytes: those are made anew when a commit overtakes them.</summary>
internal enum IntentKind : byte
{
    /// <summary>Say something; the payload is the padded envelope.</summary>
    Say = 1,

    /// <summary>Add devices; the payload is their key packages.</summary>
    Add = 2,

    /// <summary>Remove all devices of a person.</summary>
    Remove = 3,

    /// <summary>Leave.</summary>
    Leave = 4,

    /// <summary>Put a fresh key of ours into the tree.</summary>
    Renew = 5,

    /// <summary>Commit what others have proposed.</summary>
    CarryOut = 6,

    /// <summary>Replace the leaf of a stranded device; the payload is its fresh key package.</summary>
    Readmit = 7,
}

/// <summary>One thing that waits to be accepted by the server.</summary>
internal sealed record OutboxEntry : ITlsStruct<OutboxEntry>
{
    private const byte Format = 1;

    internal required ulong Sequence { get; init; }

    internal required IntentKind Intent { get; init; }

    /// <summary>Key packages to add, or the person to remove, or the envelope: as <see cref="Intent"/> says.</summary>
    internal IReadOnlyList<ReadOnlyMemory<byte>> Payload { get; init; } = [];

    internal required Post Post { get; init; }

    internal ReadOnlyMemory<byte> FirstAccessKey { get; init; }

    /// <summary>What the history will show once it has a position.</summary>
    internal HistoryRecord? Shown { get; init; }

    /// <inheritdoc/>
    public static OutboxEntry Decode(ref TlsReader reader)
    {
        if (reader.ReadUInt8() != Format) throw new CodecException("an outbox of another version");
        return new OutboxEntry
        {
            Sequence = reader.ReadUInt64(),
            Intent = (IntentKind)reader.ReadUInt8(),
            Payload = reader.ReadVector<ReadOnlyMemory<byte>>(static (ref TlsReader item) => item.ReadOpaque().ToArray()),
            Post = Post.Decode(ref reader),
            FirstAccessKey = reader.ReadOpaque(ProtocolLimits.PublicKeyBytes).ToArray(),
            Shown = reader.ReadOptional<HistoryRecord>(),
        };
    }

    /// <inheritdoc/>
    public void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(Format);
        writer.WriteUInt64(Sequence);
        writer.WriteUInt8((byte)Intent);
        writer.WriteVector(Payload, static (target, item) => target.WriteOpaque(item.Span));
        Post.Encode(writer);
        writer.WriteOpaque(FirstAccessKey.Span);
        writer.WriteOptional(Shown);
    }

    /// <summary>Where its words are stored, for the search.</summary>
    internal byte[] Place => SealedStore.Key([], Sequence);

    internal OutboxPost ToSend() => new(Post, FirstAccessKey);
}

/// <summary>Everything that waits to be sent, in the order in which it was asked for.</summary>
internal sealed class OutboxStore(SealedStore store, SearchIndex search)
{
    /// <summary>A page ends behind the entry that reaches this; with that entry it still fits the pipe's frame.</summary>
    private const int LongestPageBytes = ProtocolLimits.FrameBytes;

    internal List<OutboxEntry> All() => [.. store.ScanAll(RecordKind.Outbox).Select(record => Tls.Decode<OutboxEntry>(record.Value))];

    /// <summary>What stands behind that sequence number, as much as an answer holds; whether that is surely all.</summary>
    internal (List<OutboxEntry> Entries, bool IsAll) Page(ulong after)
    {
        var records = store.Scan(RecordKind.Outbox, Key(after), Key(ulong.MaxValue), bytes: LongestPageBytes);
        bool isAll = records.Sum(static record => (long)record.Value.Length) < LongestPageBytes;   // else the scan ended for its length
        return ([.. records.Select(static record => Tls.Decode<OutboxEntry>(record.Value))], isAll);
    }

    internal IEnumerable<OutboxEntry> Of(LogId log) => All().Where(entry => entry.Post.Log == log);

    internal OutboxEntry? Find(MessageId id) =>
        store.Get(RecordKind.OutboxIndex, IndexKey(id)) is { } key && store.Get(RecordKind.Outbox, key) is { } bytes ? Tls.Decode<OutboxEntry>(bytes) : null;

    /// <summary>Whether nothing waits.</summary>
    internal bool IsEmpty => store.Scan(RecordKind.Outbox, [], Key(ulong.MaxValue), 1).Count == 0;

    /// <summary>The sequence number for a new entry.</summary>
    internal ulong NextSequence() =>
        store.Scan(RecordKind.Outbox, [], Key(ulong.MaxValue), 1, descending: true) is [var (key, _), ..] ? BinaryPrimitives.ReadUInt64BigEndian(key) + 1 : 1;

    internal void Save(OutboxEntry entry)
    {
        store.Put(RecordKind.Outbox, Key(entry.Sequence), Tls.Encode(entry));
        store.Put(RecordKind.OutboxIndex, IndexKey(entry.Post.Id), Key(entry.Sequence));
        if (entry.Shown is { } shown) search.Put(shown.Log.ToBytes(), entry.Place, shown.Words);
    }

    internal void Delete(OutboxEntry entry)
    {
        store.Delete(RecordKind.Outbox, Key(entry.Sequence));
        store.Delete(RecordKind.OutboxIndex, IndexKey(entry.Post.Id));
        if (entry.Shown is not null) search.Remove(entry.Place);
    }

    /// <summary>What is stored under a key that <see cref="OutboxEntry.Place"/> has given.</summary>
    internal OutboxEntry? Under(byte[] key) => store.Get(RecordKind.Outbox, key) is { } bytes ? Tls.Decode<OutboxEntry>(bytes) : null;

    /// <summary>Whether a place is one in here, and not in the history.</summary>
    internal static bool IsPlace(byte[] place) => place.Length == sizeof(ulong);

    /// <summary>Puts every entry that has words into an index that has none of them yet.</summary>
    internal void IndexAll()
    {
        foreach (var entry in All().Where(static entry => entry.Shown is not null)) search.Put(entry.Shown!.Log.ToBytes(), entry.Place, entry.Shown.Words);
    }

    /// <summary>Inbox items to file, as many as an answer holds; what is left comes when these are filed and it is asked for again.</summary>
    internal List<OutboxDeliveries> Deliveries() =>
        [.. store.ScanAll(RecordKind.OutboxDeliveries, LongestPageBytes).Select(static record => Tls.Decode<OutboxDeliveries>(record.Value))];

    internal void SaveDeliveries(OutboxDeliveries deliveries) =>
        store.Put(RecordKind.OutboxDeliveries, deliveries.Id.ToBytes(), Tls.Encode(deliveries));

    internal void DeleteDeliveries(MessageId id) => store.Delete(RecordKind.OutboxDeliveries, id.ToBytes());

    private static byte[] Key(ulong sequence) => SealedStore.Key([], sequence);

    private static byte[] IndexKey(MessageId id) => id.ToBytes();
}
