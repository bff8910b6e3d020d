using Holdfast.Codec;

namespace Holdfast.Protocol;

/// <summary>A post that waits to be accepted. It stays the same, byte for byte, until it is refused.</summary>
/// <param name="Post">What to submit.</param>
/// <param name="FirstAccessKey">Not empty where the log must be created first, with this key.</param>
public sealed record OutboxPost(Post Post, ReadOnlyMemory<byte> FirstAccessKey) : ITlsStruct<OutboxPost>
{
    /// <inheritdoc/>
    public static OutboxPost Decode(ref TlsReader reader) => new(
        Post.Decode(ref reader), reader.ReadOpaque(ProtocolLimits.PublicKeyBytes).ToArray());

    /// <inheritdoc/>
    public void Encode(TlsWriter writer)
    {
        Post.Encode(writer);
        writer.WriteOpaque(FirstAccessKey.Span);
    }
}

/// <summary>Sealed items for inboxes, outside any log, that wait to be filed.</summary>
/// <param name="Id">What to name when they are.</param>
/// <param name="Deliveries">The items.</param>
public sealed record OutboxDeliveries(MessageId Id, IReadOnlyList<Delivery> Deliveries) : ITlsStruct<OutboxDeliveries>
{
    /// <inheritdoc/>
    public static OutboxDeliveries Decode(ref TlsReader reader) => new(MessageId.Decode(ref reader), reader.ReadVector<Delivery>());

    /// <inheritdoc/>
    public void Encode(TlsWriter writer)
    {
        Id.Encode(writer);
        writer.WriteVector(Deliveries);
    }
}

/// <summary>What opens one log on this connection.</summary>
/// <param name="Log">The log.</param>
/// <param name="AccessKey">The public access key.</param>
/// <param name="Signature">By it, over <see cref="SignedTexts.Subscription"/>; of a locked vault over <see cref="SignedTexts.ReadingGrant"/>.</param>
/// <param name="Position">The last position that the vault has processed.</param>
public sealed record SubscriptionProof(
    LogId Log, ReadOnlyMemory<byte> AccessKey, ReadOnlyMemory<byte> Signature, ulong Position) : ITlsStruct<SubscriptionProof>
{
    /// <inheritdoc/>
    public static SubscriptionProof Decode(ref TlsReader reader) => new(
        LogId.Decode(ref reader), Wire.ReadPublicKey(ref reader), Wire.ReadSignature(ref reader), reader.ReadUInt64());

    /// <inheritdoc/>
    public void Encode(TlsWriter writer)
    {
        Log.Encode(writer);
        writer.WriteBytes(AccessKey.Span);
        writer.WriteBytes(Signature.Span);
        writer.WriteUInt64(Position);
    }
}

/// <summary>A conversation in a list.</summary>
/// <param name="Log">Its log.</param>
/// <param name="Name">Its title, or the other person's name.</param>
/// <param name="IsGroup">False for a conversation of two.</param>
/// <param name="State">What it is to us now.</param>
/// <param name="Position">The last position processed: reading goes on behind it.</param>
/// <param name="Members">How many people.</param>
/// <param name="Suite">The name of its group's cipher suite; empty where we are not a member.</param>
public sealed record ConversationInfo(
    LogId Log, string Name, bool IsGroup, ConversationState State, ulong Position, uint Members, string Suite) : ITlsStruct<ConversationInfo>
{
    /// <inheritdoc/>
    public static ConversationInfo Decode(ref TlsReader reader) => new(
        LogId.Decode(ref reader), reader.ReadText(ProtocolLimits.NameBytes), reader.ReadPresence(), Wire.ReadEnum<ConversationState>(ref reader),
        reader.ReadUInt64(), reader.ReadUInt32(), reader.ReadText(ProtocolLimits.NameBytes));

    /// <inheritdoc/>
    public void Encode(TlsWriter writer)
    {
        Log.Encode(writer);
        writer.WriteText(Name);
        writer.WritePresence(IsGroup);
        writer.WriteUInt8((byte)State);
        writer.WriteUInt64(Position);
        writer.WriteUInt32(Members);
        writer.WriteText(Suite);
    }

    /// <summary>Says which and how it stands, not its name.</summary>
    public override string ToString() => $"ConversationInfo({Log}, {State}, {Position})";
}

