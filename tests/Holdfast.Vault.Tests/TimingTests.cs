using System.Diagnostics;
using System.Numerics;
using System.Security.Cryptography;
using Holdfast.Cryptography;
using Holdfast.Tests;
using Holdfast.Vault.Pages;
using static Holdfast.Tests.WelchTest;

namespace Holdfast.Vault.Tests;

/// <summary>
/// Whether a clock tells anything about a passcode that is wrong, a tag that is, or a key that is used. Measured on a machine that does
/// other things besides, so that it is recorded and judged by a reader; what must be seen is the comparison that is planted.
/// </summary>
public sealed class TimingTests : IDisposable
{
    private const int Samples = 2_000_000, Passcodes = 10_000, Signatures = 300_000;

    private readonly string _folder = Directory.CreateTempSubdirectory("holdfast-timing-").FullName;
    private readonly WelchTest _welch = new(20261124);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void NothingSecretCanBeSeenOnAClock()
    {
        Assert.SkipUnless(LongRun.IsWanted, "a long run");
        using var secret = Secret.Random(32, RandomSource.System);
        byte[] right = secret.Reveal().ToArray();
        double planted = Between(Wrong(right, 0), Wrong(right, 31), wrong => EqualsUntilItDoesNot(right, wrong));
        var measured = new
        {
            samples = Samples,
            planted,
            secret = Between(Wrong(right, 0), Wrong(right, 31), wrong => secret.EqualsFixedTime(wrong)),
            page = PageTag(),
            slot = SlotTag(),
            decapsulation = Decapsulation(),
            passcodes = Passcodes,
            passcode = Passcode("right-hand pasS"u8.ToArray(), duress: false),
            passcodeOrDuress = Passcode("the other pass!"u8.ToArray(), duress: true),
            signatures = Signatures,
            nonceLength = SlopeOverNonceLength(),
        };
        Recording.Write("vault-timing", measured);
        Assert.True(Math.Abs(planted) > Planted, $"{planted}");
    }

    private double Between(byte[] first, byte[] second, Func<byte[], bool> work) => _welch.Between(Samples, () => first, () => second, work);

    /// <summary>A page of the store whose tag is wrong at its begin or at its end.</summary>
    private double PageTag()
    {
        using var cipher = new PageCipher(Secret.Random(32, RandomSource.System), RandomSource.System);
        byte[] page = new byte[4068], ciphertext = new byte[page.Length], nonce = new byte[PageCipher.NonceBytes], tag = new byte[PageCipher.TagBytes];
        cipher.Seal(page, default, ciphertext, nonce, tag);
        return _welch.Between(Samples / 10, () => Wrong(tag, 0), () => Wrong(tag, 15), wrong => cipher.TryOpen(ciphertext, default, nonce, wrong, page));
    }

    /// <summary>A slot of the key file, likewise.</summary>
    private double SlotTag()
    {
        byte[] key = RandomSource.System.PublicBytes(32), nonce = new byte[24], opened = new byte[33];
        byte[] slot = Aead.XChaCha20Poly1305.Seal(key, nonce, default, opened);
        return Between(Wrong(slot, 33), Wrong(slot, slot.Length - 1), wrong => Aead.XChaCha20Poly1305.TryOpen(key, nonce, default, wrong, opened));
    }

    /// <summary>What was encapsulated for us, and what was not: ML-KEM answers either with a secret (FIPS 203 §6.3).</summary>
    private double Decapsulation()
    {
        var kem = CipherSuite.Hybrid.Hpke.Kem;
        using var key = kem.Generate(RandomSource.System);
        kem.Encapsulate(key.PublicKey.Span, RandomSource.System, out byte[] encapsulation)!.Dispose();
        byte[] other = Wrong(encapsulation, 500);
        return _welch.Between(Samples / 10, () => encapsulation, () => other, given =>
        {
            using var shared = key.Decapsulate(given);
            return shared is not null;
        });
    }

    /// <summary>Two passcodes that do not open: one that is nearly the right one, or is the one that wipes; and one that is nothing at all.</summary>
    private double Passcode(byte[] near, bool duress)
    {
        var file = new KeyFile(_folder, RandomSource.System);
        byte[] passcode = "right-hand pass"u8.ToArray(), far = "QQQQQQQQQQQQQQQ"u8.ToArray();
        file.Create(passcode, PasscodeCost.Least, static _ => { }).Dispose();
        if (duress)
        {
            using var begun = file.Begin(passcode);
            using var opened = KeyFile.End(begun, null);
            file.ChangeDuress(opened!, passcode, near);
        }
        return _welch.Between(Passcodes, () => near, () => far, Opens);

        bool Opens(byte[] typed)
        {
            using var begun = file.Begin(typed);
            return KeyFile.End(begun, null) is not null;
        }
    }

    /// <summary>
    /// How the time of an ECDSA signature goes with the length of its nonce, in standard errors of the slope: whoever sees short ones has
    /// the key after some hundreds (Minerva, CVE-2019-15809). We have the key, so we know each nonce.
    /// </summary>
    private static double SlopeOverNonceLength()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var secret = new BigInteger(key.ExportParameters(includePrivateParameters: true).D!, isUnsigned: true, isBigEndian: true);
        var order = BigInteger.Parse("0ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551", System.Globalization.NumberStyles.HexNumber, null);
        byte[] hash = new byte[32], signature = new byte[64];
        var points = new List<(double Length, double Time)>(Signatures);
        for (int i = -Signatures / 50; i < Signatures; i++)
        {
            Random.Shared.NextBytes(hash);
            long start = Stopwatch.GetTimestamp();
            key.SignHash(hash, signature, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
            double time = Stopwatch.GetTimestamp() - start;
            var (r, s) = (Number(signature.AsSpan(0, 32)), Number(signature.AsSpan(32)));
            var nonce = (Number(hash) + (r * secret)) * BigInteger.ModPow(s, order - 2, order) % order;
            // A nonce and its negative give the same r, and this is the only s.
            if (i >= 0) points.Add((nonce.GetBitLength(), time));
        }
        double slow = points.Select(static point => point.Time).Order().ElementAt(points.Count * 9 / 10);
        points.RemoveAll(point => point.Time >= slow);
        double x = points.Average(static point => point.Length), y = points.Average(static point => point.Time);
        double spread = points.Sum(point => (point.Length - x) * (point.Length - x));
        double slope = points.Sum(point => (point.Length - x) * (point.Time - y)) / spread;
        double left = points.Sum(point => Math.Pow(point.Time - y - (slope * (point.Length - x)), 2)) / (points.Count - 2);
        return Math.Round(slope / Math.Sqrt(left / spread), 2);
    }

    private static BigInteger Number(ReadOnlySpan<byte> bytes) => new(bytes, isUnsigned: true, isBigEndian: true);
}
