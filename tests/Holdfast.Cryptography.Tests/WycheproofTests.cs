using System.Security.Cryptography;
using Holdfast.Tests;
using Xunit;

namespace Holdfast.Cryptography.Tests;

/// <summary>The primitives against Project Wycheproof: a test per file, an assertion per case.</summary>
public sealed class WycheproofTests
{
    [Fact]
    public void AesGcmIsRightInEveryCase() =>
        Wycheproof.ForEachCase("aes_gcm", test => JudgeAead(test, [Aead.Aes128Gcm, Aead.Aes256Gcm]));

    [Fact]
    public void XChaCha20Poly1305IsRightInEveryCase() =>
        Wycheproof.ForEachCase("xchacha20_poly1305", test => JudgeAead(test, [Aead.XChaCha20Poly1305]));

    [Fact]
    public void Ed25519IsRightInEveryCase() => Wycheproof.ForEachCase("ed25519", test =>
    {
        byte[] publicKey = test.Group.GetProperty("publicKey").Hex("pk");
        test.Assert(new Ed25519().Verify(publicKey, test["msg"], test["sig"]) == test.IsValid, "verification");
        return test.IsValid ? "verified" : "refused";
    });

    [Fact]
    public void ChaCha20Poly1305IsRightInEveryCase() =>
        Wycheproof.ForEachCase("chacha20_poly1305", test => JudgeAead(test, [Aead.ChaCha20Poly1305]));

    [Fact]
    public void Ed448IsRightInEveryCase() => Wycheproof.ForEachCase("ed448", test =>
    {
        byte[] publicKey = test.Group.GetProperty("publicKey").Hex("pk");
        test.Assert(new Ed448().Verify(publicKey, test["msg"], test["sig"]) == test.IsValid, "verification");
        return test.IsValid ? "verified" : "refused";
    });

    [Fact]
    public void EcdsaOverP256IsRightInEveryCase() => Wycheproof.ForEachCase("ecdsa_secp256r1_sha256", test => JudgeEcdsa(test, Ecdsa.P256));

    [Fact]
    public void EcdsaOverP384IsRightInEveryCase() => Wycheproof.ForEachCase("ecdsa_secp384r1_sha384", test => JudgeEcdsa(test, Ecdsa.P384));

    [Fact]
    public void EcdsaOverP521IsRightInEveryCase() => Wycheproof.ForEachCase("ecdsa_secp521r1_sha512", test => JudgeEcdsa(test, Ecdsa.P521));

    [Fact]
    public void X25519IsRightInEveryCase() => Wycheproof.ForEachCase("x25519", test => JudgeX(test, new DhKemX25519()));

    [Fact]
    public void X448IsRightInEveryCase() => Wycheproof.ForEachCase("x448", test => JudgeX(test, new DhKemX448()));

    [Fact]
    public void EcdhOverP256IsRightInEveryCase() => Wycheproof.ForEachCase("ecdh_secp256r1_ecpoint", test => JudgeEcdh(test, DhKemNist.P256));

    [Fact]
    public void EcdhOverP384IsRightInEveryCase() => Wycheproof.ForEachCase("ecdh_secp384r1_ecpoint", test => JudgeEcdh(test, DhKemNist.P384));

    [Fact]
    public void EcdhOverP521IsRightInEveryCase() => Wycheproof.ForEachCase("ecdh_secp521r1_ecpoint", test => JudgeEcdh(test, DhKemNist.P521));

    [Fact]
    public void MlKem768MakesTheKeysOfEveryCase() => Wycheproof.ForEachCase("mlkem_768_keygen_seed", static test =>
    {
        using var key = new MlKem768().Import(test["seed"]);
        test.Assert(key.PublicKey.Span.SequenceEqual(test["ek"]) == test.IsValid, "public key");
        return "made";
    });

    [Fact]
    public void MlKem768EncapsulatesRightInEveryCase() => Wycheproof.ForEachCase("mlkem_768_encaps", static test =>
    {
        var kem = new MlKem768();
        using var shared = kem.Encapsulate(test["ek"], new FixedRandom(test["m"]), out byte[] ciphertext);
        test.Assert(kem.IsValidPublicKey(test["ek"]) == test.IsValid, "validity of the public key");
        test.Assert((shared is not null) == test.IsValid, "encapsulation");
        if (!test.IsValid) return "refused";
        test.Assert(ciphertext.AsSpan().SequenceEqual(test["c"]) && shared!.EqualsFixedTime(test["K"]), "ciphertext and shared secret");
        return "encapsulated";
    });

