using System.Security.Cryptography;
using Xunit;

namespace Holdfast.Cryptography.Tests;

/// <summary>What every suite owes its callers, whatever it is made of.</summary>
public sealed class EverySuiteTests
{
    private static readonly byte[] Message = "what is said"u8.ToArray();

    public static TheoryData<ushort> Ids => [.. CipherSuite.All.Select(static suite => suite.Id)];

    [Fact]
    public void TheSevenOfTheRfcAndTheHybridAreThere() =>
        Assert.Equal([1, 2, 3, 4, 5, 6, 7, CipherSuite.HybridCodePoint], CipherSuite.All.Select(static suite => (int)suite.Id));

    [Theory]   // RFC 9180 §7.1 to §7.3, and RFC 9420 §17.1's table; draft-ietf-hpke-pq §8 and draft-ietf-mls-pq-ciphersuites §3
    [InlineData(1, 0x0020, 32, 32, 32, 16)]
    [InlineData(2, 0x0010, 65, 65, 32, 16)]
    [InlineData(3, 0x0020, 32, 32, 32, 32)]
    [InlineData(4, 0x0021, 56, 56, 64, 32)]
    [InlineData(5, 0x0012, 133, 133, 64, 32)]
    [InlineData(6, 0x0021, 56, 56, 64, 32)]
    [InlineData(7, 0x0011, 97, 97, 48, 32)]
    [InlineData(CipherSuite.HybridCodePoint, 0x647a, 1216, 1120, 48, 32)]
    public void ItIsMadeOfWhatTheRegistrySays(ushort id, ushort kem, int publicKeySize, int encapsulationSize, int hashSize, int keySize)
    {
        var suite = CipherSuite.Find(id)!;
        Assert.Equal(kem, suite.Hpke.Kem.Id);
        Assert.Equal(publicKeySize, suite.Hpke.Kem.PublicKeySize);
        Assert.Equal(encapsulationSize, suite.Hpke.Kem.EncapsulationSize);
        Assert.Equal(hashSize, suite.Hkdf.HashSize);
        Assert.Equal(keySize, suite.Aead.KeySize);
        Assert.Equal(12, suite.Aead.NonceSize);
    }

    [Theory, MemberData(nameof(Ids))]
    public void WhatIsSignedVerifiesAndNothingElseDoes(ushort id)
    {
        var scheme = CipherSuite.Find(id)!.Signature;
        using var key = scheme.Generate(RandomSource.System);
        using var same = scheme.Import(key.RevealPrivateKey());
        using var other = scheme.Generate(RandomSource.System);
        byte[] signature = same.Sign(Message);
        Assert.Equal(key.PublicKey.ToArray(), same.PublicKey.ToArray());
        Assert.True(scheme.Verify(key.PublicKey.Span, Message, signature));
        Assert.False(scheme.Verify(other.PublicKey.Span, Message, signature));
        Assert.False(scheme.Verify(key.PublicKey.Span, [.. Message, 0], signature));
        Assert.False(scheme.Verify(key.PublicKey.Span[1..], Message, signature));
        Assert.False(scheme.Verify([], Message, signature));
        for (int i = 0; i < signature.Length; i++)
        {
            signature[i] ^= 0x10;
            Assert.False(scheme.Verify(key.PublicKey.Span, Message, signature));
            signature[i] ^= 0x10;
            Assert.False(scheme.Verify(key.PublicKey.Span, Message, signature.AsSpan(0, i)));
        }
        Assert.False(scheme.Verify(key.PublicKey.Span, Message, [.. signature, 0]));
    }

    [Theory, MemberData(nameof(Ids))]
    public void WhatIsSealedOpensForItsReceiverAlone(ushort id)
    {
        var hpke = CipherSuite.Find(id)!.Hpke;
        using var key = hpke.Kem.DeriveKeyPair(Message);
        using var same = hpke.Kem.Import(key.RevealPrivateKey());
        using var other = hpke.Kem.Generate(RandomSource.System);
        var message = hpke.Seal(key.PublicKey.Span, "info"u8, "associated"u8, Message, RandomSource.System)!;
        Assert.Equal(key.PublicKey.ToArray(), same.PublicKey.ToArray());
        Assert.True(hpke.Kem.IsValidPublicKey(key.PublicKey.Span));
        using var opened = hpke.Open(same, message.Encapsulation.Span, "info"u8, "associated"u8, message.Ciphertext.Span);
        Assert.Equal(Message, opened!.Reveal());
        Assert.Null(hpke.Open(other, message.Encapsulation.Span, "info"u8, "associated"u8, message.Ciphertext.Span));
        var another = hpke.Seal(key.PublicKey.Span, "info"u8, "associated"u8, Message, RandomSource.System)!;
        Assert.Null(hpke.Open(same, another.Encapsulation.Span, "info"u8, "associated"u8, message.Ciphertext.Span));
        Assert.Null(hpke.Open(same, message.Encapsulation.Span[1..], "info"u8, "associated"u8, message.Ciphertext.Span));
    }

