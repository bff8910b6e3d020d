using Holdfast.Codec;

namespace Holdfast.Protocol;

/// <summary>What is to be submitted; it is in the outbox already.</summary>
/// <param name="Items">One, or one for each text in the order of the call.</param>
public sealed record Sealed(IReadOnlyList<OutboxPost> Items) : VaultReply
{
    internal const byte Tag = 13;

    /// <summary>The first: where one was asked for, that one.</summary>
    public OutboxPost Item => Items[0];

    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(Tag);
        writer.WriteVector(Items);
    }

    internal static Sealed DecodeBody(ref TlsReader reader) => new(reader.ReadVector<OutboxPost>());
}

/// <summary>Stores, seals and commits texts to one conversation, all of them or none: answered by <see cref="Sealed"/>.</summary>
/// <param name="Log">Where.</param>
/// <param name="Texts">The texts, as markdown, in the order in which they are to be said.</param>
public sealed record SealTexts(LogId Log, IReadOnlyList<string> Texts) : VaultCall
{
    internal const byte Tag = 20;

    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(Tag);
        Log.Encode(writer);
        writer.WriteVector(Texts, static (target, text) => target.WriteText(text));
    }

    internal static SealTexts DecodeBody(ref TlsReader reader) => new(
        LogId.Decode(ref reader), reader.ReadVector(static (ref TlsReader text) => text.ReadText(ProtocolLimits.TextBytes)));
}

/// <summary>Answered by <see cref="AttachmentPrepared"/>: a key for one file.</summary>
public sealed record NewAttachment() : VaultCall
{
    internal const byte Tag = 21;

    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(Tag);
    }

    internal static NewAttachment DecodeBody() => new();
}

/// <summary>For one file.</summary>
/// <param name="Blob">The blob's id.</param>
/// <param name="Key">The one-file key.</param>
/// <param name="DeleteToken">What deletes the blob.</param>
public sealed record AttachmentPrepared(BlobId Blob, ReadOnlyMemory<byte> Key, ReadOnlyMemory<byte> DeleteToken) : VaultReply
{
    internal const byte Tag = 14;

    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(Tag);
        Blob.Encode(writer);
        writer.WriteBytes(Key.Span);
        writer.WriteBytes(DeleteToken.Span);
    }

    internal static AttachmentPrepared DecodeBody(ref TlsReader reader) => new(
        BlobId.Decode(ref reader), Wire.ReadFileKey(ref reader), Wire.ReadDeleteToken(ref reader));
}

/// <summary>Answered by <see cref="Sealed"/>; the blob must be complete at the server.</summary>
/// <param name="Log">Where.</param>
/// <param name="Info">What people are told.</param>
/// <param name="Pointer">Where it lies.</param>
public sealed record SealAttachment(LogId Log, AttachmentInfo Info, AttachmentPointer Pointer) : VaultCall
{
    internal const byte Tag = 22;

    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(Tag);
        Log.Encode(writer);
        Info.Encode(writer);
        Pointer.Encode(writer);
    }

    internal static SealAttachment DecodeBody(ref TlsReader reader) => new(
        LogId.Decode(ref reader), AttachmentInfo.Decode(ref reader), AttachmentPointer.Decode(ref reader));
}

/// <summary>Answered by <see cref="AttachmentFound"/>.</summary>
/// <param name="Id">The message that carries it.</param>
public sealed record FindAttachment(MessageId Id) : VaultCall
{
    internal const byte Tag = 23;

    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(Tag);
        Id.Encode(writer);
    }

    internal static FindAttachment DecodeBody(ref TlsReader reader) => new(MessageId.Decode(ref reader));
}

/// <summary>An attachment.</summary>
/// <param name="Info">What it is.</param>
/// <param name="Pointer">Where it lies.</param>
public sealed record AttachmentFound(AttachmentInfo Info, AttachmentPointer Pointer) : VaultReply
{
    internal const byte Tag = 15;

    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(Tag);
        Info.Encode(writer);
        Pointer.Encode(writer);
    }

    internal static AttachmentFound DecodeBody(ref TlsReader reader) => new(
        AttachmentInfo.Decode(ref reader), AttachmentPointer.Decode(ref reader));
}

/// <summary>Answered by <see cref="Outbox"/>: what waits, oldest first, as much as one answer holds.</summary>
/// <param name="After">The <see cref="Outbox.Last"/> of the answer before; 0 for the first.</param>
public sealed record GetOutbox(ulong After) : VaultCall
{
    internal const byte Tag = 24;

    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(Tag);
        writer.WriteUInt64(After);
    }

    internal static GetOutbox DecodeBody(ref TlsReader reader) => new(reader.ReadUInt64());
}

/// <summary>What waits to be sent.</summary>
/// <param name="Posts">Posts, oldest first.</param>
/// <param name="Deliveries">Inbox items; in the last answer.</param>
/// <param name="Last">Where the next answer goes on; 0 in the last one.</param>
public sealed record Outbox(IReadOnlyList<OutboxPost> Posts, IReadOnlyList<OutboxDeliveries> Deliveries, ulong Last) : VaultReply
{
    internal const byte Tag = 16;

    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(Tag);
        writer.WriteVector(Posts);
        writer.WriteVector(Deliveries);
        writer.WriteUInt64(Last);
    }

    internal static Outbox DecodeBody(ref TlsReader reader) => new(
        reader.ReadVector<OutboxPost>(), reader.ReadVector<OutboxDeliveries>(), reader.ReadUInt64());
}

/// <summary>A post was refused because a commit landed before it, and that has been opened: discards the sealed bytes and seals anew under the same id. Answered by <see cref="Sealed"/>, or <see cref="Ok"/> where nothing is left to do.</summary>
/// <param name="Id">The refused post.</param>
public sealed record Reseal(MessageId Id) : VaultCall
{
    internal const byte Tag = 25;

    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(Tag);
        Id.Encode(writer);
    }

    internal static Reseal DecodeBody(ref TlsReader reader) => new(MessageId.Decode(ref reader));
}

/// <summary>
/// Takes something out of the outbox: deliveries that the server has filed, or a post that it will never take, of which the history says so.
/// </summary>
/// <param name="Id">The deliveries, or the post.</param>
/// <param name="Reason">Why the post is given up, in a sentence; null for deliveries.</param>
public sealed record LeaveOutbox(MessageId Id, string? Reason) : VaultCall
{
    internal const byte Tag = 26;

    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(Tag);
        Id.Encode(writer);
        writer.WriteOptionalText(Reason);
    }

    internal static LeaveOutbox DecodeBody(ref TlsReader reader) => new(
        MessageId.Decode(ref reader), reader.ReadOptionalText(ProtocolLimits.ReasonBytes));
}
