using Holdfast.Protocol;

namespace Holdfast.Vault;

/// <summary>
/// The vault's half of sending: store the message, step the ratchet, seal, and commit all of it in one transaction before
/// anything leaves. The sealed bytes stay the same until they are refused.
/// </summary>
internal sealed class Sending(OpenVault vault)
{
    /// <summary>All in the one transaction of the call: what is said at once is stored at once.</summary>
    internal IReadOnlyList<OutboxEntry> SealTexts(LogId log, IReadOnlyList<string> texts)
    {
        if (texts.Any(static text => text.Length == 0)) throw new VaultException(VaultError.Refused, "An empty message is not sent.");
        var conversation = vault.Conversations.RequireActive(log);
        ulong sequence = vault.Outbox.NextSequence();
        return Seal(conversation, [.. texts.Select(text => Said(log, Contents.Text(vault, log, text), HistoryKind.Text, text, null, null, sequence++))]);
    }

    internal OutboxEntry SealAttachment(LogId log, AttachmentInfo info, AttachmentPointer pointer)
    {
        if (DisplayName.Problem(info.FileName) is { } problem) throw new VaultException(VaultError.Refused, $"The file's name cannot be sent as it is. {problem}");
        var conversation = vault.Conversations.RequireActive(log);
        var content = Contents.Attachment(vault, log, info, pointer);
        return Seal(conversation, [Said(log, content, HistoryKind.Attachment, info.FileName, info, pointer, vault.Outbox.NextSequence())])[0];
    }

    /// <summary>Introduces people to a conversation: their signed cards, which no history shows, in as many messages as it takes.</summary>
    internal void SealCards(LogId log, IReadOnlyList<Card> cards)
    {
        foreach (var page in Contents.PagesOf(cards))
            Seal(vault.Conversations.RequireActive(log), NewEntry(IntentKind.Say, [Envelope.Pad(Contents.Cards(vault, log, page))], null), vault.NewMessageId());
    }

    /// <summary>Seals an entry in the group's present epoch, and stores ratchet, sealed bytes and message together.</summary>
    internal OutboxEntry Seal(Conversation conversation, OutboxEntry entry, MessageId id) => Seal(conversation, [(entry, id)])[0];

    /// <summary>The same for several, one step of the ratchet each; what the group has become is stored once.</summary>
    private List<OutboxEntry> Seal(Conversation conversation, IReadOnlyList<(OutboxEntry Entry, MessageId Id)> entries)
    {
        var group = vault.Freshness.LoadToSeal(conversation);
        if (group.PendingProposals.Count > 0)
            throw new VaultException(VaultError.CommitFirst, "A change that a member has proposed has to be carried out first. Try again in a moment.");
        var batch = group.ProtectBatch([.. entries.Select(static item => (item.Entry.Payload[0], Authenticated(item.Id)))], vault.Random);
        vault.Groups.Save(conversation.Log, batch.Next);
        var sealedEntries = entries.Zip(batch.Messages, (item, message) => item.Entry with
        {
            Post = PostOf(conversation, item.Id, message),
            Shown = item.Entry.Shown is { } shown ? shown with { Id = item.Id } : null,
        }).ToList();
        foreach (var entry in sealedEntries) vault.Outbox.Save(entry);
        return sealedEntries;
    }

    /// <summary>An outbox entry without a post yet, behind all others.</summary>
    internal OutboxEntry NewEntry(IntentKind intent, IReadOnlyList<ReadOnlyMemory<byte>> payload, HistoryRecord? shown) => new()
    {
        Sequence = vault.Outbox.NextSequence(),
        Intent = intent,
        Payload = payload,
        Post = null!,
        Shown = shown,
    };

    private static ReadOnlyMemory<byte> Authenticated(MessageId id) => AuthenticatedData.For(id);

    private static Post PostOf(Conversation conversation, MessageId id, byte[] message) => new(
        conversation.Log, id, conversation.Position, PostKind.Application, ExpiryBucket.Retention, ReadOnlyMemory<byte>.Empty, message, []);

    private (OutboxEntry Entry, MessageId Id) Said(
        LogId log, MimiContent content, HistoryKind kind, string text, AttachmentInfo? info, AttachmentPointer? pointer, ulong sequence)
    {
        var id = vault.NewMessageId();
        var shown = new HistoryRecord
        {
            Log = log,
            Id = id,
            From = vault.Profile.RequirePin(),
            Device = vault.Profile.Device,
            SentAt = Contents.SentAt(content),
            Kind = kind,
            Status = HistoryStatus.Pending,
            Text = text,
            Attachment = info,
            Pointer = pointer,
        };
        return (new OutboxEntry { Sequence = sequence, Intent = IntentKind.Say, Payload = [Envelope.Pad(content)], Post = null!, Shown = shown }, id);
    }
}
