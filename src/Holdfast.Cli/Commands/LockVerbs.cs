using System.CommandLine;
using Holdfast.Cli.Rendering;
using Holdfast.Client;

namespace Holdfast.Cli.Commands;

/// <summary><c>holdfast lock</c>, <c>unlock</c> and <c>recover</c>: whether the profile is open.</summary>
internal static class LockVerbs
{
    public static Command Lock() => Verb.Make("lock", "Lock the profile: keys and words leave the memory.", LockAsync);

    public static Command Unlock() => Verb.Make("unlock", "Unlock the profile, so that further commands ask nothing.", UnlockAsync);

    public static Command Recover() => Verb.Make(
        "recover",
        "Go on with a profile that was copied or put back to an earlier state, in the place of the other copy.",
        RecoverAsync);

    private static async Task LockAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        var profile = invocation.Profile;
        await using var link = await AgentLink.TryConnectAsync(profile, cancellationToken);
        if (link is not null) await link.LockAsync(TimeProvider.System, cancellationToken);
        else if (!profile.Exists) throw Failure.NoProfile(profile);
        if (invocation.Screen.IsJson) invocation.Screen.Write(AnswerJson.Of(StatusVerb.OfNobody(Opening.Locked)));
        else invocation.Screen.Note("Locked.");
    }

    /// <summary>A passcode that was given is checked, be the profile open or not; where it is open and none was given, nothing is asked.</summary>
    private static async Task UnlockAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        bool wasOpen = await IsOpenAsync(invocation.Profile, cancellationToken);
        await using var link = await invocation.OpenAsync(cancellationToken);
        if (wasOpen && !invocation.Passcodes.AsksAPerson)
            await ProveAsync(invocation, link, invocation.Passcodes.ExistingAsync, static passcode => new UnlockCommand(passcode), cancellationToken);
        if (invocation.Screen.IsJson)
            invocation.Screen.Write(AnswerJson.Of(await link.AskOneAsync<StatusAnswer>(new StatusCommand(), cancellationToken)));
        else invocation.Screen.Note(wasOpen ? "The profile is unlocked already." : "Unlocked.");
    }

    private static async Task RecoverAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        await using var link = await invocation.OpenAsync(cancellationToken);
        var status = await ProveAsync(invocation, link, invocation.Passcodes.ForChangeAsync, static passcode => new RecoverCommand(passcode), cancellationToken);
        if (invocation.Screen.IsJson) invocation.Screen.Write(AnswerJson.Of(status));
        else invocation.Screen.Note(
            "This profile goes on; any other copy of it sends nothing more. In each conversation it sends again once another member has been online " +
            "and added it with fresh keys.");
    }

    private static async Task<bool> IsOpenAsync(Profile profile, CancellationToken cancellationToken)
    {
        await using var link = await AgentLink.TryConnectAsync(profile, cancellationToken);
        return link is not null && await Opening.StateAsync(link, cancellationToken) == Opening.Unlocked;
    }

    /// <summary>Asks for passcode and token PIN where the profile is open already, and has done what takes them.</summary>
    private static async Task<StatusAnswer> ProveAsync(
        Invocation invocation, AgentLink link, Func<CancellationToken, Task<byte[]>> ask, Func<byte[], UnlockingCommand> make,
        CancellationToken cancellationToken)
    {
        byte[] passcode = await ask(cancellationToken), tokenPin = [];
        try
        {
            var status = await link.AskOneAsync<StatusAnswer>(new StatusCommand(), cancellationToken);
            tokenPin = await invocation.TokenPinAsync(status, cancellationToken);
            return await link.AskOneAsync<StatusAnswer>(make(passcode) with { TokenPin = tokenPin }, cancellationToken);
        }
        finally
        {
            Array.Clear(passcode);
            Array.Clear(tokenPin);
        }
    }
}
