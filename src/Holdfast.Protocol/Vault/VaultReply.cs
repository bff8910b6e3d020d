using Holdfast.Codec;

namespace Holdfast.Protocol;

/// <summary>What the vault answers, one structure per frame.</summary>
public abstract record VaultReply : ITlsStruct<VaultReply>
{
    /// <inheritdoc/>
    public static VaultReply Decode(ref TlsReader reader) => reader.ReadUInt8() switch
    {
        1 => Ok.DecodeBody(),
        2 => Failed.DecodeBody(ref reader),
        3 => Status.DecodeBody(ref reader),
        4 => RegistrationReady.DecodeBody(ref reader),
        5 => KeyPackagesMade.DecodeBody(ref reader),
        6 => LoginSigned.DecodeBody(ref reader),
        7 => SubscriptionsSigned.DecodeBody(ref reader),
        8 => InviteMade.DecodeBody(ref reader),
        9 => Conversations.DecodeBody(ref reader),
        10 => Contacts.DecodeBody(ref reader),
        11 => Members.DecodeBody(ref reader),
        12 => History.DecodeBody(ref reader),
        13 => Sealed.DecodeBody(ref reader),
        14 => AttachmentPrepared.DecodeBody(ref reader),
        15 => AttachmentFound.DecodeBody(ref reader),
        16 => Outbox.DecodeBody(ref reader),
        17 => Opened.DecodeBody(ref reader),
        18 => InboxOpened.DecodeBody(ref reader),
        19 => Due.DecodeBody(ref reader),
        20 => SealedTexts.DecodeBody(ref reader),
        _ => throw new CodecException("unknown kind of reply"),
    };

    /// <inheritdoc/>
    public abstract void Encode(TlsWriter writer);

    /// <summary>The kind of reply and nothing of what is in it but an error's code: replies carry keys and words.</summary>
    public sealed override string ToString() => this is Failed failed ? $"Failed({failed.Error})" : GetType().Name;
}

/// <summary>Done.</summary>
public sealed record Ok() : VaultReply
{
    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(1);
    }

    internal static Ok DecodeBody() => new();
}

/// <summary>Not done, and nothing was changed.</summary>
/// <param name="Error">Which kind.</param>
/// <param name="Reason">Why and what to do, in a sentence without secrets.</param>
public sealed record Failed(VaultError Error, string Reason) : VaultReply
{
    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(2);
        writer.WriteUInt8((byte)Error);
        writer.WriteText(Reason);
    }

    internal static Failed DecodeBody(ref TlsReader reader) => new(
        Wire.ReadEnum<VaultError>(ref reader), reader.ReadText(ProtocolLimits.TextBytes));
}

/// <summary>How the vault stands.</summary>
/// <param name="State">Whether it is open.</param>
/// <param name="Cloned">Whether this profile is known to be a copy.</param>
/// <param name="Pin">The account, once unlocked and registered.</param>
/// <param name="Name">The display name, once unlocked.</param>
/// <param name="Server">The server's address, once unlocked and invited.</param>
/// <param name="ServerKey">The server key, likewise; else empty.</param>
/// <param name="IdentityKey">The user identity's public key, once unlocked.</param>
/// <param name="Inviter">Whom to introduce ourselves to, until that is done.</param>
/// <param name="Device">This device; zero while locked.</param>
public sealed record Status(
    VaultState State, bool Cloned, Pin? Pin, string? Name, string? Server, ReadOnlyMemory<byte> ServerKey,
    ReadOnlyMemory<byte> IdentityKey, Pin? Inviter, DeviceId Device) : VaultReply
{
    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(3);
        writer.WriteUInt8((byte)State);
        writer.WritePresence(Cloned);
        Wire.WriteOptionalPin(writer, Pin);
        Wire.WriteOptionalText(writer, Name);
        Wire.WriteOptionalText(writer, Server);
        writer.WriteOpaque(ServerKey.Span);
        writer.WriteOpaque(IdentityKey.Span);
        Wire.WriteOptionalPin(writer, Inviter);
        Device.Encode(writer);
    }

    internal static Status DecodeBody(ref TlsReader reader) => new(
        Wire.ReadEnum<VaultState>(ref reader), reader.ReadPresence(), Wire.ReadOptionalPin(ref reader),
        Wire.ReadOptionalText(ref reader, ProtocolLimits.NameBytes), Wire.ReadOptionalText(ref reader, ProtocolLimits.NameBytes),
        reader.ReadOpaque(ProtocolLimits.PublicKeyBytes).ToArray(), reader.ReadOpaque(ProtocolLimits.PublicKeyBytes).ToArray(),
        Wire.ReadOptionalPin(ref reader), DeviceId.Decode(ref reader));
}

