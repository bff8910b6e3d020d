using Holdfast.Client;

namespace Holdfast.Cli.Terminal;

/// <summary>Where a command gets a token PIN from: a file that was named, else the person at the terminal.</summary>
internal sealed class TokenPins(string? file)
{
    /// <summary>Whether a file was named.</summary>
    public bool IsGiven => file is not null;

    /// <summary>The token PIN; the caller wipes it.</summary>
    /// <param name="whose">Which token's, for who is asked.</param>
    /// <param name="cancellationToken">Ends the asking.</param>
    public async Task<byte[]> AskAsync(string whose, CancellationToken cancellationToken)
    {
        if (file is not null) return await SecretFile.ReadAsync(file, "token PIN", UnlockCommand.MostTokenPinBytes, cancellationToken);
        using var terminal = HiddenInput.Open() ?? throw Failure.NoPasscode(
            "This takes the token PIN and there is no terminal to ask for it on: give --token-pin-file FILE.");
        byte[]? typed = await terminal.AskAsync($"Token PIN ({Rendering.VisibleText.Line(whose)}): ", cancellationToken);
        return typed switch
        {
            null or [] => throw Failure.NoPasscode("No token PIN was given."),
            { Length: > UnlockCommand.MostTokenPinBytes } => throw Failure.Usage("That is longer than any token PIN."),
            _ => typed,
        };
    }

    /// <summary>One that is only now chosen, as a TPM's is: typed twice. The caller wipes it.</summary>
    public async Task<byte[]> ChooseAsync(CancellationToken cancellationToken)
    {
        byte[] first = await AskAsync("one that you choose now", cancellationToken);
        if (IsGiven) return first;
        byte[] second = await AskAsync("the same again", cancellationToken);
        bool isSame = first.AsSpan().SequenceEqual(second);
        Array.Clear(second);
        if (isSame) return first;
        Array.Clear(first);
        throw Failure.NoPasscode("The two token PINs were different.");
    }
}
