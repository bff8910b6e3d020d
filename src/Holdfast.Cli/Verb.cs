using System.CommandLine;
using Holdfast.Cli.Terminal;
using Holdfast.Client;

namespace Holdfast.Cli;

/// <summary>One command: its name, what it takes and what it does.</summary>
internal static class Verb
{
    /// <summary>A command that does something. Whatever it throws ends in one sentence and an exit code.</summary>
    public static Command Make(
        string name, string description, Func<Invocation, CancellationToken, Task> body, params ReadOnlySpan<Symbol> symbols)
    {
        var command = new Command(name, description);
        foreach (var symbol in symbols)
        {
            if (symbol is Argument argument) command.Add(argument);
            else command.Add((Option)symbol);
        }
        command.SetAction(async (typed, cancellationToken) =>
        {
            var screen = new Screen(typed.GetValue(CommonOptions.Json));
            await body(new(typed, screen, new(typed.GetValue(CommonOptions.PasscodeFile)), new(typed.GetValue(CommonOptions.TokenPinFile))), cancellationToken);
            return (int)ExitCode.Done;
        });
        return command;
    }

    /// <summary>A command that only holds others.</summary>
    public static Command Group(string name, string description, params ReadOnlySpan<Command> commands)
    {
        var group = new Command(name, description);
        foreach (var command in commands) group.Add(command);
        return group;
    }
}
