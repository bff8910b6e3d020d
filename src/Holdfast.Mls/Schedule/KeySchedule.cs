using Holdfast.Codec;
using Holdfast.Cryptography;

namespace Holdfast.Mls;

/// <summary>
/// RFC 9420 §8: from one epoch's init secret to the next epoch's secrets. The secrets passed in stay the caller's, who
/// disposes them as they are consumed (§9.2).
/// </summary>
public static class KeySchedule
{
    /// <summary>RFC 9420 §8: the joiner secret, which a Welcome carries.</summary>
    public static Secret JoinerSecret(CipherSuite suite, Secret initSecret, Secret commitSecret, GroupContext context)
    {
        using var extracted = suite.Hkdf.Extract(initSecret.Reveal(), commitSecret.Reveal());
        return suite.ExpandWithLabel(extracted, Labels.Joiner, Tls.Encode(context), suite.Hkdf.HashSize);
    }

    /// <summary>RFC 9420 §7.4, §8: the commit secret of a commit without a path: zeros.</summary>
    public static Secret NoCommitSecret(CipherSuite suite) => new(suite.Hkdf.HashSize);

    /// <summary>RFC 9420 §8, §12.4.3.1: the key and nonce of a Welcome's group info.</summary>
    public static WelcomeKey WelcomeKey(CipherSuite suite, Secret joinerSecret, Secret pskSecret)
    {
        using var member = MemberSecret(suite, joinerSecret, pskSecret);
        using var welcome = suite.DeriveSecret(member, Labels.WelcomeSecret);
        return new WelcomeKey(
            suite.ExpandWithLabel(welcome, Labels.Key, [], suite.Aead.KeySize),
            suite.ExpandWithLabel(welcome, Labels.Nonce, [], suite.Aead.NonceSize));
    }

    /// <summary>RFC 9420 §8: the epoch secret.</summary>
    public static Secret EpochSecret(CipherSuite suite, Secret joinerSecret, Secret pskSecret, GroupContext context)
    {
        using var member = MemberSecret(suite, joinerSecret, pskSecret);
        return suite.ExpandWithLabel(member, Labels.Epoch, Tls.Encode(context), suite.Hkdf.HashSize);
    }

    private static Secret MemberSecret(CipherSuite suite, Secret joinerSecret, Secret pskSecret) =>
        suite.Hkdf.Extract(joinerSecret.Reveal(), pskSecret.Reveal());
}