    /// <summary>The hybrid refuses what its lattice half refuses, whatever its curve half is.</summary>
    [Fact]
    public void TheHybridRefusesEveryPublicKeyThatMlKem768Refuses() => Wycheproof.ForEachCase("mlkem_768_encaps", static test =>
    {
        var kem = new MlKem768X25519();
        using var curve = new DhKemX25519().Generate(RandomSource.System);
        byte[] publicKey = [.. test["ek"], .. curve.PublicKey.Span];
        using var shared = kem.Encapsulate(publicKey, RandomSource.System, out _);
        test.Assert(kem.IsValidPublicKey(publicKey) == test.IsValid, "validity of the public key");
        test.Assert((shared is not null) == test.IsValid, "encapsulation");
        return test.IsValid ? "encapsulated" : "refused";
    });

    /// <summary>FIPS 203 §6.3: a ciphertext that was tampered with gives a secret that nobody else has; one of a wrong size is refused.</summary>
    [Fact]
    public void MlKem768DecapsulatesRightInEveryCase() => Wycheproof.ForEachCase("mlkem_768", static test =>
    {
        var kem = new MlKem768();
        if (test["seed"].Length != 64)
        {
            test.AssertArgumentRefused(() => kem.Import(test["seed"]));
            test.Assert(!test.IsValid, "a seed of another size is never valid");
            return "a key of a wrong size and refused";
        }
        using var key = kem.Import(test["seed"]);
        using var shared = key.Decapsulate(test["c"]);
        test.Assert((shared is not null) == test.IsValid, "decapsulation");
        if (!test.IsValid) return "refused";
        test.Assert(key.PublicKey.Span.SequenceEqual(test["ek"]) && shared!.EqualsFixedTime(test["K"]), "public key and shared secret");
        return "decapsulated";
    });

    [Theory]
    [InlineData("hkdf_sha256", 32)]
    [InlineData("hkdf_sha384", 48)]
    [InlineData("hkdf_sha512", 64)]
    public void HkdfIsRightInEveryCase(string file, int hashSize) => Wycheproof.ForEachCase(file, test =>
    {
        var hkdf = HkdfOf(hashSize);
        using var extracted = hkdf.Extract(test["salt"], test["ikm"]);
        int size = test.Test.GetProperty("size").GetInt32();
        if (!test.IsValid)
        {
            test.AssertArgumentRefused(() => hkdf.Expand(extracted.Reveal(), test["info"], size));
            return "too long and refused";
        }
        using var expanded = hkdf.Expand(extracted.Reveal(), test["info"], size);
        test.Assert(expanded.EqualsFixedTime(test["okm"]), "output key");
        return "derived";
    });

    /// <summary>A tag is as long as the hash: the shortened ones of the file are right as far as they go, and refused.</summary>
    [Theory]
    [InlineData("hmac_sha256", 32)]
    [InlineData("hmac_sha384", 48)]
    [InlineData("hmac_sha512", 64)]
    public void HmacIsRightInEveryCase(string file, int hashSize) => Wycheproof.ForEachCase(file, test =>
    {
        var hkdf = HkdfOf(hashSize);
        byte[] tag = test["tag"];
        bool isWhole = tag.Length == hashSize;
        byte[] computed = hkdf.Mac(test["key"], test["msg"]);
        test.Assert(computed.AsSpan().StartsWith(tag) == test.IsValid, "computed tag");
        test.Assert(hkdf.VerifyMac(test["key"], test["msg"], tag) == (test.IsValid && isWhole), "verification");
        return test.IsValid ? isWhole ? "verified" : "shortened and refused" : "forged and refused";
    });

    private static string JudgeEcdsa(WycheproofCase test, Ecdsa scheme)
    {
        byte[] publicKey = test.Group.GetProperty("publicKey").Hex("uncompressed");
        test.Assert(scheme.Verify(publicKey, test["msg"], test["sig"]) == test.IsValid, "verification");
        return test.IsValid ? "verified" : "refused";
    }