/// <summary>What to send to the server.</summary>
/// <param name="Registration">The request.</param>
public sealed record RegistrationReady(Registration Registration) : VaultReply
{
    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(4);
        Registration.Encode(writer);
    }

    internal static RegistrationReady DecodeBody(ref TlsReader reader) => new(Protocol.Registration.Decode(ref reader));
}

/// <summary>What to upload.</summary>
/// <param name="Upload">The key packages, with a last-resort one where the vault has none out yet.</param>
public sealed record KeyPackagesMade(KeyPackageUpload Upload) : VaultReply
{
    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(5);
        Upload.Encode(writer);
    }

    internal static KeyPackagesMade DecodeBody(ref TlsReader reader) => new(KeyPackageUpload.Decode(ref reader));
}

/// <summary>What to send as the first frame.</summary>
/// <param name="Login">The frame.</param>
public sealed record LoginSigned(Login Login) : VaultReply
{
    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(6);
        Login.EncodeBody(writer);
    }

    internal static LoginSigned DecodeBody(ref TlsReader reader) => new(Login.DecodeBody(ref reader));
}

/// <summary>What opens the logs.</summary>
/// <param name="Proofs">One per log.</param>
public sealed record SubscriptionsSigned(IReadOnlyList<SubscriptionProof> Proofs) : VaultReply
{
    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(7);
        writer.WriteVector(Proofs);
    }

    internal static SubscriptionsSigned DecodeBody(ref TlsReader reader) => new(reader.ReadVector<SubscriptionProof>());
}

/// <summary>An invite that the server must still be told of.</summary>
/// <param name="Link">The line to hand over.</param>
/// <param name="TokenHash">What the server keeps.</param>
public sealed record InviteMade(string Link, ReadOnlyMemory<byte> TokenHash) : VaultReply
{
    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(8);
        writer.WriteText(Link);
        writer.WriteBytes(TokenHash.Span);
    }

    internal static InviteMade DecodeBody(ref TlsReader reader) => new(
        reader.ReadText(ProtocolLimits.TextBytes), Wire.ReadDigest(ref reader));
}

/// <summary>All conversations.</summary>
/// <param name="Items">In order of name.</param>
public sealed record Conversations(IReadOnlyList<ConversationInfo> Items) : VaultReply
{
    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(9);
        writer.WriteVector(Items);
    }

    internal static Conversations DecodeBody(ref TlsReader reader) => new(reader.ReadVector<ConversationInfo>());
}

/// <summary>All contacts.</summary>
/// <param name="Items">In order of name.</param>
public sealed record Contacts(IReadOnlyList<ContactInfo> Items) : VaultReply
{
    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(10);
        writer.WriteVector(Items);
    }

    internal static Contacts DecodeBody(ref TlsReader reader) => new(reader.ReadVector<ContactInfo>());
}

/// <summary>A conversation's members.</summary>
/// <param name="Items">In order of leaf.</param>
public sealed record Members(IReadOnlyList<MemberInfo> Items) : VaultReply
{
    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(11);
        writer.WriteVector(Items);
    }

    internal static Members DecodeBody(ref TlsReader reader) => new(reader.ReadVector<MemberInfo>());
}

/// <summary>A page of history.</summary>
/// <param name="Items">Oldest first.</param>
public sealed record History(IReadOnlyList<HistoryItem> Items) : VaultReply
{
    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(12);
        writer.WriteVector(Items);
    }

    internal static History DecodeBody(ref TlsReader reader) => new(reader.ReadVector<HistoryItem>());
}

