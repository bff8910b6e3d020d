using System.CommandLine;
using Holdfast.Cli.Rendering;
using Holdfast.Cli.Terminal;
using Holdfast.Client;

namespace Holdfast.Cli.Commands;

/// <summary><c>holdfast token</c>: a smartcard, an HSM or a TPM without which the passcode opens nothing.</summary>
internal static class TokenVerbs
{
    private const string UsualTpm = "/dev/tpmrm0";

    private static readonly Option<string?> Module = new("--module")
    {
        Description = "The PKCS#11 module that speaks to the token: the absolute path of its library.", HelpName = "PATH",
    };

    private static readonly Option<string?> Tpm = new("--tpm")
    {
        Description = $"A TPM 2.0: its device (default: {UsualTpm}), or the Unix socket of one in software.", HelpName = "PATH", Arity = ArgumentArity.ZeroOrOne,
    };

    private static readonly Option<string?> Label = new("--label")
    {
        Description = "The token's label, where the module shows several.", HelpName = "LABEL",
    };

    private static readonly Option<byte[]?> Key = new("--key")
    {
        Description = "The id, in hexadecimal, of a key that is on the token already (default: the token makes one; of a card, the one for agreement).",
        HelpName = "ID",
        CustomParser = static result =>
        {
            string typed = result.Tokens[0].Value;
            if (typed.Length is > 0 and <= 2 * AddTokenCommand.MostKeyBytes && typed.Length % 2 == 0 && typed.All(char.IsAsciiHexDigit))
                return Convert.FromHexString(typed);
            result.AddError("--key takes a key's id in hexadecimal.");
            return null;
        },
    };

    private static readonly Option<string[]> Folders = new("--folder")
    {
        Description = "A folder in which the module keeps its own files: it may write there and nowhere else. Give it once for each.", HelpName = "DIR",
    };

    private static readonly Option<string[]> Variables = new("--variable")
    {
        Description = "An environment variable that the module needs, such as SOFTHSM2_CONF: it gets no others. Without a value, what it is now.",
        HelpName = "NAME[=VALUE]",
    };

    private static readonly Option<string?> NewPinFile = new("--new-token-pin-file")
    {
        Description = "A file whose first line is the new token's token PIN, where it takes another's place (default: ask on the terminal).",
        HelpName = "FILE",
    };

    public static Command Token() => Verb.Group(
        "token",
        "A smartcard, HSM or TPM without which the passcode opens nothing.",
        Verb.Make(
            "add", "Have a token guard this profile, in the place of the one that does, if one does.",
            AddAsync, Module, Tpm, Label, Key, Folders, Variables, NewPinFile),
        Verb.Make("remove", "Have the passcode alone open this profile.", RemoveAsync),
        Verb.Make(
            "update", "Take the token's module for the right one after it was updated, or say where it is now.",
            UpdateAsync, Module, Tpm, Folders, Variables),
        Verb.Make("status", "Show which token guards this profile, and what stands around the program that speaks to it.", StatusAsync));

    private static async Task AddAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        var settings = SettingsOf(invocation) ?? throw Failure.Usage("Say which token: --module PATH or --tpm PATH.");
        string label = invocation.Of(Label) ?? "";
        if (System.Text.Encoding.UTF8.GetByteCount(label) > AddTokenCommand.MostLabelBytes) throw Failure.Usage("No token has so long a label.");
        var status = await invocation.ChangeAsync(
            async (passcode, before) => new AddTokenCommand(passcode, settings, label, await NewPinAsync(invocation, settings, before, cancellationToken))
            {
                Key = invocation.Of(Key) ?? [],
            },
            cancellationToken);
        Tell(invocation, status, $"""
            The token "{VisibleText.Line(status.Token?.Label ?? "")}" guards this profile now: it opens with the passcode and the token PIN, and with neither alone.
            Without the token nothing opens it, so do not lose it. Copies of this profile's files from before open without.
            """);
    }

    private static async Task RemoveAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        var status = await invocation.ChangeAsync(static (passcode, _) => Task.FromResult<UnlockingCommand>(new RemoveTokenCommand(passcode)), cancellationToken);
        Tell(invocation, status, "No token guards this profile any more: the passcode opens it.");
    }

    private static async Task UpdateAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        var settings = SettingsOf(invocation);
        var status = await invocation.ChangeAsync(
            (passcode, _) => Task.FromResult<UnlockingCommand>(new UpdateTokenCommand(passcode, settings)), cancellationToken);
        Tell(invocation, status, "The token is found this way from now on.");
    }

    private static async Task StatusAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        var profile = invocation.Profile;
        if (!profile.Exists) throw Failure.NoProfile(profile);
        await using var link = await Opening.StartAsync(profile, cancellationToken);
        var status = await link.AskOneAsync<StatusAnswer>(new StatusCommand(WithTokenHost: true), cancellationToken);
        if (invocation.Screen.IsJson) invocation.Screen.Write(AnswerJson.OfToken(status));
        else invocation.Screen.WriteAll(Columns.Of(TokenRows.Of(status)));
    }

    /// <summary>Of a first token there is one token PIN; where it takes another's place there are two. A TPM's is that of its new key.</summary>
    private static Task<byte[]> NewPinAsync(Invocation invocation, TokenHostSettings settings, StatusAnswer before, CancellationToken cancellationToken)
    {
        var other = new TokenPins(invocation.Of(NewPinFile));
        var from = other.IsGiven || before.Token is not null ? other : invocation.TokenPins;
        return settings.IsTpm ? from.ChooseAsync(cancellationToken) : from.AskAsync("the new token", cancellationToken);
    }

    private static TokenHostSettings? SettingsOf(Invocation invocation)
    {
        string? module = invocation.Of(Module);
        bool isTpm = invocation.Typed.GetResult(Tpm) is not null;
        if (module is null && !isTpm) return null;
        if (module is not null && isTpm) throw Failure.Usage("Say --module or --tpm, and not both.");
        var variables = new Dictionary<string, string>();
        foreach (string given in invocation.Of(Variables) ?? [])
        {
            var (name, value) = given.Split('=', 2) is [var left, var right] ? (left, right) : (given, Environment.GetEnvironmentVariable(given));
            variables[name] = value ?? throw Failure.Usage($"The variable {VisibleText.Line(name)} has no value: give {VisibleText.Line(name)}=VALUE.");
        }
        string[] folders = [.. (invocation.Of(Folders) ?? []).Select(Path.GetFullPath)];
        var settings = new TokenHostSettings(isTpm, isTpm ? invocation.Of(Tpm) ?? UsualTpm : module!, isTpm ? [] : folders, isTpm ? [] : variables);
        return settings.Problem() is { } problem ? throw Failure.Usage(problem) : settings;
    }

    private static void Tell(Invocation invocation, StatusAnswer status, string done)
    {
        if (invocation.Screen.IsJson) invocation.Screen.Write(AnswerJson.OfToken(status));
        else invocation.Screen.Note(done);
    }
}
