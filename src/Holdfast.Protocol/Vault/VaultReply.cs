using Holdfast.Codec;

namespace Holdfast.Protocol;

/// <summary>What the vault answers, one structure per frame.</summary>
public abstract record VaultReply : ITlsStruct<VaultReply>
{
    /// <inheritdoc/>
    public static VaultReply Decode(ref TlsReader reader) => reader.ReadUInt8() switch
    {
        Ok.Tag => Ok.DecodeBody(),
        Failed.Tag => Failed.DecodeBody(ref reader),
        Status.Tag => Status.DecodeBody(ref reader),
        RegistrationReady.Tag => RegistrationReady.DecodeBody(ref reader),
        KeyPackagesMade.Tag => KeyPackagesMade.DecodeBody(ref reader),
        LoginSigned.Tag => LoginSigned.DecodeBody(ref reader),
        SubscriptionsSigned.Tag => SubscriptionsSigned.DecodeBody(ref reader),
        InviteMade.Tag => InviteMade.DecodeBody(ref reader),
        Conversations.Tag => Conversations.DecodeBody(ref reader),
        Contacts.Tag => Contacts.DecodeBody(ref reader),
        Members.Tag => Members.DecodeBody(ref reader),
        History.Tag => History.DecodeBody(ref reader),
        Sealed.Tag => Sealed.DecodeBody(ref reader),
        AttachmentPrepared.Tag => AttachmentPrepared.DecodeBody(ref reader),
        AttachmentFound.Tag => AttachmentFound.DecodeBody(ref reader),
        Outbox.Tag => Outbox.DecodeBody(ref reader),
        Opened.Tag => Opened.DecodeBody(ref reader),
        InboxOpened.Tag => InboxOpened.DecodeBody(ref reader),
        Due.Tag => Due.DecodeBody(ref reader),
        SealedTexts.Tag => SealedTexts.DecodeBody(ref reader),
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
    internal const byte Tag = 1;

    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(Tag);
    }

    internal static Ok DecodeBody() => new();
}

/// <summary>Not done, and nothing was changed.</summary>
/// <param name="Error">Which kind.</param>
/// <param name="Reason">Why and what to do, in a sentence without secrets.</param>
public sealed record Failed(VaultError Error, string Reason) : VaultReply
{
    internal const byte Tag = 2;

    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(Tag);
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
/// <param name="LastResortDue">Whether the server should get a new last-resort key package: ask for key packages and upload them.</param>
public sealed record Status(
    VaultState State, bool Cloned, Pin? Pin, string? Name, string? Server, ReadOnlyMemory<byte> ServerKey,
    ReadOnlyMemory<byte> IdentityKey, Pin? Inviter, DeviceId Device, bool LastResortDue) : VaultReply
{
    internal const byte Tag = 3;

    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(Tag);
        writer.WriteUInt8((byte)State);
        writer.WritePresence(Cloned);
        Wire.WriteOptionalPin(writer, Pin);
        Wire.WriteOptionalText(writer, Name);
        Wire.WriteOptionalText(writer, Server);
        writer.WriteOpaque(ServerKey.Span);
        writer.WriteOpaque(IdentityKey.Span);
        Wire.WriteOptionalPin(writer, Inviter);
        Device.Encode(writer);
        writer.WritePresence(LastResortDue);
    }

    internal static Status DecodeBody(ref TlsReader reader) => new(
        Wire.ReadEnum<VaultState>(ref reader), reader.ReadPresence(), Wire.ReadOptionalPin(ref reader),
        Wire.ReadOptionalText(ref reader, ProtocolLimits.NameBytes), Wire.ReadOptionalText(ref reader, ProtocolLimits.NameBytes),
        reader.ReadOpaque(ProtocolLimits.PublicKeyBytes).ToArray(), reader.ReadOpaque(ProtocolLimits.PublicKeyBytes).ToArray(),
        Wire.ReadOptionalPin(ref reader), DeviceId.Decode(ref reader), reader.ReadPresence());
}

