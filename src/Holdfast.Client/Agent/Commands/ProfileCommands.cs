using System.Security.Cryptography;
using Holdfast.Protocol;

namespace Holdfast.Client;

/// <summary>Commands about the profile itself.</summary>
internal sealed class ProfileCommands(ProfileAgent agent, FaceConnection face)
{
    internal async Task StatusAsync(bool withTokenHost, CancellationToken cancellationToken)
    {
        var status = await agent.StatusAsync(cancellationToken);
        bool open = status.State == VaultState.Unlocked;
        await face.AnswerAsync(new StatusAnswer(
            Words.Of(status.State), status.Pin?.ToString(), status.Name, open ? status.Device.ToString() : null, open ? status.Server : null,
            open ? Convert.ToHexStringLower(status.IdentityKey.Span) : null, agent.Running?.Session is not null || agent.Fetching is { IsConnected: true }, status.Cloned)
        {
            Protections = ProtectionWords.Of(status.Protections | agent.Vault.Protections | SwapSpace.Protections),
            Token = status.Token is { } token ? await DescribeAsync(token, withTokenHost ? agent.TokensOf(status) : null) : null,
            AutoLock = status.AutoLock,
            Delivery = status.Delivers
                ? new DeliveryAnswer(agent.Fetching?.Waiting ?? 0, agent.Fetching?.IsFull ?? false, IsDamaged: !open && status.Server is null && agent.Fetching is null)
                : null,
        });
    }

    /// <summary>The token, and what stands around its host, where one may be started to say so.</summary>
    private static async Task<TokenAnswer> DescribeAsync(GuardingToken token, TokenHosts? tokens)
    {
        var settings = TokenHostSettings.Decode(token.Way.Span);
        HostWalls? walls = null;
        using (tokens)
            if (tokens is not null) walls = await Task.Run(tokens.Walls, CancellationToken.None);   // it may take a while to start, or not answer
        return new(token.Label, token.Model, settings?.IsTpm ?? false, settings?.Path ?? "", walls is { } standing ? ProtectionWords.Of(standing) : []);
    }

    internal async Task DevicesAsync(CancellationToken cancellationToken)
    {
        _ = agent.Engine;   // locked, or without an account: says so
        var status = await agent.StatusAsync(cancellationToken);
        await face.AnswerAsync(new DeviceAnswer(status.Device.ToString(), IsSelf: true));
    }

    internal async Task UnlockAsync(UnlockCommand command, CancellationToken cancellationToken)
    {
        await agent.ChangeAsync(() => OpenAsync(command.Passcode, command.TokenPin, cancellationToken), cancellationToken);
        await StatusAsync(withTokenHost: false, cancellationToken);
    }

    /// <summary>The vault takes the place of the other copy; this connects again, which tells whether the server agrees, and catches up.</summary>
    internal async Task RecoverAsync(RecoverCommand recover, CancellationToken cancellationToken)
    {
        var engine = agent.Engine;
        await new AccessCommands(agent).ChangeAsync(recover, recover.Passcode, AccessChange.Recover, [], 0, cancellationToken);
        await engine.CatchUpAsync(cancellationToken);
        engine.Due.Hasten();
        await StatusAsync(withTokenHost: false, cancellationToken);
    }

    internal async Task TrailAsync(TrailCommand command, CancellationToken cancellationToken)
    {
        if (!agent.IsOpen) throw FaceException.Locked();
        var trail = await agent.Vault.CallAsync<Trail>(new ListAll(Listed.Trail), cancellationToken);
        foreach (var item in trail.Items.Take(command.Limit)) await face.AnswerAsync(TrailWords.Of(item));
    }

    /// <summary>Each step can be done again: whoever was interrupted joins once more with the same invite.</summary>
    internal async Task JoinAsync(JoinCommand command, CancellationToken cancellationToken)
    {
        if (!Invite.TryParse(command.Invite, out var invite, out string? problem)) throw Invalid(problem!);
        if (DisplayName.Problem(command.Name) is { } wrong) throw Invalid(wrong);
        var unfinished = new UnfinishedJoin(agent.Options.Profile);
        await agent.ChangeAsync(() => JoinAsync(command, invite!, unfinished, cancellationToken), cancellationToken);
        var engine = agent.Engine;
        await engine.Connector.ConnectAsync(cancellationToken);
        await engine.WaitAsync(engine.Housekeeping.Ready(), cancellationToken);
        await engine.WaitAsync(engine.Inbox.CatchUp(), cancellationToken);
        unfinished.End();
        await StatusAsync(withTokenHost: false, cancellationToken);
    }