/// <summary>Something to submit; it is in the outbox already.</summary>
/// <param name="Item">What.</param>
public sealed record Sealed(OutboxPost Item) : VaultReply
{
    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(13);
        Item.Encode(writer);
    }

    internal static Sealed DecodeBody(ref TlsReader reader) => new(OutboxPost.Decode(ref reader));
}

/// <summary>Texts to submit; they are in the outbox already.</summary>
/// <param name="Items">One for each text, in the order of the call.</param>
public sealed record SealedTexts(IReadOnlyList<OutboxPost> Items) : VaultReply
{
    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(20);
        writer.WriteVector(Items);
    }

    internal static SealedTexts DecodeBody(ref TlsReader reader) => new(reader.ReadVector<OutboxPost>());
}

/// <summary>For one file.</summary>
/// <param name="Blob">The blob's id.</param>
/// <param name="Key">The one-file key.</param>
/// <param name="DeleteToken">What deletes the blob.</param>
public sealed record AttachmentPrepared(BlobId Blob, ReadOnlyMemory<byte> Key, ReadOnlyMemory<byte> DeleteToken) : VaultReply
{
    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(14);
        Blob.Encode(writer);
        writer.WriteBytes(Key.Span);
        writer.WriteBytes(DeleteToken.Span);
    }

    internal static AttachmentPrepared DecodeBody(ref TlsReader reader) => new(
        BlobId.Decode(ref reader), Wire.ReadFileKey(ref reader), Wire.ReadDeleteToken(ref reader));
}

/// <summary>An attachment.</summary>
/// <param name="Info">What it is.</param>
/// <param name="Pointer">Where it lies.</param>
public sealed record AttachmentFound(AttachmentInfo Info, AttachmentPointer Pointer) : VaultReply
{
    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(15);
        Info.Encode(writer);
        Pointer.Encode(writer);
    }

    internal static AttachmentFound DecodeBody(ref TlsReader reader) => new(
        AttachmentInfo.Decode(ref reader), AttachmentPointer.Decode(ref reader));
}

/// <summary>What waits to be sent.</summary>
/// <param name="Posts">Posts, oldest first.</param>
/// <param name="Deliveries">Inbox items, oldest first.</param>
public sealed record Outbox(IReadOnlyList<OutboxPost> Posts, IReadOnlyList<OutboxDeliveries> Deliveries) : VaultReply
{
    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(16);
        writer.WriteVector(Posts);
        writer.WriteVector(Deliveries);
    }

    internal static Outbox DecodeBody(ref TlsReader reader) => new(
        reader.ReadVector<OutboxPost>(), reader.ReadVector<OutboxDeliveries>());
}

/// <summary>What the entries were.</summary>
/// <param name="Position">The last position processed, durably.</param>
/// <param name="Items">New history, in order.</param>
/// <param name="Landed">Own posts that were among them.</param>
/// <param name="KeysChanged">Whether the log needs a new subscription proof.</param>
public sealed record Opened(
    ulong Position, IReadOnlyList<HistoryItem> Items, IReadOnlyList<MessageId> Landed, bool KeysChanged) : VaultReply
{
    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(17);
        writer.WriteUInt64(Position);
        writer.WriteVector(Items);
        writer.WriteVector(Landed);
        writer.WritePresence(KeysChanged);
    }

    internal static Opened DecodeBody(ref TlsReader reader) => new(
        reader.ReadUInt64(), reader.ReadVector<HistoryItem>(), reader.ReadVector<MessageId>(), reader.ReadPresence());
}

/// <summary>What the inbox items were.</summary>
/// <param name="Finished">May be deleted at the server.</param>
/// <param name="Joined">Conversations we are now in.</param>
/// <param name="Met">Contacts that are new.</param>
public sealed record InboxOpened(IReadOnlyList<InboxItemId> Finished, IReadOnlyList<LogId> Joined, IReadOnlyList<Pin> Met) : VaultReply
{
    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(18);
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
    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(19);
        writer.WriteVector(Items);
        writer.WriteUInt32(RetryAfter);
    }

    internal static Due DecodeBody(ref TlsReader reader) => new(reader.ReadVector<DueWork>(), reader.ReadUInt32());
}
