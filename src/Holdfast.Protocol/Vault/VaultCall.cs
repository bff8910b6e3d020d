using Holdfast.Codec;

namespace Holdfast.Protocol;

/// <summary>What Client asks of the vault, one structure per frame. No call takes a path, a pointer, a nonce or raw bytes to sign.</summary>
public abstract record VaultCall : ITlsStruct<VaultCall>
{
    /// <inheritdoc/>
    public static VaultCall Decode(ref TlsReader reader) => reader.ReadUInt8() switch
    {
        GetStatus.Tag => GetStatus.DecodeBody(),
        CreateProfile.Tag => CreateProfile.DecodeBody(ref reader),
        Unlock.Tag => Unlock.DecodeBody(ref reader),
        BeginRegistration.Tag => BeginRegistration.DecodeBody(ref reader),
        CompleteRegistration.Tag => CompleteRegistration.DecodeBody(ref reader),
        MakeKeyPackages.Tag => MakeKeyPackages.DecodeBody(ref reader),
        SignLogin.Tag => SignLogin.DecodeBody(ref reader),
        ReportClone.Tag => ReportClone.DecodeBody(),
        SignSubscriptions.Tag => SignSubscriptions.DecodeBody(ref reader),
        MakeInvite.Tag => MakeInvite.DecodeBody(ref reader),
        ListConversations.Tag => ListConversations.DecodeBody(),
        ListContacts.Tag => ListContacts.DecodeBody(),
        ListMembers.Tag => ListMembers.DecodeBody(ref reader),
        ReadHistory.Tag => ReadHistory.DecodeBody(ref reader),
        AddContact.Tag => AddContact.DecodeBody(ref reader),
        CreateConversation.Tag => CreateConversation.DecodeBody(ref reader),
        AddMembers.Tag => AddMembers.DecodeBody(ref reader),
        RemoveMember.Tag => RemoveMember.DecodeBody(ref reader),
        LeaveConversation.Tag => LeaveConversation.DecodeBody(ref reader),
        SealTexts.Tag => SealTexts.DecodeBody(ref reader),
        NewAttachment.Tag => NewAttachment.DecodeBody(),
        SealAttachment.Tag => SealAttachment.DecodeBody(ref reader),
        FindAttachment.Tag => FindAttachment.DecodeBody(ref reader),
        GetOutbox.Tag => GetOutbox.DecodeBody(ref reader),
        Reseal.Tag => Reseal.DecodeBody(ref reader),
        DropPost.Tag => DropPost.DecodeBody(ref reader),
        DeliveriesFiled.Tag => DeliveriesFiled.DecodeBody(ref reader),
        OpenEntries.Tag => OpenEntries.DecodeBody(ref reader),
        OpenInbox.Tag => OpenInbox.DecodeBody(ref reader),
        ListDue.Tag => ListDue.DecodeBody(),
        PerformDue.Tag => PerformDue.DecodeBody(ref reader),
        LockVault.Tag => LockVault.DecodeBody(),
        _ => throw new CodecException("unknown kind of call"),
    };

    /// <inheritdoc/>
    public abstract void Encode(TlsWriter writer);

    /// <summary>The kind of call and nothing of what is in it: calls carry passcodes and words.</summary>
    public sealed override string ToString() => GetType().Name;
}

/// <summary>Answered by <see cref="Status"/> in every state.</summary>
public sealed record GetStatus() : VaultCall
{
    internal const byte Tag = 1;

    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(Tag);
    }

    internal static GetStatus DecodeBody() => new();
}

/// <summary>Makes the store and the keys of a new profile, and leaves it unlocked.</summary>
/// <param name="Passcode">What will unlock it.</param>
/// <param name="Name">The display name.</param>
public sealed record CreateProfile(ReadOnlyMemory<byte> Passcode, string Name) : VaultCall
{
    internal const byte Tag = 2;

    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(Tag);
        writer.WriteOpaque(Passcode.Span);
        writer.WriteText(Name);
    }

    internal static CreateProfile DecodeBody(ref TlsReader reader) => new(
        reader.ReadOpaque(ProtocolLimits.PasscodeBytes).ToArray(), reader.ReadText(ProtocolLimits.NameBytes));
}

/// <summary>Opens the store.</summary>
/// <param name="Passcode">The passcode.</param>
public sealed record Unlock(ReadOnlyMemory<byte> Passcode) : VaultCall
{
    internal const byte Tag = 3;

    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(Tag);
        writer.WriteOpaque(Passcode.Span);
    }

    internal static Unlock DecodeBody(ref TlsReader reader) => new(reader.ReadOpaque(ProtocolLimits.PasscodeBytes).ToArray());
}

/// <summary>Answered by <see cref="RegistrationReady"/>; repeating it gives the same.</summary>
/// <param name="Invite">The invite's line.</param>
public sealed record BeginRegistration(string Invite) : VaultCall
{
    internal const byte Tag = 4;

    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(Tag);
        writer.WriteText(Invite);
    }

    internal static BeginRegistration DecodeBody(ref TlsReader reader) => new(reader.ReadText(ProtocolLimits.TextBytes));
}

