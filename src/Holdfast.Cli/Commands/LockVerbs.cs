using System.CommandLine;
using Holdfast.Cli.Rendering;
using Holdfast.Client;

namespace Holdfast.Cli.Commands;

/// <summary><c>holdfast lock</c>, <c>unlock</c>, <c>status</c>: whether the profile is open.</summary>
internal static class LockVerbs
{
    public static Command Lock() => Verb.Make("lock", "Lock the profile: keys and words leave the memory.", LockAsync);

    public static Command Unlock() => Verb.Make("unlock", "Unlock the profile, so that further commands ask nothing.", UnlockAsync);

    public static Command Recover() => Verb.Make(
        "recover",
        "Go on with a profile that was copied or put back to an earlier state, in the place of the other copy.",
        RecoverAsync);

    public static Command Status() => Verb.Make("status", "Show whether the profile is open and the server connected.", StatusAsync);

    private static async Task LockAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        var profile = invocation.Profile;
        await using var link = await AgentLink.TryConnectAsync(profile, cancellationToken);
        if (link is not null) await link.LockAsync(TimeProvider.System, cancellationToken);
        else if (!profile.Exists) throw Failure.NoProfile(profile);
        if (invocation.Screen.IsJson) invocation.Screen.Write(AnswerJson.Of(Without(Opening.Locked)));
        else invocation.Screen.Note("Locked.");
    }

    /// <summary>A passcode that was given is checked, be the profile open or not; where it is open and none was given, nothing is asked.</summary>
    private static async Task UnlockAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        bool wasOpen = await IsOpenAsync(invocation.Profile, cancellationToken);
        await using var link = await invocation.OpenAsync(cancellationToken);
        if (wasOpen && !invocation.Passcodes.AsksAPerson) await CheckAsync(invocation, link, cancellationToken);
        if (invocation.Screen.IsJson)
            invocation.Screen.Write(AnswerJson.Of(await link.AskOneAsync<StatusAnswer>(new StatusCommand(), cancellationToken)));
        else invocation.Screen.Note(wasOpen ? "The profile is unlocked already." : "Unlocked.");
    }

    private static async Task RecoverAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        await using var link = await invocation.OpenAsync(cancellationToken);
        byte[] passcode = await invocation.Passcodes.ExistingAsync(cancellationToken), tokenPin = [];
        var status = await link.AskOneAsync<StatusAnswer>(new StatusCommand(), cancellationToken);
        try
        {
            tokenPin = await invocation.TokenPinAsync(status, cancellationToken);
            status = await link.AskOneAsync<StatusAnswer>(new RecoverCommand(passcode) { TokenPin = tokenPin }, cancellationToken);
        }
        finally
        {
            Array.Clear(passcode);
            Array.Clear(tokenPin);
        }
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

    private static async Task CheckAsync(Invocation invocation, AgentLink link, CancellationToken cancellationToken)
    {
        byte[] passcode = await invocation.Passcodes.ExistingAsync(cancellationToken), tokenPin = [];
        try
        {
            var status = await link.AskOneAsync<StatusAnswer>(new StatusCommand(), cancellationToken);
            tokenPin = await invocation.TokenPinAsync(status, cancellationToken);
            await link.AskOneAsync<StatusAnswer>(new UnlockCommand(passcode) { TokenPin = tokenPin }, cancellationToken);
        }
        finally
        {
            Array.Clear(passcode);
            Array.Clear(tokenPin);
        }
    }

    private static async Task StatusAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        await using var link = await ReachAsync(invocation.Profile, cancellationToken);
        var status = link is null
            ? Without(invocation.Profile.Exists ? Opening.Locked : Opening.Empty)
            : await link.AskOneAsync<StatusAnswer>(new StatusCommand(WithTokenHost: true), cancellationToken);
        if (invocation.Screen.IsJson) invocation.Screen.Write(AnswerJson.Of(status, isAsked: link is not null));
        else invocation.Screen.WriteAll(Columns.Of(Rows(invocation, status, isAsked: link is not null)));
    }

    /// <summary>The agent, started where there is a profile: what protects a locked one is asked, too, and it ends again by itself.</summary>
    private static async Task<AgentLink?> ReachAsync(Profile profile, CancellationToken cancellationToken)
    {
        if (await AgentLink.TryConnectAsync(profile, cancellationToken) is { } running) return running;
        if (!profile.Exists) return null;
        try { return await Opening.StartAsync(profile, cancellationToken); }
        catch (FaceException) { return null; }   // a folder that may only be read: what is in it can still be told
    }

    private static IEnumerable<string[]> Rows(Invocation invocation, StatusAnswer status, bool isAsked)
    {
        yield return ["profile", invocation.Profile.Directory];
        yield return ["state", status.State];
        foreach (string[] row in VaultRows(status)) yield return row;
        if (isAsked && status.State != Opening.Empty)
            foreach (string[] row in TokenRows.Of(status).Concat(DeliveryRows.Of(status))) yield return row;
        if (status.State == Opening.Empty || (status.State == Opening.Unlocked && status.Pin is null))
        {
            yield return ["account", $"none yet: holdfast join INVITE --name NAME{CommonOptions.ProfileAgain(invocation)}"];
            yield break;
        }
        if (status.State != Opening.Unlocked) yield break;
        yield return ["server", $"{status.Server ?? "none"} ({(status.Connected ? "connected" : "not connected")})"];
        yield return ["locks itself", status.AutoLock == 0 ? "never: holdfast passcode auto-lock MINUTES" : $"after {status.AutoLock} minutes without a command"];
        if (status.Cloned) yield return ["warning",
            "this profile was used elsewhere after this state of it: it is a copy, or was restored, and sends nothing"];
        if (status.Cloned) yield return ["to go on", $"with this one and not the other: holdfast recover{CommonOptions.ProfileAgain(invocation)}"];
    }

    private static IEnumerable<string[]> VaultRows(StatusAnswer status)
    {
        string[] core = ["folder_wall", "syscall_filter", "no_dumps"];
        if (status.Protections.Count == 0) yield break;
        bool isSandboxed = status.Protections.Where(protection => core.Contains(protection.Name)).All(static protection => protection.InForce);
        yield return ["vault", isSandboxed
            ? "runs sandboxed: no network, no programs, no files but its own, no dumps"
            : "is not fully sandboxed on this system"];
        foreach (var protection in status.Protections.OrderByDescending(static protection => protection.InForce))
            yield return [protection.InForce ? "protected" : "missing", protection.Text];
    }

    private static StatusAnswer Without(string state) => new(state, null, null, null, null, null, Connected: false, Cloned: false);
}