/// <summary>A person we know.</summary>
/// <param name="Pin">Their PIN.</param>
/// <param name="Name">Their name, or the PIN until we know it.</param>
/// <param name="IdentityKey">Their user identity's public key.</param>
/// <param name="State">How far the acquaintance has come.</param>
public sealed record ContactInfo(Pin Pin, string Name, ReadOnlyMemory<byte> IdentityKey, ContactState State) : ITlsStruct<ContactInfo>
{
    /// <inheritdoc/>
    public static ContactInfo Decode(ref TlsReader reader) => new(
        Protocol.Pin.Decode(ref reader), reader.ReadText(ProtocolLimits.NameBytes), Wire.ReadPublicKey(ref reader), Wire.ReadEnum<ContactState>(ref reader));

    /// <inheritdoc/>
    public void Encode(TlsWriter writer)
    {
        Pin.Encode(writer);
        writer.WriteText(Name);
        writer.WriteBytes(IdentityKey.Span);
        writer.WriteUInt8((byte)State);
    }

    /// <summary>Says who and how it stands, not their name.</summary>
    public override string ToString() => $"ContactInfo({Pin}, {State})";
}

/// <summary>A device in a conversation, as the group's tree says.</summary>
/// <param name="Pin">Whose.</param>
/// <param name="Name">Their name, or the PIN until we know it.</param>
/// <param name="Device">Which device.</param>
/// <param name="IsSelf">Whether it is this one.</param>
public sealed record MemberInfo(Pin Pin, string Name, DeviceId Device, bool IsSelf) : ITlsStruct<MemberInfo>
{
    /// <inheritdoc/>
    public static MemberInfo Decode(ref TlsReader reader) => new(
        Protocol.Pin.Decode(ref reader), reader.ReadText(ProtocolLimits.NameBytes), DeviceId.Decode(ref reader), reader.ReadPresence());

    /// <inheritdoc/>
    public void Encode(TlsWriter writer)
    {
        Pin.Encode(writer);
        writer.WriteText(Name);
        Device.Encode(writer);
        writer.WritePresence(IsSelf);
    }

    /// <summary>Says who, not their name.</summary>
    public override string ToString() => $"MemberInfo({Pin}, {Device})";
}

/// <summary>What a conversation is told of an attachment.</summary>
/// <param name="FileName">The file's name, without a path.</param>
/// <param name="MediaType">Its media type.</param>
/// <param name="Size">Its size in bytes, before encryption.</param>
public sealed record AttachmentInfo(string FileName, string MediaType, ulong Size) : ITlsStruct<AttachmentInfo>
{
    /// <inheritdoc/>
    public static AttachmentInfo Decode(ref TlsReader reader) => new(
        reader.ReadText(ProtocolLimits.NameBytes), reader.ReadText(ProtocolLimits.NameBytes), reader.ReadUInt64());

    /// <inheritdoc/>
    public void Encode(TlsWriter writer)
    {
        writer.WriteText(FileName);
        writer.WriteText(MediaType);
        writer.WriteUInt64(Size);
    }

    /// <summary>Says how large, not what.</summary>
    public override string ToString() => $"AttachmentInfo({Size} bytes)";
}

/// <summary>Where an attachment lies and what opens it. The key opens this one file.</summary>
/// <param name="Blob">The blob.</param>
/// <param name="Key">The one-file key.</param>
/// <param name="Hash">SHA-256 of the whole blob.</param>
/// <param name="BlobSize">The blob's size in bytes.</param>
/// <param name="DeleteToken">What deletes the blob.</param>
public sealed record AttachmentPointer(
    BlobId Blob, ReadOnlyMemory<byte> Key, ReadOnlyMemory<byte> Hash, ulong BlobSize, ReadOnlyMemory<byte> DeleteToken) : ITlsStruct<AttachmentPointer>
{
    /// <inheritdoc/>
    public static AttachmentPointer Decode(ref TlsReader reader) => new(
        BlobId.Decode(ref reader), Wire.ReadFileKey(ref reader), Wire.ReadDigest(ref reader), reader.ReadUInt64(), Wire.ReadDeleteToken(ref reader));

    /// <inheritdoc/>
    public void Encode(TlsWriter writer)
    {
        Blob.Encode(writer);
        writer.WriteBytes(Key.Span);
        writer.WriteBytes(Hash.Span);
        writer.WriteUInt64(BlobSize);
        writer.WriteBytes(DeleteToken.Span);
    }

    /// <summary>Says how large: the blob's id is the right to read it, so even that is not said.</summary>
    public override string ToString() => $"AttachmentPointer({BlobSize} bytes)";
}