/// <summary>The account is there; prepares the first key packages, and the introduction to the inviter once its key package is known.</summary>
/// <param name="Pin">The account's PIN.</param>
public sealed record CompleteRegistration(Pin Pin) : VaultCall
{
    internal const byte Tag = 5;

    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(Tag);
        Pin.Encode(writer);
    }

    internal static CompleteRegistration DecodeBody(ref TlsReader reader) => new(Protocol.Pin.Decode(ref reader));
}

/// <summary>Answered by <see cref="KeyPackagesMade"/>.</summary>
/// <param name="Count">How many one-time key packages.</param>
public sealed record MakeKeyPackages(ushort Count) : VaultCall
{
    internal const byte Tag = 6;

    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(Tag);
        writer.WriteUInt16(Count);
    }

    internal static MakeKeyPackages DecodeBody(ref TlsReader reader) => new(reader.ReadUInt16());
}

/// <summary>Steps the login counter and signs: answered by <see cref="LoginSigned"/>.</summary>
/// <param name="ServerKey">The server key of the connection.</param>
/// <param name="Nonce">The greeting's nonce.</param>
public sealed record SignLogin(ReadOnlyMemory<byte> ServerKey, ReadOnlyMemory<byte> Nonce) : VaultCall
{
    internal const byte Tag = 7;

    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(Tag);
        writer.WriteBytes(ServerKey.Span);
        writer.WriteBytes(Nonce.Span);
    }

    internal static SignLogin DecodeBody(ref TlsReader reader) => new(Wire.ReadDigest(ref reader), Wire.ReadNonce(ref reader));
}

/// <summary>The server has seen our login counter: from now on this profile refuses to send.</summary>
public sealed record ReportClone() : VaultCall
{
    internal const byte Tag = 8;

    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(Tag);
    }

    internal static ReportClone DecodeBody() => new();
}

/// <summary>Answered by <see cref="SubscriptionsSigned"/>.</summary>
/// <param name="ServerKey">The server key of the connection.</param>
/// <param name="Nonce">The greeting's nonce.</param>
/// <param name="Logs">Which logs; all active conversations when empty.</param>
public sealed record SignSubscriptions(
    ReadOnlyMemory<byte> ServerKey, ReadOnlyMemory<byte> Nonce, IReadOnlyList<LogId> Logs) : VaultCall
{
    internal const byte Tag = 9;

    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(Tag);
        writer.WriteBytes(ServerKey.Span);
        writer.WriteBytes(Nonce.Span);
        writer.WriteVector(Logs);
    }

    internal static SignSubscriptions DecodeBody(ref TlsReader reader) => new(
        Wire.ReadDigest(ref reader), Wire.ReadNonce(ref reader), reader.ReadVector<LogId>());
}

/// <summary>Answered by <see cref="InviteMade"/>.</summary>
/// <param name="Server">The server's address.</param>
/// <param name="ServerKey">The server key.</param>
/// <param name="Days">How long it lasts; it is good for one person.</param>
public sealed record MakeInvite(string Server, ReadOnlyMemory<byte> ServerKey, ushort Days) : VaultCall
{
    internal const byte Tag = 10;

    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(Tag);
        writer.WriteText(Server);
        writer.WriteBytes(ServerKey.Span);
        writer.WriteUInt16(Days);
    }

    internal static MakeInvite DecodeBody(ref TlsReader reader) => new(
        reader.ReadText(ProtocolLimits.NameBytes), Wire.ReadDigest(ref reader), reader.ReadUInt16());
}

/// <summary>Answered by <see cref="Conversations"/>.</summary>
public sealed record ListConversations() : VaultCall
{
    internal const byte Tag = 11;

    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(Tag);
    }

    internal static ListConversations DecodeBody() => new();
}

/// <summary>Answered by <see cref="Contacts"/>.</summary>
public sealed record ListContacts() : VaultCall
{
    internal const byte Tag = 12;

    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(Tag);
    }

    internal static ListContacts DecodeBody() => new();
}

/// <summary>Answered by <see cref="Members"/>.</summary>
/// <param name="Log">Which conversation.</param>
public sealed record ListMembers(LogId Log) : VaultCall
{
    internal const byte Tag = 13;

    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(Tag);
        Log.Encode(writer);
    }

    internal static ListMembers DecodeBody(ref TlsReader reader) => new(LogId.Decode(ref reader));
}

/// <summary>Answered by <see cref="History"/>: oldest first.</summary>
/// <param name="Log">Which conversation.</param>
/// <param name="After">Only behind this position.</param>
/// <param name="Limit">At most so many; the newest ones when <paramref name="Newest"/>.</param>
/// <param name="Newest">Whether the limit keeps the newest.</param>
public sealed record ReadHistory(LogId Log, ulong After, uint Limit, bool Newest) : VaultCall
{
    internal const byte Tag = 14;

    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(Tag);
        Log.Encode(writer);
        writer.WriteUInt64(After);
        writer.WriteUInt32(Limit);
        writer.WritePresence(Newest);
    }

    internal static ReadHistory DecodeBody(ref TlsReader reader) => new(
        LogId.Decode(ref reader), reader.ReadUInt64(), reader.ReadUInt32(), reader.ReadPresence());
}

