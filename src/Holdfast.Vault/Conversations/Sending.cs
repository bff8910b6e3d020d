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
        return [.. texts.Select(text => Say(log, Contents.Text(vault, log, text), HistoryKind.Text, text, null, null))];
    }

    internal OutboxEntry SealAttachment(LogId log, AttachmentInfo info, AttachmentPointer pointer)
    {
        if (DisplayName.Problem(info.FileName) is { } problem) throw new VaultException(VaultError.Refused, $"The file's name cannot be sent as it is. {problem}");
        return Say(log, Contents.Attachment(vault, log, info, pointer), HistoryKind.Attachment, info.FileName, info, pointer);
    }

    /// <summary>Introduces people to a conversation: their signed cards, which no history shows, in as many messages as it takes.</summary>
    internal void SealCards(LogId log, IReadOnlyList<Card> cards)
    {
        foreach (var page in Contents.PagesOf(cards))
            Seal(vault.Conversations.RequireActive(log), NewEntry(Contents.Cards(vault, log, page), null), vault.NewMessageId());
    }

    /// <summary>Seals an entry in the group's present epoch, and stores ratchet, sealed bytes and message together.</summary>
    internal OutboxEntry Seal(Conversation conversation, OutboxEntry entry, MessageId id)
    {
        var group = vault.Freshness.LoadToSeal(conversation);
        if (group.PendingProposals.Count > 0)
            throw new VaultException(VaultError.CommitFirst, "A change that a member has proposed has to be carried out first. Try again in a moment.");
        var sealing = group.Protect(entry.Payload[0].Span, AuthenticatedData.For(id), vault.Random);
        var post = new Post(
            conversation.Log, id, conversation.Position, PostKind.Application, ExpiryBucket.Retention, ReadOnlyMemory<byte>.Empty, sealing.Message, []);
        vault.Groups.Save(conversation.Log, sealing.Next);
        var sealedEntry = entry with { Post = post, Shown = entry.Shown is { } shown ? shown with { Id = id } : null };
        vault.Outbox.Save(sealedEntry);
        return sealedEntry;
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

    private OutboxEntry Say(LogId log, MimiContent content, HistoryKind kind, string text, AttachmentInfo? info, AttachmentPointer? pointer)
    {
        var conversation = vault.Conversations.RequireActive(log);
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
        return Seal(conversation, NewEntry(content, shown), id);
    }

    private OutboxEntry NewEntry(MimiContent content, HistoryRecord? shown) => NewEntry(IntentKind.Say, [Envelope.Pad(content)], shown);
}
