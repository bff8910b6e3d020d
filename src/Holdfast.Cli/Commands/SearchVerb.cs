using System.CommandLine;
using Holdfast.Client;

namespace Holdfast.Cli.Commands;

/// <summary><c>holdfast search</c>: messages and names of files that have all of some words, newest first.</summary>
internal static class SearchVerb
{
    private static readonly Argument<string[]> Words = new("WORDS")
    {
        Description = "What to look for, in any script, upper or lower case, with or without accents. Three characters or more are found inside words, too.",
        Arity = ArgumentArity.OneOrMore,
    };

    private static readonly Option<string?> In = new("--in")
    {
        Description = "Only in this conversation: a name, a PIN, or the beginning of its id (default: in all).", HelpName = "CONVERSATION",
    };

    private static readonly Option<ulong?> Limit =
        CommonOptions.Number("--limit", "N", $"At most so many messages (default: {SearchCommand.UsualLimit}).", 1, uint.MaxValue);

    public static Command Build() => Verb.Make("search", "Find messages by their words, newest first.", RunAsync, Words, In, Limit);

    private static async Task RunAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        string words = string.Join(' ', invocation.Of(Words));
        Failure.RequireSense(Written.SearchProblem(words));
        await using var link = await invocation.OpenAsync(cancellationToken);
        var command = new SearchCommand(words, invocation.Of(In), (uint?)invocation.Of(Limit) ?? SearchCommand.UsualLimit);
        if (!await ReadVerb.ShowAsync(invocation, link.AskAsync(command, cancellationToken))) invocation.Screen.Note("Nothing was found.");
    }
}
