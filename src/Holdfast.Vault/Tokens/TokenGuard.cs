using Holdfast.Cryptography;
using Holdfast.Protocol;

namespace Holdfast.Vault;

/// <summary>The token in the way in: asked for its part of the key, or enrolled. What goes wrong is said in sentences.</summary>
/// <param name="folder">The vault's folder, where wrong token PINs are counted.</param>
/// <param name="random">Where secrets come from.</param>
/// <param name="clock">What waits are measured by.</param>
/// <param name="reach">The way to a token's host.</param>
internal sealed class TokenGuard(string folder, RandomSource random, TimeProvider clock, Func<TokenRole, ITokenChannel> reach)
{
    private const string Counted = "tries.token";

    /// <summary>Has the token bring its secret back.</summary>
    /// <param name="place">Where.</param>
    /// <param name="tokenPin">The token PIN.</param>
    /// <returns>The secret, which is the receiver's to wipe.</returns>
    /// <exception cref="VaultException">It did not.</exception>
    internal Secret Recover(TokenPlace place, ReadOnlyMemory<byte> tokenPin) => Recover(place, tokenPin, anyModule: false, out _);

    /// <summary>As the other, whichever module is in front of the token.</summary>
    internal Secret Recover(TokenPlace place, ReadOnlyMemory<byte> tokenPin, bool anyModule, out ReadOnlyMemory<byte> module)
    {
        if (tokenPin.IsEmpty) throw new VaultException(VaultError.WrongTokenPin, "A token guards this profile: its token PIN is needed as well as the passcode.");
        var tries = Tries(TokenRole.Enrolled);
        var client = new TokenClient(reach(TokenRole.Enrolled), random);
        try { return TokenSecret.Recover(place.Record.Span, client, tokenPin, tries, place.Profile.Span, anyModule, out module); }
        catch (TokenException failed) { throw Explain(failed, client, tries); }
    }

    /// <summary>Makes a secret that only this token brings back.</summary>
    /// <param name="label">Which token; empty for the only one.</param>
    /// <param name="tokenPin">Its token PIN.</param>
    /// <param name="key">A key that is on it already; empty for one that it makes.</param>
    /// <param name="way">What finds it again.</param>
    /// <returns>Where it is, and the secret, which is the receiver's to wipe.</returns>
    /// <exception cref="VaultException">The token failed, or is not fit.</exception>
    internal (TokenPlace Place, Secret Secret) Enrol(
        string label, ReadOnlyMemory<byte> tokenPin, ReadOnlyMemory<byte> key, ReadOnlyMemory<byte> way)
    {
        var tries = Tries(TokenRole.New);
        var client = new TokenClient(reach(TokenRole.New), random);
        byte[] profile = random.PublicBytes(TokenPlace.ProfileBytes);
        try
        {
            var token = Choose(client.ListTokens(), label);
            var enrolled = TokenSecret.Enrol(client, token.Id, tokenPin, tries, profile, random, key.IsEmpty ? (ReadOnlyMemory<byte>?)null : key);
            return (new TokenPlace(profile, enrolled.Record, new GuardingToken(Printable(token.Label), Printable(token.Model), way)), enrolled.Secret);
        }
        catch (TokenException failed) { throw Explain(failed, client, tries); }
    }

    /// <summary>The same place, found in another way or behind another module.</summary>
    internal TokenPlace Move(TokenPlace place, ReadOnlyMemory<byte> module, Secret secret, ReadOnlyMemory<byte> way) => place with
    {
        Record = TokenSecret.Rename(place.Record.Span, module, secret, place.Profile.Span, random),
        Told = place.Told with { Way = way },
    };

    /// <summary>Wrong token PINs of the token before are not this one's.</summary>
    internal void ForgetTries()
    {
        foreach (var role in Enum.GetValues<TokenRole>()) Tries(role).Forget();
    }

    private TokenPinTries Tries(TokenRole role) => new(Path.Combine(folder, role == TokenRole.Enrolled ? Counted : Counted + ".other"), clock);

    private static TokenInfo Choose(IReadOnlyList<TokenInfo> tokens, string label)
    {
        var fitting = tokens.Where(token => label.Length == 0 || token.Label == label || Printable(token.Label) == label).ToList();
        if (fitting.Count == 1) return fitting[0];
        if (tokens.Count == 0) throw new TokenException(TokenFault.NoToken);
        string there = string.Join(", ", tokens.Select(static token => $"\"{Printable(token.Label)}\""));
        throw new VaultException(VaultError.TokenFailed, fitting.Count == 0
            ? $"There is no token with that label. There are: {there}."
            : $"There are several tokens: say which by its label. There are: {there}.");
    }

    private static VaultException Explain(TokenException failed, TokenClient client, TokenPinTries tries) => failed.Fault switch
    {
        TokenFault.TokenPinWrong => new(VaultError.WrongTokenPin, $"{failed.Message} {Left(client, tries)}"),
        TokenFault.TokenPinLocked or TokenFault.TriesUsedUp => new(VaultError.WrongTokenPin, failed.Message),
        _ => new(VaultError.TokenFailed, failed.Message),
    };

    private static string Left(TokenClient client, TokenPinTries tries)
    {
        int left = TokenPinTries.Most - tries.Count;
        string ours = left == 0 ? "From now on one is taken an hour." : $"{left} more {(left == 1 ? "is" : "are")} taken before you have to wait.";
        return SaysOfItself(client) switch
        {
            TokenPinState.FinalTry => ours + " The token says that it takes one more, and then locks itself.",
            TokenPinState.Low => ours + " The token says that it takes fewer than usual now.",
            TokenPinState.Locked => ours + " The token says that it is locked now.",
            _ => ours,
        };
    }

    private static TokenPinState SaysOfItself(TokenClient client)
    {
        try { return client.ListTokens().Select(static token => token.PinState).DefaultIfEmpty().Max(); }
        catch (TokenException) { return TokenPinState.Usual; }   // then it says nothing
    }

    /// <summary>What a token says of itself comes before people's eyes: no control characters, and nothing that turns a line round.</summary>
    private static string Printable(string said) =>
        string.Concat(said.Select(static letter => char.IsAsciiLetterOrDigit(letter) || char.IsLetterOrDigit(letter) || letter is >= ' ' and <= '~' ? letter : '?'));
}
