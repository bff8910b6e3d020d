using System.Security.Cryptography;
using Holdfast.Cryptography;
using Holdfast.Protocol;
using Holdfast.Vault;

namespace Holdfast.TokenHost.Tests;

/// <summary>Getting keys out of a token by its own functions, and keys from which that can be done.</summary>
public sealed class AttackTests(SoftHsm token) : IClassFixture<SoftHsm>, IDisposable
{
    private const int Attempts = 15;

    private readonly TempFolder _folder = new();

    private TokenPinTries Tries => new(_folder["tries"], TimeProvider.System);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void AnEnrolledKeyCannotBeTakenByTheTokensOwnFunctions()
    {
        using (var host = new Host(token.Settings)) Enrol(host, null).Secret.Dispose();
        string[] seen = Attack("Holdfast");
        Assert.Equal(Attempts, seen.Length);
        Assert.All(seen, line => Assert.False(line.EndsWith("leaked", StringComparison.Ordinal), line));
    }

    /// <summary>The control: keys made in other ways can be taken, and enrolment refuses each, saying what to do.</summary>
    [Theory]
    [InlineData("extractable", "--extractable", "can be exported from the token", "wrap-key-wrap-pad 0 leaked")]
    [InlineData("readable", "--private", "can be made exportable later", "copy 0 leaked")]
    public void AKeyThatCanBeTakenIsRefusedAtEnrolment(string label, string option, string why, string attack)
    {
        string id = Convert.ToHexString(RandomNumberGenerator.GetBytes(4));
        Programs.Run("pkcs11-tool",
        [
            "--module", SoftHsm.Module, "--login", "--pin", "123456", "--keypairgen", "--key-type", "EC:prime256v1", "--id", id, "--label", label,
            "--usage-derive", "--sensitive", option,
        ], token.Variable);
        Assert.Contains(attack, Attack(label));
        using var host = new Host(token.Settings);
        var refused = Assert.Throws<TokenException>(() => Enrol(host, Convert.FromHexString(id)));
        Assert.Equal(TokenFault.WeakKey, refused.Fault);
        Assert.Contains(why, refused.Message, StringComparison.Ordinal);
        Assert.Contains("Let Holdfast make a key on the token", refused.Message, StringComparison.Ordinal);
    }

    /// <summary>Each thing that a token could say of a key, said wrongly; and, as a control, all said well.</summary>
    [Fact]
    public void EveryWeaknessIsRefused()
    {
        const KeyTraits Good = KeyTraits.NeverExtractable | KeyTraits.Sensitive | KeyTraits.AlwaysSensitive | KeyTraits.Local | KeyTraits.Derive | KeyTraits.Private;
        const KeyTraits All = (KeyTraits)0x1fff;
        Assert.Null(Refused(All, Good));
        Assert.Null(Refused(Good | KeyTraits.Extractable, Good));   // a token that knows nothing of the others
        foreach (var trait in (KeyTraits[])[KeyTraits.Extractable, KeyTraits.Wrap, KeyTraits.Unwrap, KeyTraits.Sign]) Assert.NotNull(Refused(All, Good | trait));
        foreach (var trait in (KeyTraits[])[
            KeyTraits.NeverExtractable, KeyTraits.Sensitive, KeyTraits.AlwaysSensitive, KeyTraits.Local, KeyTraits.Derive, KeyTraits.Private])
            Assert.NotNull(Refused(All, Good & ~trait));
        foreach (var trait in (KeyTraits[])[
            KeyTraits.Extractable, KeyTraits.NeverExtractable, KeyTraits.Sensitive, KeyTraits.AlwaysSensitive, KeyTraits.Local])
            Assert.NotNull(Refused(All & ~trait, Good & ~trait));
        Assert.NotNull(Refused(All, Good, KeyTraits.Extractable));
        Assert.NotNull(Refused(All, Good, copied: true));
    }

    private static TokenException? Refused(KeyTraits known, KeyTraits traits, KeyTraits altered = KeyTraits.None, bool copied = false)
    {
        var key = new TokenKey(new byte[16], new byte[TokenLimits.PointBytes], known, traits);
        try { TokenKeyPolicy.Check(key, KeyPurpose.Agree, new KeyAltered(altered, copied)); }
        catch (TokenException refused) { return refused; }
        return null;
    }

    private TokenEnrolment Enrol(Host host, ReadOnlyMemory<byte>? key) => TokenSecret.Enrol(
        host.Client, Assert.Single(host.Client.ListTokens()).Id, SoftHsm.TokenPin, Tries, RandomNumberGenerator.GetBytes(16), RandomSource.System, key);

    private string[] Attack(string label) =>
        Programs.Run(NativeCode.Tookan(_folder.Path), [SoftHsm.Module, "123456", label], token.Variable).Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
