using System.Security.Cryptography;
using Holdfast.Cryptography;

namespace Holdfast.Mls.Bench;

/// <summary>What one suite's cryptography costs here and now, in milliseconds, as bare as it can be called.</summary>
internal sealed class Primitives
{
    private const int Small = 64, Large = 1 << 18;

    private Primitives()
    {
    }

    /// <summary>One Ed25519 verification by libsodium: the unit that makes machines comparable.</summary>
    internal required double V { get; init; }

    /// <summary>A signature that is verified before it leaves, of a short text.</summary>
    internal required double Sign { get; init; }

    /// <summary>What a signature with its verification takes more for each byte of the text.</summary>
    internal required double SignByte { get; init; }

    internal required double Verify { get; init; }

    internal required double VerifyByte { get; init; }

    /// <summary>A fresh key pair.</summary>
    internal required double KemGenerate { get; init; }

    /// <summary>The key agreement alone, with a key pair that is there.</summary>
    internal required double Agree { get; init; }

    /// <summary>One HMAC, and so one HKDF step, of a short text.</summary>
    internal required double Mac { get; init; }

    internal required double Hash { get; init; }

    internal required double HashByte { get; init; }

    internal required double Aead { get; init; }

    internal required double AeadByte { get; init; }

    internal static Primitives Measure(CipherSuite suite)
    {
        byte[] small = RandomNumberGenerator.GetBytes(Small), large = RandomNumberGenerator.GetBytes(Large);
        using var key = suite.Signature.Generate(RandomSource.System);
        byte[] signedSmall = key.Sign(small), signedLarge = key.Sign(large);
        double v = UnitV();
        double sign = Time(() => key.Sign(small)), verify = Time(() => Check(suite.Signature.Verify(key.PublicKey.Span, small, signedSmall)));
        double signLarge = Time(() => key.Sign(large), 1);
        double verifyLarge = Time(() => Check(suite.Signature.Verify(key.PublicKey.Span, large, signedLarge)), 1);
        using var pair = suite.Hpke.Kem.Generate(RandomSource.System);
        double hash = Time(() => suite.Hkdf.Hash(small)), hashLarge = Time(() => suite.Hkdf.Hash(large), 1);
        byte[] sealKey = RandomNumberGenerator.GetBytes(suite.Aead.KeySize), nonce = new byte[suite.Aead.NonceSize];
        byte[] sealedSmall = new byte[Small + Cryptography.Aead.TagSize], sealedLarge = new byte[Large + Cryptography.Aead.TagSize];
        double aead = Time(() => suite.Aead.Seal(sealKey, nonce, [], small, sealedSmall));
        double aeadLarge = Time(() => suite.Aead.Seal(sealKey, nonce, [], large, sealedLarge), 1);
        double generate = Time(() => suite.Hpke.Kem.Generate(RandomSource.System).Dispose());
        return new Primitives
        {
            V = v,
            Sign = sign,
            SignByte = PerByte(sign, signLarge),
            Verify = verify,
            VerifyByte = PerByte(verify, verifyLarge),
            KemGenerate = generate,
            Agree = AgreeTime(suite, pair),
            Mac = Time(() => suite.Hkdf.Mac(sealKey, small)),
            Hash = hash,
            HashByte = PerByte(hash, hashLarge),
            Aead = aead,
            AeadByte = PerByte(aead, aeadLarge),
        };
    }

    private static double AgreeTime(CipherSuite suite, KemKey pair)
    {
        if (suite.Hpke.Kem is not DhKem dh)
        {
            _ = suite.Hpke.Kem.Encapsulate(pair.PublicKey.Span, RandomSource.System, out byte[] sent)!;
            return Time(() => pair.Decapsulate(sent)!.Dispose());
        }
        return Math.Max(0, Time(() => dh.Agree(pair.RevealPrivateKey(), pair.PublicKey.Span)!.Dispose())
            - Time(() => dh.Import(pair.RevealPrivateKey()).Dispose()));
    }

    private static double UnitV()
    {
        var ed25519 = CipherSuite.Mandatory.Signature;
        using var key = ed25519.Generate(RandomSource.System);
        byte[] text = RandomNumberGenerator.GetBytes(Small), signature = key.Sign(text);
        return Time(() => Check(ed25519.Verify(key.PublicKey.Span, text, signature)));
    }

    private static double Time(Action run, int times = 20) => Timing.OfMany(times, run);

    private static double PerByte(double small, double large) => Math.Max(0, (large - small) / (Large - Small));

    private static void Check(bool good)
    {
        if (!good) throw new CryptographicException("a signature does not verify");
    }
}
