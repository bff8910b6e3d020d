using Holdfast.Codec;

namespace Holdfast.Protocol;

/// <summary>Processes entries in log order and commits once. Answered by <see cref="Opened"/>; of entries that were processed before it says only which own posts are among them.</summary>
/// <param name="Log">Which.</param>
/// <param name="Entries">In order, without gaps.</param>
public sealed record OpenEntries(LogId Log, IReadOnlyList<LogEntry> Entries) : VaultCall
{
    internal const byte Tag = 28;

    /// <summary>
    /// Whether they come from this device's own spool, which any program of this user may have written: where one of them does not open, or is
    /// missing, the call is refused and nothing is changed.
    /// </summary>
    public bool Spooled { get; init; }

    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(Tag);
        Log.Encode(writer);
        writer.WriteVector(Entries);
        writer.WritePresence(Spooled);
    }

    internal static OpenEntries DecodeBody(ref TlsReader reader) => new(LogId.Decode(ref reader), reader.ReadVector<LogEntry>())
    {
        Spooled = reader.ReadPresence(),
    };
}

/// <summary>What the entries were.</summary>
/// <param name="Position">The last position processed, durably.</param>
/// <param name="Items">New history, in order.</param>
/// <param name="Landed">Own posts that were among them.</param>
/// <param name="KeysChanged">Whether the log needs a new subscription proof.</param>
public sealed record Opened(
    ulong Position, IReadOnlyList<HistoryItem> Items, IReadOnlyList<MessageId> Landed, bool KeysChanged) : VaultReply
{
    internal const byte Tag = 17;

    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(Tag);
        writer.WriteUInt64(Position);
        writer.WriteVector(Items);
        writer.WriteVector(Landed);
        writer.WritePresence(KeysChanged);
    }

    internal static Opened DecodeBody(ref TlsReader reader) => new(
        reader.ReadUInt64(), reader.ReadVector<HistoryItem>(), reader.ReadVector<MessageId>(), reader.ReadPresence());
}

/// <summary>Processes inbox items and commits once. Answered by <see cref="InboxOpened"/>.</summary>
/// <param name="Items">The items.</param>
public sealed record OpenInbox(IReadOnlyList<InboxItem> Items) : VaultCall
{
    internal const byte Tag = 29;

    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(Tag);
        writer.WriteVector(Items);
    }

    internal static OpenInbox DecodeBody(ref TlsReader reader) => new(reader.ReadVector<InboxItem>());
}

/// <summary>What the inbox items were.</summary>
/// <param name="Finished">May be deleted at the server.</param>
/// <param name="Joined">Conversations we are now in.</param>
/// <param name="Met">Contacts that are new.</param>
public sealed record InboxOpened(IReadOnlyList<InboxItemId> Finished, IReadOnlyList<LogId> Joined, IReadOnlyList<Pin> Met) : VaultReply
{
    internal const byte Tag = 18;

    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(Tag);
        writer.WriteVector(Finished);
        writer.WriteVector(Joined);
        writer.WriteVector(Met);
    }

    internal static InboxOpened DecodeBody(ref TlsReader reader) => new(
        reader.ReadVector<InboxItemId>(), reader.ReadVector<LogId>(), reader.ReadVector<Pin>());
}

/// <summary>What is due.</summary>
/// <param name="Items">In no order.</param>
/// <param name="RetryAfter">Ask again after so many seconds.</param>
public sealed record Due(IReadOnlyList<DueWork> Items, uint RetryAfter) : VaultReply
{
    internal const byte Tag = 19;

    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(Tag);
        writer.WriteVector(Items);
        writer.WriteUInt32(RetryAfter);
    }

    internal static Due DecodeBody(ref TlsReader reader) => new(reader.ReadVector<DueWork>(), reader.ReadUInt32());
}

/// <summary>Does what is due: answered by <see cref="Sealed"/>, or <see cref="Ok"/> where it went to the outbox' deliveries or was done by another.</summary>
/// <param name="Work">What.</param>
public sealed record PerformDue(DueWork Work) : VaultCall
{
    internal const byte Tag = 31;

    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(Tag);
        Work.Encode(writer);
    }

    internal static PerformDue DecodeBody(ref TlsReader reader) => new(DueWork.Decode(ref reader));
}