    private async Task JoinAsync(JoinCommand command, Invite invite, UnfinishedJoin unfinished, CancellationToken cancellationToken)
    {
        if (agent.Running is not null && !unfinished.IsOf(command.Invite)) throw FaceException.AlreadyJoined();
        using var server = new PinnedServer(invite.Server, invite.ServerKey);
        var calls = new RestCalls(server, null);
        await calls.CheckHealthAsync(cancellationToken);   // before anything is made
        var state = (await agent.StatusAsync(cancellationToken)).State;
        bool isEmpty = state == VaultState.Empty, isOpen = state == VaultState.Unlocked && command.Passcode.Length == 0;
        if (isOpen) await agent.StartEngineAsync(CancellationToken.None);
        else if (!isEmpty) await OpenAsync(command.Passcode, command.TokenPin, cancellationToken);
        if (agent.Running is not null && !unfinished.IsOf(command.Invite)) throw FaceException.AlreadyJoined();
        if (!isEmpty) await RequireNameAsync(command.Name, cancellationToken);
        if (agent.Running is not null) return;   // the account is there, the rest is not
        unfinished.Begin(command.Invite);
        if (isEmpty) await CreateAsync(command, cancellationToken);
        await RegisterAsync(command.Invite, calls, cancellationToken);
        await agent.StartEngineAsync(CancellationToken.None);
    }

    /// <summary>The name was sealed when the join was begun: another one is not passed over in silence.</summary>
    private async Task RequireNameAsync(string name, CancellationToken cancellationToken)
    {
        string? begun = (await agent.StatusAsync(cancellationToken)).Name;
        if (begun == name) return;
        string anew = agent.Running is null ? $" To begin anew with another, type \"holdfast wipe --profile '{agent.Options.Profile.Directory}'\" first." : "";
        throw new FaceException(ExitCode.Failed, FaceCode.Refused, $"A join was begun here with the name {begun} and is not finished: type that name again.{anew}");
    }

    private async Task RegisterAsync(string invite, RestCalls calls, CancellationToken cancellationToken)
    {
        var ready = await agent.Vault.CallAsync<RegistrationReady>(new BeginRegistration(invite.Trim()), cancellationToken);
        var pin = await calls.RegisterAsync(ready.Registration, cancellationToken);
        await agent.Vault.CallAsync(new CompleteRegistration(pin), CancellationToken.None);
    }

    private async Task CreateAsync(JoinCommand command, CancellationToken cancellationToken)
    {
        try { await agent.Vault.CallAsync<Ok>(new CreateProfile(command.Passcode, command.Name), cancellationToken); }
        finally { CryptographicOperations.ZeroMemory(command.Passcode); }
        agent.IsOpen = true;
    }

    private async Task OpenAsync(byte[] passcode, byte[] tokenPin, CancellationToken cancellationToken)
    {
        try
        {
            var status = await agent.StatusAsync(cancellationToken);
            if (status.State == VaultState.Empty) throw FaceException.NotJoined();
            await UnlockAsync(status, new Unlock(passcode) { TokenPin = tokenPin });
        }
        finally
        {
            CryptographicOperations.ZeroMemory(passcode);
            CryptographicOperations.ZeroMemory(tokenPin);
        }
        await agent.StartEngineAsync(CancellationToken.None);
    }

    /// <summary>
    /// A vault that is open says whether the passcode is right, and stays open if it is not. Whoever hangs up does not end the call: a token
    /// may be in the middle of it.
    /// </summary>
    private async Task UnlockAsync(Status status, Unlock unlock)
    {
        using var tokens = agent.TokensOf(status);
        try { await agent.Vault.CallAsync<Ok>(unlock, CancellationToken.None, tokens); }
        catch (VaultRefusedException wrong) when (wrong.Error == VaultError.WrongPasscode && status.State == VaultState.Unlocked)
        {
            throw new FaceException(ExitCode.Locked, FaceCode.WrongPasscode, "The passcode is wrong. The profile was unlocked before, and stays so until \"holdfast lock\".");
        }
    }

    private static FaceException Invalid(string problem) => new(ExitCode.Usage, FaceCode.Invalid, problem);
}
