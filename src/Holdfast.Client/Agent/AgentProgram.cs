using Holdfast.Cryptography;
using Microsoft.Extensions.Logging.Abstractions;

namespace Holdfast.Client;

/// <summary>The agent as a face's executable runs it: the system's clock and randomness, and nothing logged.</summary>
public static class AgentProgram
{
    /// <summary>Serves faces until lock, idle time, the vault's end or cancellation.</summary>
    /// <param name="options">Whose agent, and how.</param>
    /// <param name="cancellationToken">Ends the agent.</param>
    public static Task RunAsync(AgentOptions options, CancellationToken cancellationToken) =>
        AgentHost.RunAsync(options, TimeProvider.System, RandomSource.System, NullLogger.Instance, cancellationToken);
}
