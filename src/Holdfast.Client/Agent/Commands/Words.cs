using Holdfast.Protocol;

namespace Holdfast.Client;

/// <summary>The protocol's values as faces say them.</summary>
internal static class Words
{
    internal static string Of(VaultState state) => state switch
    {
        VaultState.Empty => "empty",
        VaultState.Locked => "locked",
        _ => "unlocked",
    };

    internal static ConversationAnswer Of(ConversationInfo conversation) => new(
        conversation.Log.ToString(), conversation.Name, conversation.IsGroup, Of(conversation.State), conversation.Position, conversation.Members,
        conversation.Suite);

    internal static ContactAnswer Of(ContactInfo contact) => new(
        contact.Pin.ToString(), contact.Name, Of(contact.State), Convert.ToHexStringLower(contact.IdentityKey.Span));

    internal static MemberAnswer Of(MemberInfo member, string suite) =>
        new(member.Pin.ToString(), member.Name, member.Device.ToString(), member.IsSelf, suite);

    internal static MessageAnswer Of(HistoryItem item, string conversation) => new(
        item.Log.ToString(), conversation, item.Position, item.Id.ToString(), item.From.ToString(), item.FromName, item.Device.ToString(),
        Moment(item.SentAt), Of(item.Kind), Of(item.Status), item.Text,
        item.Attachment is { } file ? new FileAnswer(file.FileName, file.MediaType, file.Size) : null, item.Reason);

    private static string Of(ConversationState state) => state switch
    {
        ConversationState.Active => "active",
        ConversationState.Leaving => "leaving",
        ConversationState.Stranded => "stranded",
        _ => "left",
    };

    private static string Of(ContactState state) => state switch
    {
        ContactState.Asked => "asked",
        ContactState.Asks => "asks",
        _ => "known",
    };

    private static string Of(HistoryKind kind) => kind switch
    {
        HistoryKind.Text => "text",
        HistoryKind.Attachment => "attachment",
        HistoryKind.Members => "members",
        _ => "unreadable",
    };

    private static string Of(HistoryStatus status) => status switch
    {
        HistoryStatus.Received => "received",
        HistoryStatus.Pending => "pending",
        HistoryStatus.Failed => "failed",
        _ => "sent",
    };

    /// <summary>A sender's clock may say anything; what no calendar has is the last moment that one has.</summary>
    internal static DateTimeOffset Moment(ulong milliseconds)
    {
        ulong last = (ulong)DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();
        return DateTimeOffset.FromUnixTimeMilliseconds((long)Math.Min(milliseconds, last));
    }
}
