using System.Security.Cryptography;
using Holdfast.Protocol;

namespace Holdfast.Client;

/// <summary>Commands about how the profile is opened. All that is secret in them is wiped.</summary>
internal sealed class AccessCommands(ProfileAgent agent)
{
    /// <summary>Changes how the profile is opened.</summary>
    internal async Task ChangeAsync(
        UnlockingCommand command, byte[] passcode, AccessChange change, byte[] replacement, ushort figure, CancellationToken cancellationToken)
    {
        var status = await StatusAsync(cancellationToken);
        using var tokens = agent.TokensOf(status);
        await CallAsync(new ChangeAccess(passcode, change, replacement, figure) { TokenPin = command.TokenPin }, tokens);
        if (change == AccessChange.AutoLock && agent.IsOpen) agent.LockAfter(figure);
        if (change == AccessChange.Delivery) await agent.ChooseDeliveryAsync(figure > 0, cancellationToken);
    }

    internal async Task AddTokenAsync(AddTokenCommand add, CancellationToken cancellationToken)
    {
        RequireSense(add.Settings);
        var status = await StatusAsync(cancellationToken);
        using var tokens = agent.TokensOf(status, add.Settings);
        await CallAsync(
            new ChangeAccess(add.Passcode, AccessChange.Token, add.NewTokenPin, 0)
            {
                TokenPin = add.TokenPin, Label = add.Label, Key = add.Key, Way = add.Settings.Encode(),
            },
            tokens);
    }

    internal async Task UpdateTokenAsync(UpdateTokenCommand update, CancellationToken cancellationToken)
    {
        if (update.Settings is not null) RequireSense(update.Settings);
        var status = await StatusAsync(cancellationToken);
        var settings = update.Settings ?? (status.Token is { } token ? TokenHostSettings.Decode(token.Way.Span) : null);
        using var tokens = new TokenHosts(agent.Options.TokenHostPath, settings, null);
        await CallAsync(
            new ChangeAccess(update.Passcode, AccessChange.TokenWay, default, 0) { TokenPin = update.TokenPin, Way = settings?.Encode() ?? [] }, tokens);
    }

    private static void RequireSense(TokenHostSettings settings)
    {
        if (settings.Problem() is { } problem) throw new FaceException(ExitCode.Usage, FaceCode.Invalid, problem);
    }

    private async Task<Status> StatusAsync(CancellationToken cancellationToken)
    {
        var status = await agent.StatusAsync(cancellationToken);
        return status.State == VaultState.Empty ? throw FaceException.NotJoined() : status;
    }

    /// <summary>Once it is made, the call is not taken back: hanging up does not leave it half done.</summary>
    private async Task CallAsync(ChangeAccess change, TokenHosts tokens)
    {
        try { await agent.Vault.CallAsync<Ok>(change, CancellationToken.None, tokens); }
        finally
        {
            foreach (var secret in (ReadOnlyMemory<byte>[])[change.Passcode, change.Replacement, change.TokenPin])
                CryptographicOperations.ZeroMemory(System.Runtime.InteropServices.MemoryMarshal.AsMemory(secret).Span);
        }
    }
}
