namespace Holdfast.Client;

/// <summary>How an agent runs.</summary>
/// <param name="Profile">Whose.</param>
public sealed record AgentOptions(Profile Profile)
{
    /// <summary>The vault's program.</summary>
    public string VaultPath { get; init; } = Path.Combine(AppContext.BaseDirectory, "vault", "holdfast-vault");

    /// <summary>The token host's program.</summary>
    public string TokenHostPath { get; init; } = Path.Combine(AppContext.BaseDirectory, "token", "holdfast-token-host");

    /// <summary>The agent to be started when this one was locked and the profile's owner has it fetch while locked; null for none.</summary>
    public AgentLaunch? Successor { get; init; }

    /// <summary>How long the agent stays without a face; null for as long as the profile's owner has chosen.</summary>
    public TimeSpan? Idle { get; init; }
}
