using System.CommandLine;
using Holdfast.Cli.Rendering;
using Holdfast.Cli.Terminal;
using Holdfast.Client;

namespace Holdfast.Cli.Commands;

/// <summary><c>holdfast passcode</c> and <c>wipe</c>: how the profile is opened, and how it is destroyed.</summary>
internal static class PasscodeVerbs
{
    private static readonly Option<string?> NewFile = new("--new-passcode-file")
    {
        Description = "A file whose first line is the other passcode (default: ask on the terminal).", HelpName = "FILE",
    };

    private static readonly Option<bool> None = new("--none") { Description = "Take it back: no passcode wipes any more." };

    private static readonly Option<bool> Yes = new("--yes") { Description = "Do not ask whether you mean it." };

    private static readonly Argument<byte> Tries = new("TRIES")
    {
        Description = "How many wrong passcodes in a row, 5 to 255; 0 for never.",
        CustomParser = static result =>
        {
            if (byte.TryParse(result.Tokens[0].Value, out byte tries) && tries is 0 or >= 5) return tries;
            result.AddError("TRIES is a whole number from 5 to 255, or 0 for never.");
            return 0;
        },
    };

    private static readonly Argument<ushort> Minutes = new("MINUTES")
    {
        Description = "How many minutes, 1 to 10080; 0 for never.",
        CustomParser = static result =>
        {
            if (ushort.TryParse(result.Tokens[0].Value, out ushort minutes) && minutes <= 7 * 24 * 60) return minutes;
            result.AddError("MINUTES is a whole number from 1 to 10080 (a week), or 0 for never.");
            return 0;
        },
    };

    private static readonly Argument<bool> OnOrOff = new("on|off")
    {
        Description = "on to fetch while locked, off not to.",
        CustomParser = static result =>
        {
            if (result.Tokens[0].Value is "on" or "off") return result.Tokens[0].Value == "on";
            result.AddError("delivery takes on or off.");
            return false;
        },
    };

    public static Command Passcode() => Verb.Group(
        "passcode",
        "Change how the profile is opened.",
        Verb.Make("change", "Change the passcode.", ChangeAsync, NewFile),
        Verb.Make(
            "duress",
            "Choose a passcode that destroys the profile's key, and otherwise looks like a wrong one.",
            DuressAsync, NewFile, None),
        Verb.Make("wipe-after", "Destroy the profile's key after so many wrong passcodes in a row.", WipeAfterAsync, Tries),
        Verb.Make("auto-lock", "Lock the profile after so many minutes without a command (30 unless you choose), or after the machine has slept that long.", AutoLockAsync, Minutes),
        Verb.Make(
            "delivery",
            "Have this device fetch sealed messages while the profile is locked (off unless you choose): they are opened when you unlock it.",
            DeliveryAsync, OnOrOff));

    public static Command Wipe() => Verb.Make(
        "wipe", "Destroy this profile's keys, then its files. Nothing brings back what only this device has.", WipeAsync, Yes);

    private static async Task ChangeAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        var other = new Passcodes(invocation.Of(NewFile));
        await invocation.ChangeAsync(
            async (passcode, _) => new ChangePasscodeCommand(passcode, await other.NewAsync(cancellationToken)), cancellationToken);
        invocation.Screen.Note("The passcode is changed.");
    }

    private static async Task DuressAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        bool none = invocation.Of(None);
        if (none && invocation.Of(NewFile) is not null) throw Failure.Usage("--none takes no other passcode.");
        var other = new Passcodes(invocation.Of(NewFile));
        await invocation.ChangeAsync(
            async (passcode, _) => new SetDuressCommand(passcode, none ? [] : await other.NewDuressAsync(cancellationToken)), cancellationToken);
        invocation.Screen.Note(none
            ? "No passcode wipes this profile any more."
            : "Whoever types that passcode destroys this profile's key, and is told only that it is wrong.");
    }

    private static async Task WipeAfterAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        byte tries = invocation.Of(Tries);
        await invocation.ChangeAsync((passcode, _) => Task.FromResult<UnlockingCommand>(new SetWipeAfterCommand(passcode, tries)), cancellationToken);
        invocation.Screen.Note(tries == 0 ? "Wrong passcodes destroy nothing." : $"After {tries} wrong passcodes in a row the profile's key is destroyed.");
    }

    private static async Task AutoLockAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        ushort minutes = invocation.Of(Minutes);
        await invocation.ChangeAsync((passcode, _) => Task.FromResult<UnlockingCommand>(new SetAutoLockCommand(passcode, minutes)), cancellationToken);
        invocation.Screen.Note(minutes switch
        {
            0 => "The profile does not lock itself.",
            1 => "The profile locks itself after a minute without a command.",
            _ => $"The profile locks itself after {minutes} minutes without a command.",
        });
    }

    private static async Task DeliveryAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        bool delivers = invocation.Of(OnOrOff);
        await invocation.ChangeAsync((passcode, _) => Task.FromResult<UnlockingCommand>(new SetDeliveryCommand(passcode, delivers)), cancellationToken);
        invocation.Screen.Note(delivers
            ? $"From the next lock on this device fetches sealed messages while it is locked. {DeliveryRows.Risk}"
            : "This device fetches nothing while it is locked, and what it fetched with is destroyed. The server forgets it when this device connects next.");
    }

    private static async Task WipeAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        var profile = invocation.Profile;
        if (!profile.Exists) throw Failure.NoProfile(profile);
        if (!invocation.Of(Yes)) await AskAsync(profile, cancellationToken);
        await using var link = await Opening.StartAsync(profile, cancellationToken);
        await link.WipeAsync(TimeProvider.System, cancellationToken);
        profile.RemoveLeftovers();
        invocation.Screen.Note($"The profile in {profile.Directory} is gone.");
    }

    /// <summary>A word that nobody types by accident.</summary>
    private static async Task AskAsync(Profile profile, CancellationToken cancellationToken)
    {
        using var terminal = HiddenInput.Open() ?? throw Failure.Usage("There is no terminal to ask on: give --yes.");
        byte[]? typed = await terminal.AskAsync($"All that is in {VisibleText.Line(profile.Directory)} will be gone. Type \"wipe\" to go on: ", cancellationToken);
        if (typed is null || !typed.AsSpan().SequenceEqual("wipe"u8)) throw Failure.Refused(FaceCode.Refused, "Nothing was wiped.");
    }
}
