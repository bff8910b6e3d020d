using System.Security.Cryptography;
using Holdfast.Protocol;

namespace Holdfast.Client;

/// <summary>Commands about the profile itself.</summary>
internal sealed class ProfileCommands(ProfileAgent agent, FaceConnection face)
{
    internal async Task StatusAsync(CancellationToken cancellationToken)
    {
        var status = await agent.StatusAsync(cancellationToken);
        bool open = status.State == VaultState.Unlocked;
        await face.AnswerAsync(new StatusAnswer(
            Words.Of(status.State), status.Pin?.ToString(), status.Name, open ? status.Device.ToString() : null, status.Server,
            open ? Convert.ToHexStringLower(status.IdentityKey.Span) : null, agent.Running?.Session is not null, status.Cloned));
    }

    internal async Task DevicesAsync(CancellationToken cancellationToken)
    {
        _ = agent.Engine;   // locked, or without an account: says so
        var status = await agent.StatusAsync(cancellationToken);
        await face.AnswerAsync(new DeviceAnswer(status.Device.ToString(), IsSelf: true));
    }

    internal async Task UnlockAsync(UnlockCommand command, CancellationToken cancellationToken)
    {
        await agent.ChangeAsync(() => OpenAsync(command.Passcode, cancellationToken), cancellationToken);
        await StatusAsync(cancellationToken);
    }

    /// <summary>Each step can be done again: whoever was interrupted joins once more with the same invite.</summary>
    internal async Task JoinAsync(JoinCommand command, CancellationToken cancellationToken)
    {
        if (!Invite.TryParse(command.Invite, out var invite, out string? problem)) throw Invalid(problem!);
        if (DisplayName.Problem(command.Name) is { } wrong) throw Invalid(wrong);
        await agent.ChangeAsync(() => JoinAsync(command, invite!, cancellationToken), cancellationToken);
        var engine = agent.Engine;
        await engine.Connector.ConnectAsync(cancellationToken);
        await engine.Housekeeping.Ready().WaitAsync(cancellationToken);
        await engine.Inbox.CatchUp().WaitAsync(cancellationToken);
        await StatusAsync(cancellationToken);
    }

    private async Task JoinAsync(JoinCommand command, Invite invite, CancellationToken cancellationToken)
    {
        using var server = new PinnedServer(invite.Server, invite.ServerKey);
        var calls = new RestCalls(server, null);
        if (agent.Running is not null) throw Joined();
        await calls.CheckHealthAsync(cancellationToken);   // before anything is made
        if ((await agent.StatusAsync(cancellationToken)).State == VaultState.Empty) await CreateAsync(command, cancellationToken);
        else await OpenAsync(command.Passcode, cancellationToken);
        if (agent.Running is not null) throw Joined();
        var ready = await agent.Vault.CallAsync<RegistrationReady>(new BeginRegistration(command.Invite.Trim()), cancellationToken);
        var pin = await calls.RegisterAsync(ready.Registration, cancellationToken);
        await agent.Vault.CallAsync(new CompleteRegistration(pin), CancellationToken.None);
        await agent.StartEngineAsync(CancellationToken.None);
    }

    private async Task CreateAsync(JoinCommand command, CancellationToken cancellationToken)
    {
        try { await agent.Vault.CallAsync<Ok>(new CreateProfile(command.Passcode, command.Name), cancellationToken); }
        finally { CryptographicOperations.ZeroMemory(command.Passcode); }
        agent.IsOpen = true;
    }

    private async Task OpenAsync(byte[] passcode, CancellationToken cancellationToken)
    {
        try
        {
            var status = await agent.StatusAsync(cancellationToken);
            if (status.State == VaultState.Empty)
                throw new FaceException(ExitCode.Failed, FaceCode.NotJoined, "There is no account in this profile yet: join with an invite first.");
            if (status.State == VaultState.Locked) await agent.Vault.CallAsync<Ok>(new Unlock(passcode), cancellationToken);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(passcode);
        }
        await agent.StartEngineAsync(CancellationToken.None);
    }

    private static FaceException Joined() =>
        new(ExitCode.Failed, FaceCode.AlreadyJoined, "There is an account in this profile already: make another in a folder of its own, with --profile DIR.");

    private static FaceException Invalid(string problem) => new(ExitCode.Usage, FaceCode.Invalid, problem);
}