    /// <summary>
    /// "Acceptable" means twisted or non-canonical points, which RFC 7748 §5 accepts, and points of low order, whose
    /// zero shared secret §6 lets us refuse: we do. Points of another size are refused.
    /// </summary>
    private static string JudgeX(WycheproofCase test, DhKemX kem)
    {
        byte[] publicKey = test["public"], expected = test["shared"];
        using var shared = kem.Agree(test["private"], publicKey);
        using var key = kem.Import(test["private"]);
        using var decapsulated = key.Decapsulate(publicKey);
        using var encapsulated = kem.Encapsulate(publicKey, RandomSource.System, out _);
        bool contributes = publicKey.Length == kem.PublicKeySize && expected.AsSpan().ContainsAnyExcept((byte)0);
        test.Assert(contributes || !test.IsValid, "a zero shared secret is never valid");
        test.Assert(contributes ? shared?.EqualsFixedTime(expected) == true : shared is null, "shared secret");
        test.Assert(kem.IsValidPublicKey(publicKey) == contributes, "validity of the public key");
        test.Assert((decapsulated is not null) == contributes, "decapsulation");
        test.Assert((encapsulated is not null) == contributes, "encapsulation");
        return contributes ? "agreed" : "refused";
    }

    /// <summary>Compressed points, which are "acceptable", are not how RFC 9180 §7.1.1 writes them: refused like those off the curve.</summary>
    private static string JudgeEcdh(WycheproofCase test, DhKemNist kem)
    {
        byte[] publicKey = test["public"], scalar = Fit(test["private"], (kem.PublicKeySize - 1) / 2);
        using var shared = kem.Agree(scalar, publicKey);
        test.Assert(test.IsValid ? shared?.EqualsFixedTime(test["shared"]) == true : shared is null, "shared secret");
        if (test.IsValid && !LongRun.IsWanted) return "agreed";   // the slowest of all primitives, hundreds of times
        using var key = kem.Import(scalar);
        using var decapsulated = key.Decapsulate(publicKey);
        using var encapsulated = kem.Encapsulate(publicKey, RandomSource.System, out _);
        test.Assert(kem.IsValidPublicKey(publicKey) == test.IsValid, "validity of the public key");
        test.Assert((decapsulated is not null) == test.IsValid, "decapsulation");
        test.Assert((encapsulated is not null) == test.IsValid, "encapsulation");
        return test.IsValid ? "agreed" : "refused";
    }

    /// <summary>The file writes numbers with a sign byte, and short ones short.</summary>
    private static byte[] Fit(byte[] number, int size) =>
        number.Length >= size ? number[^size..] : [.. new byte[size - number.Length], .. number];

    /// <summary>Cases in sizes that none of <paramref name="algorithms"/> has must be refused as wrong arguments.</summary>
    private static string JudgeAead(WycheproofCase test, Aead[] algorithms)
    {
        byte[] key = test["key"], nonce = test["iv"], associated = test["aad"], plaintext = test["msg"];
        byte[] ciphertext = [.. test["ct"], .. test["tag"]];
        var aead = Array.Find(algorithms, aead => aead.KeySize == key.Length && aead.NonceSize == nonce.Length);
        if (aead is null)
        {
            foreach (var other in algorithms)
            {
                test.AssertArgumentRefused(() => other.Seal(key, nonce, associated, plaintext));
                test.AssertArgumentRefused(() => other.Open(key, nonce, associated, ciphertext));
            }
            return "of a size we do not have and refused";
        }
        var output = new byte[plaintext.Length];
        RandomNumberGenerator.Fill(output);
        bool opened = aead.TryOpen(key, nonce, associated, ciphertext, output);
        test.Assert(opened == test.IsValid, "opening");
        test.Assert(output.AsSpan().SequenceEqual(opened ? plaintext : new byte[plaintext.Length]), "what opening left in the output");
        test.Assert(aead.Seal(key, nonce, associated, plaintext).AsSpan().SequenceEqual(ciphertext) == test.IsValid, "sealing");
        return opened ? "sealed and opened" : "forged and refused";
    }

    private static Hkdf HkdfOf(int hashSize) => hashSize switch
    {
        32 => Hkdf.Sha256,
        48 => Hkdf.Sha384,
        _ => Hkdf.Sha512,
    };
}
