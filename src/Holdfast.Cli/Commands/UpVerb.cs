using System.CommandLine;
using Holdfast.Cli.Processes;
using Holdfast.Cli.Rendering;
using Holdfast.Client;

namespace Holdfast.Cli.Commands;

/// <summary><c>holdfast up</c>: a server, an account for whoever runs it, and an invite for the next person.</summary>
internal static class UpVerb
{
    private const string UsualAddress = "https://127.0.0.1:7443";
    private static readonly TimeSpan LockLimit = TimeSpan.FromSeconds(15);

    private static readonly Option<string?> Name = new("--name") { Description = "The name others see (default: $USER).", HelpName = "NAME" };

    private static readonly Option<string?> Listen = new("--listen")
    {
        Description = $"Where the server listens (default: {UsualAddress}, this computer only).", HelpName = "URL",
    };

    public static Command Build() => Verb.Make(
        "up", "Start here: runs a server, makes your account and prints an invite for the next person.", RunAsync,
        Name, Listen, ServerVerbs.Data, ServerVerbs.PublicUrl);

    private static async Task RunAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        string data = ServerVerbs.DataOf(invocation), listen = invocation.Of(Listen) ?? UsualAddress;
        bool isUp = false;
        try
        {
            using var only = await UpLock.TakeAsync(data, cancellationToken);
            await using var server = await ServerProcess.StartAsync(data, listen, invocation.Of(ServerVerbs.PublicUrl), cancellationToken);
            try
            {
                await WelcomeAsync(invocation, server, data, cancellationToken);
                isUp = true;
                await server.Ended.WaitAsync(cancellationToken);
                throw server.Failure;
            }
            finally { await LockAsync(invocation); }
        }
        catch (OperationCanceledException) when (isUp && cancellationToken.IsCancellationRequested)
        {
            invocation.Screen.Note("The server has ended and your messages are locked.");
        }
    }

    private static async Task WelcomeAsync(Invocation invocation, ServerProcess server, string data, CancellationToken cancellationToken)
    {
        var me = await MeAsync(invocation, server, data, cancellationToken);
        await using var link = await invocation.OpenAsync(cancellationToken);
        var invite = await InviteAsync(link, me, server, cancellationToken);
        if (invocation.Screen.IsJson)
        {
            invocation.Screen.Write(JsonLine.Of(json =>
            {
                json.WriteString("invite", invite.Link);
                json.WriteString("server", server.Address);
                json.WriteString("pin", me.Pin);
                json.WriteString("name", me.Name);
            }));
            return;
        }
        invocation.Screen.Note($"""
            Holdfast is running at {server.Address}.
            You are {VisibleText.Line(me.Name ?? "")}, PIN {me.Pin}.

            This invite brings in one more person, within {InviteVerb.UsualDays} days:

            """);
        invocation.Screen.Write(invite.Link);
        string profile = CommonOptions.ProfileAgain(invocation);
        invocation.Screen.Note($"""

            They type:                   holdfast join 'INVITE' --name NAME
            You, in another terminal:    holdfast send NAME "hello"{profile}
                                         holdfast read --follow{profile}

            Ctrl-C ends the server and locks your messages.
            """);
    }

    /// <summary>An invite of theirs, which shows whether this is their account's server: the profile may have one of another.</summary>
    private static async Task<InviteAnswer> InviteAsync(AgentLink link, StatusAnswer me, ServerProcess server, CancellationToken cancellationToken)
    {
        try
        {
            var invite = await link.AskOneAsync<InviteAnswer>(new InviteCommand(1, (int)InviteVerb.UsualDays), cancellationToken);
            return Written.IsInviteTo(invite.Link, server.ServerKey) ? invite : throw Failure.Refused(
                FaceCode.Refused, $"The account in this profile is on another server, {me.Server}. For an account on this one, choose a folder with --profile DIR.");
        }
        catch (FaceException nowhere) when (nowhere.Code == FaceCode.Unreachable)
        {
            throw new FaceException(
                ExitCode.Unreachable, nowhere.Code,
                $"The account in this profile is on {me.Server}, which does not answer; this server would be at {server.Address}. Start it as it was when the " +
                $"account was made, with --listen {me.Server} or the --listen and --public-url of then; or choose another folder with --profile DIR.");
        }
    }

    /// <summary>The account of whoever runs this: made at the first start, unlocked at the next.</summary>
    private static async Task<StatusAnswer> MeAsync(Invocation invocation, ServerProcess server, string data, CancellationToken cancellationToken)
    {
        var begun = invocation.Profile.Exists ? await StatusAsync(invocation, cancellationToken) : null;
        if (begun?.Pin is not null) return begun;
        string name = invocation.Of(Name) ?? begun?.Name ?? Environment.UserName;
        if (Written.NameProblem(name) is { } unfit) throw Failure.Usage($"{unfit} Give --name NAME.");
        string invite = server.OwnerInvite ?? (await ServerExecutable.InviteAsync(["--data", data], 1, null, cancellationToken))[0];
        return await JoinVerb.JoinAsync(invocation, invite, name, cancellationToken);
    }

    /// <summary>The account in the profile; without a PIN where making it was interrupted.</summary>
    private static async Task<StatusAnswer> StatusAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        await using var link = await invocation.OpenAsync(cancellationToken);
        return await link.AskOneAsync<StatusAnswer>(new StatusCommand(), cancellationToken);
    }

    private static async Task LockAsync(Invocation invocation)
    {
        using var limit = new CancellationTokenSource(LockLimit);
        try
        {
            await using var link = await AgentLink.TryConnectAsync(invocation.Profile, limit.Token);
            if (link is not null) await link.LockAsync(TimeProvider.System, limit.Token);
        }
        catch (Exception late) when (late is FaceException or OperationCanceledException)
        {
            invocation.Screen.Note("The profile could not be locked: type \"holdfast lock\".");
        }
    }
}
