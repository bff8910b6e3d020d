using System.Globalization;
using System.Text.Json;
using Holdfast.Client;

namespace Holdfast.Cli.Rendering;

/// <summary>The agent's answers as the JSON lines that scripts lean on. Add to them freely; take nothing away.</summary>
internal static class AnswerJson
{
    public static string Of(MessageAnswer message) => JsonLine.Of(json =>
    {
        json.WriteString("conversation", message.Conversation);
        json.WriteString("conversation_name", message.ConversationName);
        json.WriteNumber("position", message.Position);
        json.WriteString("id", message.Id);
        json.WriteString("from", message.From);
        json.WriteString("from_name", message.FromName);
        json.WriteString("device", message.Device);
        json.WriteString("sent_at", InUtc(message.SentAt));
        json.WriteString("kind", message.Kind);
        json.WriteString("text", message.Text);
        if (message.File is { } file) WriteFile(json, file);
        json.WriteString("status", message.Status);
        if (message.Reason is { } reason) json.WriteString("reason", reason);
    });

    /// <param name="status">How it stands.</param>
    /// <param name="isAsked">Whether a vault said so: else nothing is known of a token.</param>
    public static string Of(StatusAnswer status, bool isAsked = true) => JsonLine.Of(json =>
    {
        json.WriteString("state", status.State);
        WriteIfKnown(json, "pin", status.Pin);
        WriteIfKnown(json, "name", status.Name);
        WriteIfKnown(json, "device", status.Device);
        WriteIfKnown(json, "server", status.Server);
        WriteIfKnown(json, "identity_key", status.IdentityKey);
        json.WriteBoolean("connected", status.Connected);
        json.WriteBoolean("cloned", status.Cloned);
        if (isAsked && status.State != Opening.Empty) WriteToken(json, status.Token);
        if (status.State == Opening.Unlocked) json.WriteNumber("auto_lock_minutes", status.AutoLock);
        if (isAsked && status.State != Opening.Empty) json.WriteBoolean("delivery", status.Delivery is not null);
        if (status is { State: Opening.Locked, Delivery: { } delivery })
        {
            json.WriteNumber("waiting", delivery.Waiting);
            json.WriteBoolean("spool_full", delivery.IsFull);
            json.WriteBoolean("delivery_damaged", delivery.IsDamaged);
        }
        if (status.Protections.Count == 0) return;
        WriteNames(json, "protections", status.Protections.Where(static protection => protection.InForce));
        WriteNames(json, "protections_missing", status.Protections.Where(static protection => !protection.InForce));
    });

    public static string OfToken(StatusAnswer status) => JsonLine.Of(json => WriteToken(json, status.Token));

    private static void WriteToken(Utf8JsonWriter json, TokenAnswer? token)
    {
        json.WriteBoolean("offline_search_possible", token is null);
        if (token is null)
        {
            json.WriteNull("token");
            return;
        }
        json.WriteStartObject("token");
        json.WriteString("label", token.Label);
        json.WriteString("model", token.Model);
        json.WriteString(token.IsTpm ? "tpm" : "module", token.Path);
        if (token.Walls.Count > 0)
        {
            WriteNames(json, "walls", token.Walls.Where(static wall => wall.InForce));
            WriteNames(json, "walls_missing", token.Walls.Where(static wall => !wall.InForce));
        }
        json.WriteEndObject();
    }

    private static string InUtc(DateTimeOffset time) => time.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    private static void WriteNames(Utf8JsonWriter json, string property, IEnumerable<ProtectionAnswer> protections)
    {
        json.WriteStartArray(property);
        foreach (var protection in protections) json.WriteStringValue(protection.Name);
        json.WriteEndArray();
    }

    public static string Of(InviteAnswer invite) => Invite(invite.Link);

    public static string Invite(string link) => JsonLine.Of(json => json.WriteString("invite", link));

    public static string Of(ContactAnswer contact) => JsonLine.Of(json =>
    {
        json.WriteString("pin", contact.Pin);
        json.WriteString("name", contact.Name);
        json.WriteString("state", contact.State);
        json.WriteString("identity_key", contact.IdentityKey);
    });

    public static string Of(DeviceAnswer device) => JsonLine.Of(json =>
    {
        json.WriteString("device", device.Id);
        json.WriteBoolean("self", device.IsSelf);
    });

    public static string Of(TrailAnswer item) => JsonLine.Of(json =>
    {
        json.WriteString("at", InUtc(item.At));
        json.WriteString("event", item.Event);
        json.WriteNumber("count", item.Count);
    });

    public static string Of(ConversationAnswer conversation) => JsonLine.Of(json =>
    {
        json.WriteString("conversation", conversation.Id);
        json.WriteString("name", conversation.Name);
        json.WriteBoolean("group", conversation.IsGroup);
        json.WriteString("state", conversation.State);
        json.WriteNumber("position", conversation.Position);
        json.WriteNumber("members", conversation.Members);
        json.WriteString("suite", conversation.Suite);
    });

    public static string Of(MemberAnswer member) => JsonLine.Of(json =>
    {
        json.WriteString("pin", member.Pin);
        json.WriteString("name", member.Name);
        json.WriteString("device", member.Device);
        json.WriteBoolean("self", member.IsSelf);
        json.WriteString("suite", member.Suite);
    });

    public static string Of(string conversation, SentMessage message) => JsonLine.Of(json =>
    {
        json.WriteString("conversation", conversation);
        json.WriteNumber("position", message.Position);
        json.WriteString("id", message.Id);
        json.WriteString("status", "sent");
    });

    public static string Of(SavedAnswer saved) => JsonLine.Of(json =>
    {
        json.WriteString("path", saved.Path);
        json.WriteNumber("size", saved.Size);
    });

    private static void WriteFile(Utf8JsonWriter json, FileAnswer file)
    {
        json.WriteString("file_name", file.Name);
        json.WriteString("media_type", file.MediaType);
        json.WriteNumber("size", file.Size);
    }

    private static void WriteIfKnown(Utf8JsonWriter json, string name, string? value)
    {
        if (value is null) json.WriteNull(name);
        else json.WriteString(name, value);
    }
}
