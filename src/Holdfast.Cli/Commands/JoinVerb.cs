using System.CommandLine;
using Holdfast.Cli.Rendering;
using Holdfast.Client;

namespace Holdfast.Cli.Commands;

/// <summary><c>holdfast join</c>: from an invite to an account.</summary>
internal static class JoinVerb
{
    private static readonly Argument<string> Invite = new("INVITE") { Description = "The line that starts with holdfast://." };
    private static readonly Option<string> Name = new("--name") { Description = "The name others see.", HelpName = "NAME", Required = true };

    public static Command Build() => Verb.Make("join", "Make your account with an invite that someone gave you.", RunAsync, Invite, Name);

    private static async Task RunAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        string invite = invocation.Of(Invite), name = invocation.Of(Name)!;
        // What is mistyped is told before anyone thinks of a passcode.
        Failure.RequireSense(Written.InviteProblem(invite) ?? Written.NameProblem(name));
        var me = await JoinAsync(invocation, invite, name, cancellationToken);
        if (invocation.Screen.IsJson) invocation.Screen.Write(AnswerJson.Of(me));
        else
        {
            invocation.Screen.Write($"Welcome, {VisibleText.Line(me.Name ?? name)}. Your PIN is {me.Pin}.");
            string profile = CommonOptions.ProfileAgain(invocation);
            invocation.Screen.Note($"See whom you know: holdfast contacts{profile}\nWrite to them:     holdfast send NAME \"hello\"{profile}");
        }
    }

    /// <summary>Makes the account, or goes on where an interrupted one stopped.</summary>
    public static async Task<StatusAnswer> JoinAsync(Invocation invocation, string invite, string name, CancellationToken cancellationToken)
    {
        var profile = invocation.Profile;
        var link = await AgentLink.TryConnectAsync(profile, cancellationToken);
        try
        {
            var known = link is null ? null : await link.AskOneAsync<StatusAnswer>(new StatusCommand(), cancellationToken);
            if (known?.Pin is not null && !profile.IsJoining) throw FaceException.AlreadyJoined();   // told before anyone is asked for a passcode
            byte[] passcode = await PasscodeAsync(invocation, known?.State ?? (profile.Exists ? Opening.Locked : Opening.Empty), cancellationToken);
            link ??= await Opening.StartAsync(profile, cancellationToken);
            byte[] tokenPin = [];
            try
            {
                known ??= await link.AskOneAsync<StatusAnswer>(new StatusCommand(), cancellationToken);
                if (passcode.Length > 0) tokenPin = await invocation.TokenPinAsync(known, cancellationToken);
                return await link.AskOneAsync<StatusAnswer>(new JoinCommand(invite, name, passcode) { TokenPin = tokenPin }, cancellationToken);
            }
            finally
            {
                Array.Clear(passcode);
                Array.Clear(tokenPin);
            }
        }
        finally
        {
            if (link is not null) await link.DisposeAsync();
        }
    }

    /// <summary>Nothing is asked where the profile is open already: an invite was refused, and a better one is typed.</summary>
    private static Task<byte[]> PasscodeAsync(Invocation invocation, string state, CancellationToken cancellationToken) => state switch
    {
        Opening.Empty => invocation.Passcodes.NewAsync(cancellationToken),
        Opening.Unlocked when invocation.Passcodes.AsksAPerson => Task.FromResult<byte[]>([]),
        _ => invocation.Passcodes.ExistingAsync(cancellationToken),
    };
}
