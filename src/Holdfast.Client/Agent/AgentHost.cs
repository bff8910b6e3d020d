namespace Holdfast.Client;

/// <summary>The agent: what <c>holdfast agent --profile DIR</c> runs.</summary>
public static class AgentHost
{
    /// <summary>Serves faces until lock, idle time, the vault's end or cancellation. Returns at once where the profile has an agent already.</summary>
    public static Task RunAsync(AgentOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(time);
        return Task.CompletedTask.WaitAsync(cancellationToken);
    }
}
