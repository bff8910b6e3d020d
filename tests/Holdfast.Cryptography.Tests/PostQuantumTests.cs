using System.Text.Json;
using Holdfast.Tests;
using Xunit;

namespace Holdfast.Cryptography.Tests;

/// <summary>The KEMs of draft-ietf-hpke-pq against the drafts' own vectors (PostQuantumVectors.json says whence), and what they refuse.</summary>
public sealed class PostQuantumTests
{
    private static readonly JsonElement Vectors = Load();

    private static MlKem768X25519 Hybrid => (MlKem768X25519)CipherSuite.Hybrid.Hpke.Kem;

    [Theory, InlineData(0), InlineData(1)]
    public void HpkeIsAsTheDraftSays(int number)
    {
        var test = Vectors.GetProperty("hpke").GetProperty("cases")[number];
        var suite = Suite(test);
        using var receiver = suite.Kem.DeriveKeyPair(test.Hex("ikmR"));
        Assert.Equal(test.Hex("skRm"), receiver.RevealPrivateKey().ToArray());
        Assert.Equal(test.Hex("pkRm"), receiver.PublicKey.ToArray());
        using var secret = suite.Kem.Encapsulate(test.Hex("pkRm"), new FixedRandom(test.Hex("ikmE")), out byte[] encapsulation);
        Assert.Equal(test.Hex("enc"), encapsulation);
        Assert.Equal(test.Hex("shared_secret"), secret!.Reveal().ToArray());

        using var sending = suite.SetupSender(test.Hex("pkRm"), test.Hex("info"), new FixedRandom(test.Hex("ikmE")), out _);
        using var receiving = suite.SetupReceiver(receiver, test.Hex("enc"), test.Hex("info"));
        foreach (var message in test.GetProperty("encryptions").EnumerateArray())
        {
            Assert.Equal(message.Hex("ct"), sending!.Seal(message.Hex("aad"), message.Hex("pt")));
            using var opened = receiving!.Open(message.Hex("aad"), message.Hex("ct"));
            Assert.Equal(message.Hex("pt"), opened!.Reveal().ToArray());
        }
        foreach (var export in test.GetProperty("exports").EnumerateArray())
        {
            using var exported = receiving!.Export(export.Hex("exporter_context"), export.GetProperty("L").GetInt32());
            Assert.Equal(export.Hex("exported_value"), exported.Reveal().ToArray());
        }
    }

    [Theory, InlineData(0), InlineData(1), InlineData(2)]
    public void TheHybridIsXWing(int number)
    {
        var test = Vectors.GetProperty("xwing").GetProperty("cases")[number];
        using var key = Hybrid.Import(test.Hex("seed"));
        Assert.Equal(test.Hex("pk"), key.PublicKey.ToArray());
        using var sent = Hybrid.Encapsulate(test.Hex("pk"), new FixedRandom(test.Hex("eseed")), out byte[] ciphertext);
        Assert.Equal(test.Hex("ct"), ciphertext);
        Assert.Equal(test.Hex("ss"), sent!.Reveal().ToArray());
        using var received = key.Decapsulate(test.Hex("ct"));
        Assert.Equal(test.Hex("ss"), received!.Reveal().ToArray());
    }

    /// <summary>Whichever half of a ciphertext is tampered with, the secret is another: neither half is idle.</summary>
    [Fact]
    public void BothHalvesOfTheHybridCount()
    {
        using var key = Hybrid.Generate(RandomSource.System);
        using var shared = Hybrid.Encapsulate(key.PublicKey.Span, RandomSource.System, out byte[] ciphertext);
        foreach (int place in new[] { 0, 1087, 1088, 1118 })
        {
            ciphertext[place] ^= 1;
            using var other = key.Decapsulate(ciphertext);
            Assert.False(other!.EqualsFixedTime(shared!.Reveal()), $"byte {place}");
            ciphertext[place] ^= 1;
        }
        using var again = key.Decapsulate(ciphertext);
        Assert.True(again!.EqualsFixedTime(shared!.Reveal()));
    }

    /// <summary>A good lattice half beside a curve point of low order: what an attacker who breaks lattices would like to be sent.</summary>
    [Theory]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("0100000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800")]
    [InlineData("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")]
    public void ACurveHalfOfLowOrderIsRefused(string point)
    {
        using var key = Hybrid.Generate(RandomSource.System);
        byte[] publicKey = [.. key.PublicKey.Span[..1184], .. Convert.FromHexString(point)];
        Assert.False(Hybrid.IsValidPublicKey(publicKey));
        Assert.Null(Hybrid.Encapsulate(publicKey, RandomSource.System, out _));
        Assert.Null(key.Decapsulate([.. new byte[1088], .. Convert.FromHexString(point)]));
        Assert.True(Hybrid.IsValidPublicKey(key.PublicKey.Span));
    }

    [Theory, InlineData(0), InlineData(31), InlineData(33), InlineData(64)]
    public void ASeedOfAWrongSizeIsTheCallersBug(int size) => Assert.Throws<ArgumentException>(() => Hybrid.Import(new byte[size]));

    private static HpkeSuite Suite(JsonElement test) => (test.GetProperty("kem_id").GetInt32(), test.GetProperty("aead_id").GetInt32()) switch
    {
        (0x0041, 1) => new HpkeSuite(new MlKem768(), Hkdf.Sha256, 1, Aead.Aes128Gcm, 1),
        (0x647a, 3) => new HpkeSuite(new MlKem768X25519(), Hkdf.Sha256, 1, Aead.ChaCha20Poly1305, 3),
        var other => throw new InvalidOperationException($"no such suite: {other}"),
    };

    private static JsonElement Load()
    {
        using var stream = typeof(PostQuantumTests).Assembly.GetManifestResourceStream("PostQuantumVectors.json")!;
        using var document = JsonDocument.Parse(stream);
        return document.RootElement.Clone();
    }
}
