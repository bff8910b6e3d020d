using System.CommandLine;
using Holdfast.Cli.Rendering;
using Holdfast.Client;

namespace Holdfast.Cli.Commands;

/// <summary><c>holdfast read</c>: what had been acknowledged when it was typed, and with <c>--follow</c> what comes.</summary>
internal static class ReadVerb
{
    private static readonly Argument<string?> Conversation = new("CONVERSATION")
    {
        Description = "Which conversation: a name, a PIN, or the beginning of its id (default: all).", Arity = ArgumentArity.ZeroOrOne,
    };

    private static readonly Option<bool> Follow = new("--follow") { Description = "Go on with what comes, until Ctrl-C." };

    private static readonly Option<ulong?> Since =
        CommonOptions.Number("--since", "POSITION", "Only what comes behind this position.", 0, ulong.MaxValue);

    private static readonly Option<ulong?> Limit =
        CommonOptions.Number("--limit", "N", "At most so many messages: the newest, or with --since the next.", 1, uint.MaxValue);

    public static Command Build() => Verb.Make("read", "Show messages, oldest first.", RunAsync, Conversation, Follow, Since, Limit);

    private static async Task RunAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        bool follow = invocation.Of(Follow);
        var command = new ReadCommand(
            invocation.Typed.GetValue(Conversation), follow, invocation.Of(Since), (uint?)invocation.Of(Limit));
        try
        {
            await using var link = await invocation.OpenAsync(cancellationToken);
            await ShowAsync(invocation, link.AskAsync(command, cancellationToken));
        }
        catch (OperationCanceledException) when (follow && cancellationToken.IsCancellationRequested)
        {
            return;   // Ctrl-C is how following ends
        }
    }

    /// <summary>Shows the messages among the answers, and says whether there were any.</summary>
    internal static async Task<bool> ShowAsync(Invocation invocation, IAsyncEnumerable<FaceAnswer> answers)
    {
        var lines = new MessageLines(CommonOptions.ProfileAgain(invocation));
        bool any = false;
        await foreach (var answer in answers)
        {
            if (answer is not MessageAnswer message) continue;
            invocation.Screen.Write(invocation.Screen.IsJson ? AnswerJson.Of(message) : lines.Next(message));
            any = true;
        }
        return any;
    }
}
