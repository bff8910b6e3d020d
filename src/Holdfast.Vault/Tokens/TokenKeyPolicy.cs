using Holdfast.Protocol;

namespace Holdfast.Vault;

/// <summary>
/// Which keys of a token may guard anything: made there, never to leave it, with nobody able to change that (Clulow 2003; Bortolozzo et al.,
/// "Tookan", CCS 2010).
/// </summary>
internal static class TokenKeyPolicy
{
    private const string MakeAnother =
        " Let Holdfast make a key on the token; or, where its issuer makes the keys, ask for one made on the card, that is not exportable.";

    /// <summary>What a key must say of itself: a token that says nothing of these is believed in nothing.</summary>
    private static readonly (KeyTraits Trait, bool Must, string Otherwise)[] Demanded =
    [
        (KeyTraits.Extractable, false, "can be exported from the token"),
        (KeyTraits.NeverExtractable, true, "could once be exported from the token"),
        (KeyTraits.Sensitive, true, "can be read from the token"),
        (KeyTraits.AlwaysSensitive, true, "could once be read from the token"),
        (KeyTraits.Local, true, "was not made on the token"),
    ];

    /// <summary>What it must not be, where the token knows of such a thing.</summary>
    private static readonly (KeyTraits Trait, bool Must, string Otherwise)[] DemandedIfKnown =
    [
        (KeyTraits.Wrap, false, "can export other keys"),
        (KeyTraits.Unwrap, false, "can import other keys"),
        (KeyTraits.Private, true, "is used without a token PIN"),
    ];

    /// <summary>Refuses a key that is weaker than what its purpose needs.</summary>
    /// <param name="key">As the token spoke of it.</param>
    /// <param name="purpose">What it is to be for.</param>
    /// <param name="tried">What came of trying to weaken it.</param>
    /// <exception cref="TokenException">It is; the sentence says what to do.</exception>
    internal static void Check(TokenKey key, KeyPurpose purpose, KeyAltered tried)
    {
        foreach (var (trait, must, otherwise) in Demanded)
        {
            if ((key.Known & trait) == 0) throw Weak("may be exportable: the token does not say");
            if ((key.Traits & trait) != 0 != must) throw Weak(otherwise);
        }
        if (tried.Altered != KeyTraits.None)
            throw Weak("can be made exportable later: the token lets its attributes be changed");
        if (tried.Copied) throw Weak("can be copied on the token");
        foreach (var (trait, must, otherwise) in DemandedIfKnown)
            if ((key.Known & trait) != 0 && (key.Traits & trait) != 0 != must) throw Weak(otherwise);
        var (does, other) = purpose == KeyPurpose.Agree ? (KeyTraits.Derive, KeyTraits.Sign) : (KeyTraits.Sign, KeyTraits.Derive);
        if ((key.Traits & does) == 0) throw new TokenException(TokenFault.Unsupported);
        if ((key.Traits & other) != 0) throw Weak("is for two things at once");
    }

    private static TokenException Weak(string why) => new(TokenFault.WeakKey, $"The token's key {why}, so it is not used.{MakeAnother}");
}
