using System.CommandLine;
using System.Globalization;
using Holdfast.Cli.Rendering;
using Holdfast.Client;

namespace Holdfast.Cli.Commands;

/// <summary><c>holdfast conversations</c>.</summary>
internal static class ConversationsVerb
{
    private const int ShortId = 8;   // so many digits name a conversation

    public static Command Build() => Verb.Make("conversations", "List your conversations.", ListAsync);

    private static async Task ListAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        await using var link = await invocation.OpenAsync(cancellationToken);
        var conversations = await link.AskAllAsync<ConversationAnswer>(new ConversationsCommand(), cancellationToken);
        if (invocation.Screen.IsJson) invocation.Screen.WriteAll(conversations.Select(AnswerJson.Of));
        else invocation.Screen.WriteAll(Columns.Of(conversations.Select(Row)));
    }

    private static string[] Row(ConversationAnswer conversation) =>
    [
        conversation.Name, conversation.Id[..Math.Min(ShortId, conversation.Id.Length)],
        conversation switch
        {
            { IsGroup: false } => "",
            { Members: 0 } => "group",   // one that we have left
            _ => string.Create(CultureInfo.InvariantCulture, $"group of {conversation.Members}"),
        },
        conversation.State switch { "active" => "", "stranded" => "waits to be added again", var other => other },
    ];
}
