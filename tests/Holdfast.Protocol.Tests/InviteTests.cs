using CsCheck;
using Holdfast.Codec;
using Xunit;

namespace Holdfast.Protocol.Tests;

/// <summary>An invite that was damaged on its way is refused with a sentence, never half understood.</summary>
public sealed class InviteTests
{
    private const string Characters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=%+/ \t:";

    private static readonly Card Inviter = new(Pin.FromRandom([1, 2, 3, 4, 5, 6, 7]), Specimens.Bytes(32), "Ann", Specimens.Bytes(64));

    private static readonly Gen<Invite> Invites = Gen.Select(Gen.Char['a', 'z'].Array[1, 40], Gen.Byte.Array[32], Gen.Byte.Array[16], Gen.Bool).Select(
        (host, key, secret, byMember) => new Invite($"https://{new string(host)}:443", key, secret, byMember ? Inviter : null));

    [Fact]
    public void ALinkReadsBackAsWritten() => Invites.Sample(invite =>
    {
        Assert.True(Invite.TryParse($"  {invite.ToLink()}\r\n", out var read, out string? problem), problem);
        Assert.Equal(Tls.Encode(invite), Tls.Encode(read!));
    });

    [Fact]
    public void EveryWrongCharacterIsNoticed() => Invites.Sample(invite =>
    {
        string link = invite.ToLink();
        for (int i = 0; i < link.Length; i++)
        {
            foreach (char wrong in Characters.Where(c => !IsSame(c, link[i], i))) AssertRefused(link[..i] + wrong + link[(i + 1)..]);
        }
    }, iter: 20);

    [Fact]
    public void EveryLostTailIsNoticed() => Invites.Sample(invite =>
    {
        string link = invite.ToLink();
        for (int length = 0; length < link.Length; length++) AssertRefused(link[..length]);
    }, iter: 20);

    [Fact]
    public void SpacesWithinAreRefused() => AssertRefused(new Invite("https://a:1", new byte[32], new byte[16], null).ToLink().Insert(20, " "));

    [Fact]
    public void AnInviteOfANewerVersionSaysSo()
    {
        byte[] bytes = Tls.Encode(new Invite("https://a:1", new byte[32], new byte[16], null));
        bytes[0]++;
        Assert.Contains("newer", Assert.Throws<CodecException>(() => Tls.Decode<Invite>(bytes)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AnInviteByAMemberWithALongNameFitsTheVaultsCall()
    {
        string link = new Invite("https://a-rather-long-name.example.org:8443", new byte[32], new byte[16], Inviter with { Name = new string('n', 256) }).ToLink();
        var call = new AddContact(new Invitee(Inviter.Pin, new ClaimedKeyPackages([])), link);
        Assert.Equal(link, Assert.IsType<AddContact>(Tls.Decode<VaultCall>(Tls.Encode<VaultCall>(call))).Invite);
    }

    [Fact]
    public void TokenAndIntroductionKeyDoNotLeadToEachOther()
    {
        byte[] secret = Specimens.Bytes(InviteSecret.SecretBytes), token = InviteSecret.Token(secret);
        Assert.Equal(InviteSecret.TokenBytes, token.Length);
        Assert.NotEqual(token, InviteSecret.IntroductionKey(secret)[..InviteSecret.TokenBytes]);
        Assert.NotEqual(secret, token);
        Assert.NotEqual(InviteSecret.TokenHash(token), InviteSecret.TokenHash(secret));
    }

    /// <summary>The scheme of a URI is the same in any case (RFC 3986 §3.1).</summary>
    private static bool IsSame(char a, char b, int at) =>
        a == b || (at < Invite.Prefix.Length && char.ToUpperInvariant(a) == char.ToUpperInvariant(b));

    private static void AssertRefused(string link)
    {
        Assert.False(Invite.TryParse(link, out _, out string? problem), link);
        Assert.Matches("^[A-Z].*[^.]\\.$", problem);
    }
}
