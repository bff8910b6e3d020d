using Holdfast.Protocol;

namespace Holdfast.Vault;

/// <summary>What people ask to see.</summary>
internal sealed class Listing(OpenVault vault)
{
    private const int LongestPage = 1000;

    /// <summary>After so much a page ends, as <see cref="History"/>'s do; a character has at most three bytes in UTF-8.</summary>
    private const int LongestPageBytes = ProtocolLimits.FrameBytes, LongestCharacter = 3;

    internal Conversations Conversations() => new(
        [.. vault.Conversations.All().Select(Describe).OrderBy(item => item.Name, StringComparer.Ordinal)]);

    internal Contacts Contacts() => new(
        [.. vault.Contacts.All().Where(contact => contact.State is not null)
            .Select(contact => new ContactInfo(contact.Pin, contact.ShownName, contact.IdentityKey, contact.State!.Value))
            .OrderBy(item => item.Name, StringComparer.Ordinal)]);

    /// <summary>What the group's tree says, and nothing else.</summary>
    internal Members Members(LogId log)
    {
        if (vault.Conversations.Require(log).State == ConversationState.Left) vault.Conversations.RequireActive(log);   // which says why not
        var group = vault.Groups.Load(log);
        return new Members(group.Suite.Name, [.. SeatedDevice.Of(group).Select(seated => Describe(seated.Credential))]);
    }

    internal Protocol.History History(LogId log, ReadHistory read)
    {
        vault.Conversations.Require(log);
        int limit = (int)Math.Min(read.Limit, LongestPage);
        var items = vault.History.Page(log, read.After, limit, read.Newest).ToList();
        bool reachesEnd = read.Newest || items.Count == 0 || !vault.History.Page(log, items[^1].Position, 1, newest: false).Any();
        var pending = reachesEnd ? vault.Outbox.Of(log).Select(entry => entry.Shown).OfType<HistoryRecord>() : [];
        return new Protocol.History([.. items.Concat(pending).Select(vault.History.Show)]);
    }

    /// <summary>What has these words, newest first: in the order in which it came to this device.</summary>
    internal Protocol.History Search(ReadHistory read, string words)
    {
        if (read.Log is { } log) vault.Conversations.Require(log);
        int limit = (int)Math.Min(read.Limit, LongestPage), bytes = 0;
        var found = vault.Search.Find(words, read.Log?.ToBytes(), (long)Math.Min(read.After, long.MaxValue), limit);
        var items = new List<HistoryItem>();
        foreach (var text in found)
        {
            if (bytes >= LongestPageBytes) break;
            items.Add(vault.History.Show(RecordAt(text.Place)));
            bytes += items[^1].Text.Length * LongestCharacter;
        }
        bool mayHaveMore = items.Count > 0 && (items.Count < found.Count || found.Count == limit);
        return new Protocol.History(items, mayHaveMore ? (ulong)found[items.Count - 1].Id : 0);
    }

    internal AttachmentFound Attachment(MessageId id)
    {
        foreach (var conversation in vault.Conversations.All())
        {
            if (vault.History.Find(conversation.Log, id) is { Attachment: { } info, Pointer: { } pointer }) return new AttachmentFound(info, pointer);
        }
        throw new VaultException(VaultError.NotFound, "There is no such attachment.");
    }

    internal Outbox Outbox(ulong after)
    {
        var (entries, isAll) = vault.Outbox.Page(after);
        return new([.. entries.Select(static entry => entry.ToSend())], isAll ? vault.Outbox.Deliveries() : [], isAll ? 0 : entries[^1].Sequence);
    }

    private HistoryRecord RecordAt(byte[] place) =>
        (OutboxStore.IsPlace(place) ? vault.Outbox.Under(place)?.Shown : vault.History.Under(place))
        ?? throw new InvalidOperationException("the search knows a text that is not stored");

    private MemberInfo Describe(DeviceCredential credential) =>
        new(
            credential.Pin, vault.History.NameOf(credential.Pin), credential.Device,
            credential.Pin == vault.Profile.Pin && credential.Device == vault.Profile.Device);

    private ConversationInfo Describe(Conversation conversation)
    {
        bool isMember = conversation.State is ConversationState.Active or ConversationState.Leaving;
        var group = isMember ? vault.Groups.Load(conversation.Log) : null;
        int people = group is null ? 0 : MemberChange.PeopleOf(group).Count;
        string name = conversation.Title ?? vault.History.NameOf(conversation.Peer!.Value);
        return new ConversationInfo(
            conversation.Log, name, conversation.Title is not null, conversation.State, conversation.Position, (uint)people, group?.Suite.Name ?? "");
    }
}
