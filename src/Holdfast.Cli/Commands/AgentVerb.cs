using System.CommandLine;
using Holdfast.Cli.Processes;
using Holdfast.Client;

namespace Holdfast.Cli.Commands;

/// <summary>The process that other commands start and talk to. Nobody types this.</summary>
internal static class AgentVerb
{
    private static readonly Option<ulong?> Idle =
        CommonOptions.Number("--idle", "MINUTES", "How long it stays without a command (default: what \"passcode auto-lock\" has chosen).", 1, 7 * 24 * 60);

    public static Command Build()
    {
        var command = Verb.Make("agent", "Serve commands on a profile.", RunAsync, Idle);
        command.Hidden = true;
        return command;
    }

    private static async Task RunAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        Posix.LeaveTerminal();   // Ctrl-C is meant for the command that was typed
        var options = new AgentOptions(invocation.Profile)
        {
            Idle = invocation.Of(Idle) is { } minutes ? TimeSpan.FromMinutes(minutes) : null, Successor = AgentLaunch.OfThisProgram(invocation.Profile),
        };
        try { await AgentProgram.RunAsync(options, cancellationToken); }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return;   // asked to end
        }
    }
}