/// <summary>One line of a conversation's history.</summary>
/// <param name="Log">The conversation.</param>
/// <param name="Position">Its place in the order; 0 while it is pending. What is no entry of the log has the place it stands behind.</param>
/// <param name="Id">The post's id; an attachment is saved by it.</param>
/// <param name="From">Whose: their PIN.</param>
/// <param name="FromName">Their name, or the PIN until we know it.</param>
/// <param name="Device">From which device.</param>
/// <param name="SentAt">When, by the sender's clock: milliseconds since 1970.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Status">How far our own has come.</param>
/// <param name="Text">The words, or what happened.</param>
/// <param name="Attachment">The attachment, where it is one.</param>
/// <param name="Reason">Why it was not sent, where it was not.</param>
public sealed record HistoryItem(
    LogId Log, ulong Position, MessageId Id, Pin From, string FromName, DeviceId Device, ulong SentAt, HistoryKind Kind,
    HistoryStatus Status, string Text, AttachmentInfo? Attachment, string? Reason = null) : ITlsStruct<HistoryItem>
{
    /// <inheritdoc/>
    public static HistoryItem Decode(ref TlsReader reader) => new(
        LogId.Decode(ref reader), reader.ReadUInt64(), MessageId.Decode(ref reader), Protocol.Pin.Decode(ref reader),
        reader.ReadText(ProtocolLimits.NameBytes), DeviceId.Decode(ref reader), reader.ReadUInt64(), Wire.ReadEnum<HistoryKind>(ref reader),
        Wire.ReadEnum<HistoryStatus>(ref reader), reader.ReadText(ProtocolLimits.TextBytes), reader.ReadOptional<AttachmentInfo>(),
        reader.ReadOptionalText(ProtocolLimits.ReasonBytes));

    /// <inheritdoc/>
    public void Encode(TlsWriter writer)
    {
        Log.Encode(writer);
        writer.WriteUInt64(Position);
        Id.Encode(writer);
        From.Encode(writer);
        writer.WriteText(FromName);
        Device.Encode(writer);
        writer.WriteUInt64(SentAt);
        writer.WriteUInt8((byte)Kind);
        writer.WriteUInt8((byte)Status);
        writer.WriteText(Text);
        writer.WriteOptional(Attachment);
        writer.WriteOptionalText(Reason);
    }

    /// <summary>Says which, not what was said.</summary>
    public override string ToString() => $"HistoryItem({Log}, {Position}, {Id}, {Kind}, {Status})";
}

/// <summary>Someone to be added, with a key package for each of their devices.</summary>
/// <param name="Pin">Who.</param>
/// <param name="KeyPackages">What the server handed out.</param>
public sealed record Invitee(Pin Pin, ClaimedKeyPackages KeyPackages) : ITlsStruct<Invitee>
{
    /// <inheritdoc/>
    public static Invitee Decode(ref TlsReader reader) => new(Protocol.Pin.Decode(ref reader), ClaimedKeyPackages.Decode(ref reader));

    /// <inheritdoc/>
    public void Encode(TlsWriter writer)
    {
        Pin.Encode(writer);
        KeyPackages.Encode(writer);
    }
}

/// <summary>Something that should be done in a conversation.</summary>
/// <param name="Kind">What.</param>
/// <param name="Log">Where.</param>
/// <param name="Request">Which rejoin request, for <see cref="DueKind.Readmit"/>; else zero.</param>
public sealed record DueWork(DueKind Kind, LogId Log, MessageId Request) : ITlsStruct<DueWork>
{
    /// <inheritdoc/>
    public static DueWork Decode(ref TlsReader reader) => new(
        Wire.ReadEnum<DueKind>(ref reader), LogId.Decode(ref reader), MessageId.Decode(ref reader));

    /// <inheritdoc/>
    public void Encode(TlsWriter writer)
    {
        writer.WriteUInt8((byte)Kind);
        Log.Encode(writer);
        Request.Encode(writer);
    }
}
