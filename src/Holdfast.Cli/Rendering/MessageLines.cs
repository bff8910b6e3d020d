using System.Globalization;
using Holdfast.Client;

namespace Holdfast.Cli.Rendering;

/// <summary>History as people read it: a heading where the conversation changes, then one message after the other.</summary>
/// <param name="profile">What to add to a command that is shown, so that it means the profile that is read.</param>
internal sealed class MessageLines(string profile = "")
{
    /// <summary>In front of each further line of a message, so that no message can pass for two.</summary>
    private const string Continuation = "  | ";

    private string? _conversation;

    /// <summary>The next message, with a heading if it needs one.</summary>
    public string Next(MessageAnswer message)
    {
        bool isNew = message.Conversation != _conversation;
        string before = isNew ? $"{(_conversation is null ? "" : "\n")}== {VisibleText.Line(message.ConversationName)} ==\n" : "";
        _conversation = message.Conversation;
        string why = message.Reason is { } reason ? $"\n{Continuation}({VisibleText.Line(reason)})" : "";
        return $"{before}[{Place(message)}] {Time(message.SentAt)}{Body(message)}{why}";
    }

    private string Body(MessageAnswer message)
    {
        string from = VisibleText.Line(message.FromName), text = VisibleText.Lines(message.Text, Continuation);
        return message.Kind switch
        {
            "text" => $"{from}: {text}",
            "attachment" => $"{from} sent a file: {File(message)}",
            "members" => $"* {text}",
            _ => $"{from}: (unreadable) {text}",
        };
    }

    private string File(MessageAnswer message) => message.File is { } file
        ? $"{VisibleText.Line(file.Name)} ({ByteCount.Of(file.Size)}), to keep it: holdfast save {VisibleText.Line(message.Id)} DIR{profile}"
        : "(no details)";

    private static string Place(MessageAnswer message) =>
        message.Status switch
        {
            "pending" => "not sent yet",
            "failed" => "not sent",
            _ => message.Position.ToString(CultureInfo.InvariantCulture),
        };

    /// <summary>By the sender's clock; what nobody dated has no time.</summary>
    private static string Time(DateTimeOffset sentAt) => sentAt == DateTimeOffset.UnixEpoch
        ? ""
        : sentAt.ToLocalTime().ToString("yyyy-MM-dd HH:mm ", CultureInfo.InvariantCulture);
}
