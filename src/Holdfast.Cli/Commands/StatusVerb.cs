using System.CommandLine;
using Holdfast.Cli.Rendering;
using Holdfast.Client;

namespace Holdfast.Cli.Commands;

/// <summary><c>holdfast status</c>: how the profile stands, what protects it here, and what to type next.</summary>
internal static class StatusVerb
{
    public static Command Build() => Verb.Make("status", "Show whether the profile is open and the server connected.", RunAsync);

    /// <summary>What can be told where no agent runs to ask: the state, and nothing else.</summary>
    public static StatusAnswer OfNobody(string state) => new(state, null, null, null, null, null, Connected: false, Cloned: false);

    private static async Task RunAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        await using var link = await ReachAsync(invocation.Profile, cancellationToken);
        var status = link is null
            ? OfNobody(invocation.Profile.Exists ? Opening.Locked : Opening.Empty)
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
}