/// <summary>Makes acquaintance; what goes to their inbox is in the outbox then.</summary>
/// <param name="Person">Who, with key packages.</param>
/// <param name="Invite">The invite we know them by, if any.</param>
public sealed record AddContact(Invitee Person, string? Invite) : VaultCall
{
    internal const byte Tag = 15;

    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(Tag);
        Person.Encode(writer);
        Wire.WriteOptionalText(writer, Invite);
    }

    internal static AddContact DecodeBody(ref TlsReader reader) => new(
        Invitee.Decode(ref reader), Wire.ReadOptionalText(ref reader, ProtocolLimits.TextBytes));
}

/// <summary>Answered by <see cref="Sealed"/>: a log to create and the commit that adds everyone.</summary>
/// <param name="Title">The title; null for a conversation of two.</param>
/// <param name="Members">Who else.</param>
public sealed record CreateConversation(string? Title, IReadOnlyList<Invitee> Members) : VaultCall
{
    internal const byte Tag = 16;

    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(Tag);
        Wire.WriteOptionalText(writer, Title);
        writer.WriteVector(Members);
    }

    internal static CreateConversation DecodeBody(ref TlsReader reader) => new(
        Wire.ReadOptionalText(ref reader, ProtocolLimits.NameBytes), reader.ReadVector<Invitee>(ProtocolLimits.MembersPerCall));
}

/// <summary>Answered by <see cref="Sealed"/>.</summary>
/// <param name="Log">Where.</param>
/// <param name="Members">Who.</param>
public sealed record AddMembers(LogId Log, IReadOnlyList<Invitee> Members) : VaultCall
{
    internal const byte Tag = 17;

    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(Tag);
        Log.Encode(writer);
        writer.WriteVector(Members);
    }

    internal static AddMembers DecodeBody(ref TlsReader reader) => new(
        LogId.Decode(ref reader), reader.ReadVector<Invitee>(ProtocolLimits.MembersPerCall));
}

/// <summary>Removes all devices of a person. Answered by <see cref="Sealed"/>.</summary>
/// <param name="Log">Where.</param>
/// <param name="Pin">Who.</param>
public sealed record RemoveMember(LogId Log, Pin Pin) : VaultCall
{
    internal const byte Tag = 18;

    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(Tag);
        Log.Encode(writer);
        Pin.Encode(writer);
    }

    internal static RemoveMember DecodeBody(ref TlsReader reader) => new(LogId.Decode(ref reader), Protocol.Pin.Decode(ref reader));
}

/// <summary>Answered by <see cref="Sealed"/>: a proposal that another member will commit.</summary>
/// <param name="Log">Which.</param>
public sealed record LeaveConversation(LogId Log) : VaultCall
{
    internal const byte Tag = 19;

    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(Tag);
        Log.Encode(writer);
    }

    internal static LeaveConversation DecodeBody(ref TlsReader reader) => new(LogId.Decode(ref reader));
}

/// <summary>Stores, seals and commits texts to one conversation, all of them or none: answered by <see cref="SealedTexts"/>.</summary>
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

/// <summary>The server will never take this post: gives it up, and the history says so.</summary>
/// <param name="Id">The post.</param>
/// <param name="Reason">Why, in a sentence.</param>
public sealed record DropPost(MessageId Id, string Reason) : VaultCall
{
    internal const byte Tag = 26;

    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(Tag);
        Id.Encode(writer);
        writer.WriteText(Reason);
    }

    internal static DropPost DecodeBody(ref TlsReader reader) => new(
        MessageId.Decode(ref reader), reader.ReadText(ProtocolLimits.ReasonBytes));
}

/// <summary>The server has filed them.</summary>
/// <param name="Id">The deliveries' id.</param>
public sealed record DeliveriesFiled(MessageId Id) : VaultCall
{
    internal const byte Tag = 27;

    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(Tag);
        Id.Encode(writer);
    }

    internal static DeliveriesFiled DecodeBody(ref TlsReader reader) => new(MessageId.Decode(ref reader));
}

/// <summary>Processes entries in log order and commits once. Answered by <see cref="Opened"/>; the same entries again give the same answer.</summary>
/// <param name="Log">Which.</param>
/// <param name="Entries">In order, without gaps.</param>
public sealed record OpenEntries(LogId Log, IReadOnlyList<LogEntry> Entries) : VaultCall
{
    internal const byte Tag = 28;

    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(Tag);
        Log.Encode(writer);
        writer.WriteVector(Entries);
    }

    internal static OpenEntries DecodeBody(ref TlsReader reader) => new(LogId.Decode(ref reader), reader.ReadVector<LogEntry>());
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

/// <summary>Answered by <see cref="Due"/>.</summary>
public sealed record ListDue() : VaultCall
{
    internal const byte Tag = 30;

    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(Tag);
    }

    internal static ListDue DecodeBody() => new();
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

/// <summary>Wipes and ends the vault.</summary>
public sealed record LockVault() : VaultCall
{
    internal const byte Tag = 32;

    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(Tag);
    }

    internal static LockVault DecodeBody() => new();
}
