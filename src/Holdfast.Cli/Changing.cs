using Holdfast.Client;

namespace Holdfast.Cli;

/// <summary>Commands that change how the profile is opened: the passcode so far is asked for first, also where the profile is open.</summary>
internal static class Changing
{
    /// <summary>Asks for passcode and token PIN, makes the command with them, and has it done.</summary>
    /// <param name="invocation">Whose.</param>
    /// <param name="make">Makes the command; it may ask for more.</param>
    /// <param name="cancellationToken">Ends the asking.</param>
    /// <returns>How the profile stands then.</returns>
    public static async Task<StatusAnswer> ChangeAsync(
        this Invocation invocation, Func<byte[], StatusAnswer, Task<UnlockingCommand>> make, CancellationToken cancellationToken)
    {
        var profile = invocation.Profile;
        if (!profile.Exists) throw Failure.NoProfile(profile);
        byte[] passcode = await invocation.Passcodes.ForChangeAsync(cancellationToken), tokenPin = [];
        UnlockingCommand? command = null;
        try
        {
            await using var link = await Opening.StartAsync(profile, cancellationToken);
            var status = await link.AskOneAsync<StatusAnswer>(new StatusCommand(), cancellationToken);
            tokenPin = await invocation.TokenPinAsync(status, cancellationToken);
            command = await make(passcode, status) with { TokenPin = tokenPin };
            await link.DoAsync(command, cancellationToken);
            return await link.AskOneAsync<StatusAnswer>(new StatusCommand(), cancellationToken);
        }
        finally
        {
            Array.Clear(passcode);
            Array.Clear(tokenPin);
            Array.Clear(Chosen(command));
        }
    }

    private static byte[] Chosen(UnlockingCommand? command) => command switch
    {
        ChangePasscodeCommand change => change.Replacement,
        SetDuressCommand duress => duress.Duress,
        AddTokenCommand add => add.NewTokenPin,
        _ => [],
    };
}
