using Holdfast.Codec;
using Holdfast.Cryptography;

namespace Holdfast.Mls;

/// <summary>RFC 9420 §8.4: all pre-shared keys of a commit, chained into one secret.</summary>
public static class PskSecret
{
    /// <summary>The psk_secret of these keys, in the commit's order; zeros where there are none.</summary>
    public static Secret Compute(CipherSuite suite, IReadOnlyList<PreSharedKey> keys)
    {
        MlsException.Require(
            keys.Count <= MlsLimits.MaxPreSharedKeys, MlsError.TooLarge, "a commit mixes in more pre-shared keys than we allow");
        var secret = new Secret(suite.Hkdf.HashSize);
        for (int i = 0; i < keys.Count; i++)
        {
            using var previous = secret;
            using var input = Input(suite, keys[i], i, keys.Count);
            secret = suite.Hkdf.Extract(input.Reveal(), previous.Reveal());
        }
        return secret;
    }

    /// <summary>RFC 9420 §8.4: psk_input, bound to the key's id and its place by PSKLabel.</summary>
    private static Secret Input(CipherSuite suite, PreSharedKey key, int index, int count)
    {
        using var label = new TlsWriter();
        label.Write(key.Id);
        label.WriteUInt16((ushort)index);
        label.WriteUInt16((ushort)count);
        Span<byte> zero = stackalloc byte[suite.Hkdf.HashSize];
        zero.Clear();
        using var extracted = suite.Hkdf.Extract(zero, key.Secret.Reveal());
        return suite.ExpandWithLabel(extracted, Labels.DerivedPsk, label.Written, suite.Hkdf.HashSize);
    }
}

/// <summary>A pre-shared key with its id; the secret stays its owner's.</summary>
/// <param name="Id">What the proposal names.</param>
/// <param name="Secret">The key itself: the application's, or an epoch's <see cref="EpochSecrets.ResumptionPsk"/>.</param>
public sealed record PreSharedKey(PreSharedKeyId Id, Secret Secret);
