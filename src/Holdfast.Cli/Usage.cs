using System.CommandLine;
using System.CommandLine.Parsing;

namespace Holdfast.Cli;

/// <summary>Tells wrong usage in one sentence, before anything is done.</summary>
internal static class Usage
{
    public static void Check(ParseResult typed)
    {
        if (MistypedOption(typed) is { } option) throw Failure.Usage($"There is no option {option} here. {Hint(typed)}");
        if (typed.Errors.Count == 0) return;
        if (typed.CommandResult.Command.Subcommands.Count > 0)
        {
            throw Failure.Usage(typed.UnmatchedTokens is [var stray, ..]
                ? $"There is no command '{stray}'. {Hint(typed)}"
                : $"A command is missing. {Hint(typed)}");
        }
        throw Failure.Usage($"{typed.Errors[0].Message} {Hint(typed)}");
    }

    /// <summary>
    /// An argument that looks like an option is a slip, not a message to be sent; behind <c>--</c> everything is meant as it is.
    /// </summary>
    private static string? MistypedOption(ParseResult typed) => typed.Action is System.CommandLine.Help.HelpAction
        ? null
        : typed.Tokens.TakeWhile(token => token.Type != TokenType.DoubleDash)
            .FirstOrDefault(token => token.Type == TokenType.Argument && token.Value.Length > 2 && token.Value.StartsWith("--", StringComparison.Ordinal))
            ?.Value;

    private static string Hint(ParseResult typed)
    {
        var names = new List<string>();
        for (SymbolResult? at = typed.CommandResult; at is not null; at = at.Parent)
            if (at is CommandResult { Command: not RootCommand } command) names.Insert(0, command.Command.Name);
        return $"See: {string.Join(' ', ["holdfast", .. names, "--help"])}";
    }
}
