using Holdfast.Codec;

namespace Holdfast.Protocol;

/// <summary>Answered by <see cref="Conversations"/>, <see cref="Contacts"/>, <see cref="Members"/>, <see cref="Due"/> or <see cref="Trail"/>.</summary>
/// <param name="Of">What is to be listed.</param>
/// <param name="Log">Of which conversation, where it is members.</param>
public sealed record ListAll(Listed Of, LogId Log = default) : VaultCall
{
    internal const byte Tag = 11;

    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(Tag);
        writer.WriteUInt8((byte)Of);
        Log.Encode(writer);
    }

    internal static ListAll DecodeBody(ref TlsReader reader) => new(Wire.ReadEnum<Listed>(ref reader), LogId.Decode(ref reader));
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

/// <summary>A conversation's members.</summary>
/// <param name="Suite">The name of its group's cipher suite.</param>
/// <param name="Items">In order of leaf.</param>
public sealed record Members(string Suite, IReadOnlyList<MemberInfo> Items) : VaultReply
{
    internal const byte Tag = 11;

    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(Tag);
        writer.WriteText(Suite);
        writer.WriteVector(Items);
    }

    internal static Members DecodeBody(ref TlsReader reader) => new(reader.ReadText(ProtocolLimits.NameBytes), reader.ReadVector<MemberInfo>());
}

/// <summary>Answered by <see cref="History"/>: oldest first; or, with <paramref name="Words"/>, what has these words, newest first.</summary>
/// <param name="Log">Which conversation; null for a search in all.</param>
/// <param name="After">Only behind this position; in a search, only what is older than the <see cref="History.Mark"/> of the answer before, or 0.</param>
/// <param name="Limit">At most so many; the newest ones when <paramref name="Newest"/>.</param>
/// <param name="Newest">Whether the limit keeps the newest.</param>
/// <param name="Words">What is searched for, separated by spaces; null for no search.</param>
public sealed record ReadHistory(LogId? Log, ulong After, uint Limit, bool Newest, string? Words = null) : VaultCall
{
    internal const byte Tag = 14;

    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(Tag);
        writer.WritePresence(Log is not null);
        Log?.Encode(writer);
        writer.WriteUInt64(After);
        writer.WriteUInt32(Limit);
        writer.WritePresence(Newest);
        writer.WriteOptionalText(Words);
    }

    internal static ReadHistory DecodeBody(ref TlsReader reader)
    {
        var read = new ReadHistory(
            reader.ReadPresence() ? LogId.Decode(ref reader) : null, reader.ReadUInt64(), reader.ReadUInt32(), reader.ReadPresence(),
            reader.ReadOptionalText(ProtocolLimits.SearchBytes));
        return read.Log is not null || read.Words is not null ? read : throw new CodecException("history of no conversation");
    }
}

/// <summary>A page of history.</summary>
/// <param name="Items">Oldest first; of a search, newest first.</param>
/// <param name="Mark">Of a search that may have more: what to ask with for the next page. Else 0.</param>
public sealed record History(IReadOnlyList<HistoryItem> Items, ulong Mark = 0) : VaultReply
{
    internal const byte Tag = 12;

    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(Tag);
        writer.WriteVector(Items);
        writer.WriteUInt64(Mark);
    }

    internal static History DecodeBody(ref TlsReader reader) => new(reader.ReadVector<HistoryItem>(), reader.ReadUInt64());
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
        writer.WriteOptionalText(Title);
        writer.WriteVector(Members);
    }

    internal static CreateConversation DecodeBody(ref TlsReader reader) => new(
        reader.ReadOptionalText(ProtocolLimits.NameBytes), reader.ReadVector<Invitee>(ProtocolLimits.MembersPerCall));
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

/// <summary>Removes all devices of a person. Answered by <see cref="Sealed"/>; where one leaves oneself, that is a proposal that another member will commit.</summary>
/// <param name="Log">Where.</param>
/// <param name="Pin">Who; null for oneself.</param>
public sealed record RemoveMember(LogId Log, Pin? Pin) : VaultCall
{
    internal const byte Tag = 18;

    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(Tag);
        Log.Encode(writer);
        Wire.WriteOptionalPin(writer, Pin);
    }

    internal static RemoveMember DecodeBody(ref TlsReader reader) => new(LogId.Decode(ref reader), Wire.ReadOptionalPin(ref reader));
}