    [Theory, MemberData(nameof(Ids))]
    public void APublicKeyThatIsNoneIsRefused(ushort id)
    {
        var kem = CipherSuite.Find(id)!.Hpke.Kem;
        using var key = kem.Generate(RandomSource.System);
        byte[] offTheCurve = key.PublicKey.ToArray();
        offTheCurve[^1] ^= 1;
        byte[][] none = [[], new byte[kem.PublicKeySize], new byte[kem.PublicKeySize - 1], [.. key.PublicKey.Span, 0]];
        Assert.Null(key.Decapsulate(new byte[kem.EncapsulationSize]));   // the curve's zero, in the hybrid's last bytes, too
        if (kem is DhKemNist) none = [.. none, offTheCurve, [2, .. key.PublicKey.Span[1..((key.PublicKey.Length + 1) / 2)]]];
        foreach (byte[] bytes in none)
        {
            Assert.False(kem.IsValidPublicKey(bytes));
            Assert.Null(kem.Encapsulate(bytes, RandomSource.System, out _));
            if (kem is DhKem || bytes.Length != kem.EncapsulationSize) Assert.Null(key.Decapsulate(bytes));
        }
    }

    [Theory, MemberData(nameof(Ids))]
    public void APrivateKeyThatIsNoneIsTheCallersBug(ushort id)
    {
        var suite = CipherSuite.Find(id)!;
        using var key = suite.Hpke.Kem.Generate(RandomSource.System);
        using var signer = suite.Signature.Generate(RandomSource.System);
        Assert.Throws<ArgumentException>(() => suite.Hpke.Kem.Import([]));
        Assert.Throws<ArgumentException>(() => suite.Signature.Import([]));
        Assert.Throws<ArgumentException>(() => suite.Hpke.Kem.Import(new byte[key.RevealPrivateKey().Length + 1]));
        Assert.Throws<ArgumentException>(() => suite.Signature.Import(new byte[signer.RevealPrivateKey().Length + 1]));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(7)]
    public void AScalarIsFromOneToBelowTheOrder(ushort id)
    {
        var suite = CipherSuite.Find(id)!;
        byte[] order = OrderOf(id);
        Assert.Throws<ArgumentException>(() => suite.Hpke.Kem.Import(order));
        Assert.Throws<ArgumentException>(() => suite.Signature.Import(order));
        Assert.Throws<ArgumentException>(() => suite.Hpke.Kem.Import(new byte[order.Length]));
        order[^1]--;
        using var last = suite.Hpke.Kem.Import(order);
        using var one = suite.Hpke.Kem.Import([1]);   // without its leading zeros
        int size = (one.PublicKey.Length - 1) / 2;
        Assert.Equal(one.PublicKey.Slice(1, size).ToArray(), last.PublicKey.Slice(1, size).ToArray());   // the order less 1 is -1
        Assert.NotEqual(one.PublicKey.ToArray(), last.PublicKey.ToArray());
        Assert.Equal(order.Length, one.RevealPrivateKey().Length);
    }

    [Theory, MemberData(nameof(Ids))]
    public void AfterTheirEndKeysThrowAndTheyAreNotPrinted(ushort id)
    {
        var suite = CipherSuite.Find(id)!;
        var signer = suite.Signature.Generate(RandomSource.System);
        var kem = suite.Hpke.Kem.Generate(RandomSource.System);
        Assert.Equal("SignatureKey", signer.ToString());
        Assert.Equal("KemKey", kem.ToString());
        suite.Hpke.Kem.Encapsulate(kem.PublicKey.Span, RandomSource.System, out byte[] encapsulation)!.Dispose();
        signer.Dispose();
        kem.Dispose();
        Assert.Throws<ObjectDisposedException>(() => signer.Sign(Message));
        Assert.Throws<ObjectDisposedException>(() => signer.RevealPrivateKey().Length);
        Assert.Throws<ObjectDisposedException>(() => kem.RevealPrivateKey().Length);
        Assert.Throws<ObjectDisposedException>(() => kem.Decapsulate(encapsulation));
    }

    private static byte[] OrderOf(ushort id)
    {
        using var key = ECDsa.Create(id switch
        {
            2 => ECCurve.NamedCurves.nistP256,
            5 => ECCurve.NamedCurves.nistP521,
            _ => ECCurve.NamedCurves.nistP384,
        });
        return key.ExportExplicitParameters(includePrivateParameters: false).Curve.Order!;
    }
}
