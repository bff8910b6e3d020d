using Holdfast.Codec;
using Holdfast.Protocol;

namespace Holdfast.Vault;

/// <summary>What the vault remembers of a conversation beside its MLS group.</summary>
internal sealed record Conversation : ITlsStruct<Conversation>
{
    private const byte Format = 4;

    internal required LogId Log { get; init; }

    /// <summary>The title; null for a conversation of two.</summary>
    internal required string? Title { get; init; }

    /// <summary>The other person of a conversation of two.</summary>
    internal Pin? Peer { get; init; }

    internal ConversationState State { get; init; }

    /// <summary>The last position processed.</summary>
    internal ulong Position { get; init; }

    /// <summary>While joining, until the log has shown the commit that added us. What comes before it was not meant for us.</summary>
    internal Joining? Joining { get; init; }

    /// <summary>Whether entries of the present epoch, or of the one before our own, are gone unread: retention has removed them.</summary>
    internal bool HasGap { get; init; }

    /// <summary>Where we sat when we were stranded, until the log has shown that we are in again. So long we ask to be added.</summary>
    internal RejoinPlace? Place { get; init; }

    /// <summary>
    /// Whether this is an older state than there was, which was put back or copied: it is read on from, and nothing is sealed from it. It ends
    /// with the Welcome that puts a fresh leaf of ours in.
    /// </summary>
    internal bool IsBehind { get; init; }

    /// <summary>The position of the last commit that we have followed, or that has added us.</summary>
    internal ulong EpochAt { get; init; }

    /// <summary>Whether we should ask to be added again.</summary>
    internal bool AsksToRejoin => State == ConversationState.Stranded || Place is not null;

    /// <summary>Whether this is all from a Welcome that the log has never borne out: then it says nothing about the conversation.</summary>
    internal bool IsHearsay => Joining is { IsReturn: false };

    /// <summary>
    /// Where we were last stranded or let go, or had followed the last commit when we were added anew as one that is behind; 0 where we never
    /// were. Nothing before it can be read anew.
    /// </summary>
    internal ulong EndedAt { get; init; }

    /// <summary>When our next own commit is due, in milliseconds since 1970.</summary>
    internal ulong CommitDueAt { get; init; }

    /// <summary>People who have said that they leave, until a commit carries it out.</summary>
    internal IReadOnlyList<Pin> Leaving { get; init; } = [];

    /// <summary>People we have added and whose cards the others do not have yet.</summary>
    internal IReadOnlyList<Pin> Unintroduced { get; init; } = [];

    /// <inheritdoc/>
    public static Conversation Decode(ref TlsReader reader)
    {
        if (reader.ReadUInt8() != Format) throw new CodecException("a conversation of another version");
        return new Conversation
        {
            Log = LogId.Decode(ref reader),
            Title = reader.ReadOptionalText(ProtocolLimits.NameBytes),
            Peer = reader.ReadPresence() ? Pin.Decode(ref reader) : null,
            State = (ConversationState)reader.ReadUInt8(),
            Position = reader.ReadUInt64(),
            Joining = reader.ReadOptional<Joining>(),
            EndedAt = reader.ReadUInt64(),
            CommitDueAt = reader.ReadUInt64(),
            Leaving = reader.ReadVector<Pin>(),
            Unintroduced = reader.ReadVector<Pin>(),
            HasGap = reader.ReadPresence(),
            Place = reader.ReadOptional<RejoinPlace>(),
            IsBehind = reader.ReadPresence(),
            EpochAt = reader.ReadUInt64(),
        };
    }

    /// <inheritdoc/>
    public void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(Format);
        Log.Encode(writer);
        writer.WriteOptionalText(Title);
        writer.WritePresence(Peer is not null);
        Peer?.Encode(writer);
        writer.WriteUInt8((byte)State);
        writer.WriteUInt64(Position);
        writer.WriteOptional(Joining);
        writer.WriteUInt64(EndedAt);
        writer.WriteUInt64(CommitDueAt);
        writer.WriteVector(Leaving);
        writer.WriteVector(Unintroduced);
        writer.WritePresence(HasGap);
        writer.WriteOptional(Place);
        writer.WritePresence(IsBehind);
        writer.WriteUInt64(EpochAt);
    }
}

/// <summary>All conversations of this device.</summary>
internal sealed class ConversationList(SealedStore store)
{
    internal Conversation? Find(LogId log) =>
        store.Get(RecordKind.Conversation, Key(log)) is { } bytes ? Tls.Decode<Conversation>(bytes) : null;

    internal Conversation Require(LogId log) => Find(log) ?? throw new VaultException(VaultError.NotFound, "There is no such conversation.");

    internal Conversation RequireActive(LogId log)
    {
        var conversation = Require(log);
        return conversation.State switch
        {
            ConversationState.Active when conversation.Joining is not null => throw new VaultException(
                VaultError.Refused, "This device has been added to the conversation and has yet to see the change that did so. Try again in a moment."),
            ConversationState.Active => conversation,
            ConversationState.Stranded => throw new VaultException(
                VaultError.Refused, "This device could not follow a change in the conversation and has asked to be added again. Try again once a member has done so."),
            _ => throw new VaultException(VaultError.Refused, "You are no longer a member of this conversation."),
        };
    }

    internal IEnumerable<Conversation> All() => store.ScanAll(RecordKind.Conversation).Select(record => Tls.Decode<Conversation>(record.Value));

    internal void Save(Conversation conversation) => store.Put(RecordKind.Conversation, Key(conversation.Log), Tls.Encode(conversation));

    private static byte[] Key(LogId log) => log.ToBytes();
}
