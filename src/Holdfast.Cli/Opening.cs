using Holdfast.Client;

namespace Holdfast.Cli;

/// <summary>The way to an agent whose vault is open: nothing is asked where it is open already.</summary>
internal static class Opening
{
    public const string Empty = "empty", Locked = "locked", Unlocked = "unlocked";

    private const int Attempts = 3;

    /// <summary>A link to the profile's agent, unlocked.</summary>
    public static async Task<AgentLink> OpenAsync(this Invocation invocation, CancellationToken cancellationToken)
    {
        var profile = invocation.Profile;
        var link = await AgentLink.TryConnectAsync(profile, cancellationToken);
        if (link is null && !profile.Exists) throw Failure.NoProfile(profile);
        try
        {
            string state = link is null ? Locked : await StateAsync(link, cancellationToken);
            for (int attempt = 1; state == Locked; attempt++)
            {
                // Asked before an agent is started: where nobody can answer, none is left behind.
                byte[] passcode = await invocation.Passcodes.ExistingAsync(cancellationToken);
                link ??= await StartAsync(profile, cancellationToken);
                state = await TryUnlockAsync(invocation, link, passcode, isLast: attempt == Attempts, cancellationToken);
            }
            return state == Unlocked ? link! : throw Failure.NoProfile(profile);
        }
        catch
        {
            if (link is not null) await link.DisposeAsync();
            throw;
        }
    }

    /// <summary>A link to the profile's agent in whatever state, started where none runs.</summary>
    public static Task<AgentLink> StartAsync(Profile profile, CancellationToken cancellationToken) =>
        AgentLink.ConnectAsync(profile, AgentLaunch.OfThisProgram(profile), TimeProvider.System, cancellationToken);

    /// <summary>How the agent's profile stands.</summary>
    public static async Task<string> StateAsync(AgentLink link, CancellationToken cancellationToken) =>
        (await link.AskOneAsync<StatusAnswer>(new StatusCommand(), cancellationToken)).State;

    /// <summary>The token PIN, where a token guards the profile; else nothing. The caller wipes it.</summary>
    public static Task<byte[]> TokenPinAsync(this Invocation invocation, StatusAnswer? status, CancellationToken cancellationToken) =>
        status?.Token is { } token ? invocation.TokenPins.AskAsync(token.Label, cancellationToken) : Task.FromResult<byte[]>([]);

    /// <summary>Tries one passcode and wipes it. A person who mistyped it may try again; a file says the same every time.</summary>
    private static async Task<string> TryUnlockAsync(
        Invocation invocation, AgentLink link, byte[] passcode, bool isLast, CancellationToken cancellationToken)
    {
        byte[] tokenPin = [];
        try
        {
            var status = await link.AskOneAsync<StatusAnswer>(new StatusCommand(), cancellationToken);
            if (status.State != Locked) return status.State;
            tokenPin = await invocation.TokenPinAsync(status, cancellationToken);
            return (await link.AskOneAsync<StatusAnswer>(new UnlockCommand(passcode) { TokenPin = tokenPin }, cancellationToken)).State;
        }
        catch (FaceException wrong) when (wrong.Code == FaceCode.WrongPasscode && invocation.Passcodes.AsksAPerson && !isLast)
        {
            invocation.Screen.Note("That is not the passcode.");
            return Locked;
        }
        finally
        {
            Array.Clear(passcode);
            Array.Clear(tokenPin);
        }
    }
}
