using Holdfast.Protocol;

namespace Holdfast.Vault;

/// <summary>A post was refused because a commit landed first: its sealed bytes are discarded, its intent is kept.</summary>
internal sealed class Resealing(OpenVault vault, Sending sending, Changing changing)
{
    /// <summary>The same intent, sealed anew under the same id; null where nothing is left to do.</summary>
    internal OutboxEntry? Reseal(MessageId id)
    {
        if (vault.Outbox.Find(id) is not { } entry) return null;
        var conversation = vault.Conversations.Require(entry.Post.Log);
        if (conversation.IsBehind) vault.Freshness.Require(conversation);   // it waits, and nothing that was asked for is lost
        // What someone has typed does not vanish: whoever asks is told why it cannot go out, and gives it up with that reason.
        if (entry.Shown is not null && conversation.State is not ConversationState.Leaving) vault.Conversations.RequireActive(entry.Post.Log);
        var resealed = conversation.State is ConversationState.Active or ConversationState.Leaving ? SealAgain(conversation, entry, id) : null;
        if (resealed is null) vault.Outbox.Delete(entry);
        return resealed;
    }

    /// <summary>The server will never take it; what it was to say stays in the history, with the reason.</summary>
    internal void Drop(MessageId id, string reason)
    {
        if (vault.Outbox.Find(id) is not { } entry) return;
        vault.GiveUp(entry, vault.Conversations.Require(entry.Post.Log).Position, reason);
        if (entry.Post.Kind == PostKind.Commit) vault.Groups.DeletePending(entry.Post.Log);
        if (entry.Intent == IntentKind.Leave && vault.Conversations.Require(entry.Post.Log) is { State: ConversationState.Leaving } conversation)
            vault.Conversations.Save(conversation with { State = ConversationState.Active });
    }

    private OutboxEntry? SealAgain(Conversation conversation, OutboxEntry entry, MessageId id)
    {
        if (entry.Intent == IntentKind.Say) return sending.Seal(conversation, entry, id);
        if (entry.Intent == IntentKind.Leave) return changing.Propose(conversation, entry, id);
        vault.Groups.DeletePending(conversation.Log);
        return changing.Commit(conversation, entry, id);
    }
}