/// <summary>What to send to the server.</summary>
/// <param name="Registration">The request.</param>
public sealed record RegistrationReady(Registration Registration) : VaultReply
{
    internal const byte Tag = 4;

    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(Tag);
        Registration.Encode(writer);
    }

    internal static RegistrationReady DecodeBody(ref TlsReader reader) => new(Protocol.Registration.Decode(ref reader));
}

/// <summary>What to upload.</summary>
/// <param name="Upload">The key packages, with a last-resort one where the vault has none out yet.</param>
public sealed record KeyPackagesMade(KeyPackageUpload Upload) : VaultReply
{
    internal const byte Tag = 5;

    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(Tag);
        Upload.Encode(writer);
    }

    internal static KeyPackagesMade DecodeBody(ref TlsReader reader) => new(KeyPackageUpload.Decode(ref reader));
}

/// <summary>What to send as the first frame.</summary>
/// <param name="Login">The frame.</param>
public sealed record LoginSigned(Login Login) : VaultReply
{
    internal const byte Tag = 6;

    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(Tag);
        Login.EncodeBody(writer);
    }

    internal static LoginSigned DecodeBody(ref TlsReader reader) => new(Login.DecodeBody(ref reader));
}

/// <summary>What opens the logs.</summary>
/// <param name="Proofs">One per log.</param>
public sealed record SubscriptionsSigned(IReadOnlyList<SubscriptionProof> Proofs) : VaultReply
{
    internal const byte Tag = 7;

    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(Tag);
        writer.WriteVector(Proofs);
    }

    internal static SubscriptionsSigned DecodeBody(ref TlsReader reader) => new(reader.ReadVector<SubscriptionProof>());
}

/// <summary>An invite that the server must still be told of.</summary>
/// <param name="Link">The line to hand over.</param>
/// <param name="TokenHash">What the server keeps.</param>
public sealed record InviteMade(string Link, ReadOnlyMemory<byte> TokenHash) : VaultReply
{
    internal const byte Tag = 8;

    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(Tag);
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
    internal const byte Tag = 9;

    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(Tag);
        writer.WriteVector(Items);
    }

    internal static Conversations DecodeBody(ref TlsReader reader) => new(reader.ReadVector<ConversationInfo>());
}

/// <summary>All contacts.</summary>
/// <param name="Items">In order of name.</param>
public sealed record Contacts(IReadOnlyList<ContactInfo> Items) : VaultReply
{
    internal const byte Tag = 10;

    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(Tag);
        writer.WriteVector(Items);
    }

    internal static Contacts DecodeBody(ref TlsReader reader) => new(reader.ReadVector<ContactInfo>());
}

/// <summary>A conversation's members.</summary>
/// <param name="Items">In order of leaf.</param>
public sealed record Members(IReadOnlyList<MemberInfo> Items) : VaultReply
{
    internal const byte Tag = 11;

    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(Tag);
        writer.WriteVector(Items);
    }

    internal static Members DecodeBody(ref TlsReader reader) => new(reader.ReadVector<MemberInfo>());
}

/// <summary>A page of history.</summary>
/// <param name="Items">Oldest first.</param>
public sealed record History(IReadOnlyList<HistoryItem> Items) : VaultReply
{
    internal const byte Tag = 12;

    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(Tag);
        writer.WriteVector(Items);
    }

    internal static History DecodeBody(ref TlsReader reader) => new(reader.ReadVector<HistoryItem>());
}

/// <summary>Something to submit; it is in the outbox already.</summary>
/// <param name="Item">What.</param>
public sealed record Sealed(OutboxPost Item) : VaultReply
{
    internal const byte Tag = 13;

    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(Tag);
        Item.Encode(writer);
    }

    internal static Sealed DecodeBody(ref TlsReader reader) => new(OutboxPost.Decode(ref reader));
}

/// <summary>Texts to submit; they are in the outbox already.</summary>
/// <param name="Items">One for each text, in the order of the call.</param>
public sealed record SealedTexts(IReadOnlyList<OutboxPost> Items) : VaultReply
{
    internal const byte Tag = 20;

    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(Tag);
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
