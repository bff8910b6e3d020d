using Holdfast.Client;

namespace Holdfast.Cli.Terminal;

/// <summary>Where a command gets the passcode from: a file that was named, else the person at the terminal.</summary>
internal sealed class Passcodes(string? file)
{
    /// <summary>Longer is refused rather than cut.</summary>
    public const int MaxBytes = UnlockCommand.MostPasscodeBytes;

    private const int Attempts = 3;

    /// <summary>Whether a person types it, who may mistype.</summary>
    public bool AsksAPerson => file is null;

    /// <summary>The passcode of a profile that exists. The caller wipes it.</summary>
    public Task<byte[]> ExistingAsync(CancellationToken cancellationToken) => ExistingAsync(
        "The profile is locked and there is no terminal to ask on: give --passcode-file FILE or type \"holdfast unlock\" in a terminal first.",
        cancellationToken);

    /// <summary>The same for what takes the passcode of an open profile, too: unlocking it first would not help. The caller wipes it.</summary>
    public Task<byte[]> ForChangeAsync(CancellationToken cancellationToken) => ExistingAsync(
        "This takes the passcode, also where the profile is unlocked, and there is no terminal to ask on: give --passcode-file FILE.", cancellationToken);

    private async Task<byte[]> ExistingAsync(string nobodyToAsk, CancellationToken cancellationToken)
    {
        if (file is not null) return await SecretFile.ReadAsync(file, "passcode", MaxBytes, cancellationToken);
        using var terminal = HiddenInput.Open() ?? throw Failure.NoPasscode(nobodyToAsk);
        return NotEmpty(await terminal.AskAsync("Passcode: ", cancellationToken));
    }

    /// <summary>A new passcode, typed twice. The caller wipes it.</summary>
    public Task<byte[]> NewAsync(CancellationToken cancellationToken) => NewAsync("it opens your messages on this device", cancellationToken);

    /// <summary>A passcode that is to wipe, likewise.</summary>
    public Task<byte[]> NewDuressAsync(CancellationToken cancellationToken) => NewAsync("whoever types it destroys this profile's key", cancellationToken);

    private async Task<byte[]> NewAsync(string meaning, CancellationToken cancellationToken)
    {
        if (file is not null) return await SecretFile.ReadAsync(file, "passcode", MaxBytes, cancellationToken);
        using var terminal = HiddenInput.Open() ?? throw Failure.Usage(
            "A new passcode is needed and there is no terminal to ask on: give it in a file (see --help).");
        string prompt = $"Choose a passcode ({meaning}): ";
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            byte[] first = NotEmpty(await terminal.AskAsync(prompt, cancellationToken));
            byte[] second = NotEmpty(await terminal.AskAsync("The same passcode again: ", cancellationToken));
            bool same = first.AsSpan().SequenceEqual(second);
            Array.Clear(second);
            if (same) return first;
            Array.Clear(first);
            prompt = "The two were different. Choose a passcode: ";
        }
        throw Failure.NoPasscode("The two passcodes were different.");
    }

    /// <summary>A copy that the collector does not move: wiping it wipes it.</summary>
    internal static byte[] Pinned(ReadOnlySpan<byte> passcode)
    {
        byte[] copy = GC.AllocateUninitializedArray<byte>(passcode.Length, pinned: passcode.Length > 0);
        passcode.CopyTo(copy);
        return copy;
    }

    private static byte[] NotEmpty(byte[]? passcode) => passcode is { Length: > 0 }
        ? passcode
        : throw Failure.NoPasscode("No passcode was given.");
}
