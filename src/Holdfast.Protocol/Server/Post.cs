using Holdfast.Codec;

namespace Holdfast.Protocol;

/// <summary>
/// What the vault wants posted: one opaque thing that Client forwards unread. The server reads everything but
/// <see cref="Bytes"/> and the sealed <see cref="Deliveries"/>.
/// </summary>
/// <param name="Log">The log to append to.</param>
/// <param name="Id">Chosen by the sender: a repeated post gets its old position.</param>
/// <param name="Position">The last position the sender has seen; a commit that landed behind it refuses the post.</param>
/// <param name="Kind">What the sender declares the bytes to be; members quarantine a lie.</param>
/// <param name="Expiry">How long the server may keep it.</param>
/// <param name="NextAccessKey">With a commit, the next epoch's public access key; else empty.</param>
/// <param name="Bytes">An MLS PrivateMessage.</param>
/// <param name="Deliveries">Sealed Welcomes, filed in the same transaction that accepts the post.</param>
public sealed record Post(
    LogId Log, MessageId Id, ulong Position, PostKind Kind, ExpiryBucket Expiry,
    ReadOnlyMemory<byte> NextAccessKey, ReadOnlyMemory<byte> Bytes, IReadOnlyList<Delivery> Deliveries) : ITlsStruct<Post>
{
    /// <inheritdoc/>
    public static Post Decode(ref TlsReader reader)
    {
        FormatVersion.Read(ref reader);
        var post = new Post(
            LogId.Decode(ref reader), MessageId.Decode(ref reader), reader.ReadUInt64(), Wire.ReadKind(ref reader),
            Wire.ReadExpiry(ref reader), reader.ReadOpaque(ProtocolLimits.PublicKeyBytes).ToArray(),
            reader.ReadOpaque(ProtocolLimits.EntryBytes).ToArray(), reader.ReadVector<Delivery>(ProtocolLimits.Deliveries));
        int expected = post.Kind == PostKind.Commit ? ProtocolLimits.PublicKeyBytes : 0;
        if (post.NextAccessKey.Length != expected) throw new CodecException("a commit, and nothing else, carries the next access key");
        if (post.Kind != PostKind.Application && post.Expiry != ExpiryBucket.Retention)
            throw new CodecException("whoever is away must find every change when it comes back");
        return post;
    }

    /// <inheritdoc/>
    public void Encode(TlsWriter writer)
    {
        FormatVersion.Write(writer);
        Log.Encode(writer);
        Id.Encode(writer);
        writer.WriteUInt64(Position);
        writer.WriteUInt8((byte)Kind);
        writer.WriteUInt8((byte)Expiry);
        writer.WriteOpaque(NextAccessKey.Span);
        writer.WriteOpaque(Bytes.Span);
        writer.WriteVector(Deliveries);
    }
}

/// <summary>What a post declares itself to be: RFC 9420 §6 ContentType.</summary>
public enum PostKind : byte
{
    /// <summary>A message between people.</summary>
    Application = 1,

    /// <summary>A proposed change.</summary>
    Proposal = 2,

    /// <summary>A change: the only kind that moves the epoch.</summary>
    Commit = 3,
}

/// <summary>How long the server keeps a post or a blob at most.</summary>
public enum ExpiryBucket : byte
{
    /// <summary>As long as the server's retention says.</summary>
    Retention = 0,

    /// <summary>One hour.</summary>
    Hour = 1,

    /// <summary>One day.</summary>
    Day = 2,

    /// <summary>Seven days.</summary>
    Week = 3,

    /// <summary>Thirty days.</summary>
    Month = 4,
}

/// <summary>Something sealed to one device's inbox key. Padded, and sealed anew for each device: equal bytes never join two inboxes.</summary>
/// <param name="Device">Whose inbox.</param>
/// <param name="Bytes">The sealed item.</param>
public sealed record Delivery(DeviceId Device, ReadOnlyMemory<byte> Bytes) : ITlsStruct<Delivery>
{
    /// <inheritdoc/>
    public static Delivery Decode(ref TlsReader reader) =>
        new(DeviceId.Decode(ref reader), reader.ReadOpaque(ProtocolLimits.InboxItemBytes).ToArray());

    /// <inheritdoc/>
    public void Encode(TlsWriter writer)
    {
        Device.Encode(writer);
        writer.WriteOpaque(Bytes.Span);
    }
}

/// <summary>One entry of a log as the server hands it out.</summary>
/// <param name="Position">1, 2, 3 … without gaps, but for what retention has removed.</param>
/// <param name="Id">The post's id.</param>
/// <param name="Kind">What the post declared itself to be.</param>
/// <param name="Bytes">The sealed bytes.</param>
public sealed record LogEntry(ulong Position, MessageId Id, PostKind Kind, ReadOnlyMemory<byte> Bytes) : ITlsStruct<LogEntry>
{
    /// <inheritdoc/>
    public static LogEntry Decode(ref TlsReader reader) => new(
        reader.ReadUInt64(), MessageId.Decode(ref reader), Wire.ReadKind(ref reader), reader.ReadOpaque(ProtocolLimits.EntryBytes).ToArray());

    /// <inheritdoc/>
    public void Encode(TlsWriter writer)
    {
        writer.WriteUInt64(Position);
        Id.Encode(writer);
        writer.WriteUInt8((byte)Kind);
        writer.WriteOpaque(Bytes.Span);
    }
}

/// <summary>One inbox item as the server hands it out.</summary>
/// <param name="Id">What to name when it is done with.</param>
/// <param name="Bytes">The sealed item.</param>
public sealed record InboxItem(InboxItemId Id, ReadOnlyMemory<byte> Bytes) : ITlsStruct<InboxItem>
{
    /// <inheritdoc/>
    public static InboxItem Decode(ref TlsReader reader) =>
        new(InboxItemId.Decode(ref reader), reader.ReadOpaque(ProtocolLimits.InboxItemBytes).ToArray());

    /// <inheritdoc/>
    public void Encode(TlsWriter writer)
    {
        Id.Encode(writer);
        writer.WriteOpaque(Bytes.Span);
    }
}
