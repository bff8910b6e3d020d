using System.Runtime.InteropServices;
using System.Security.Cryptography;
using CsCheck;
using Xunit;

namespace Holdfast.Cryptography.Tests;

/// <summary>Ed25519 signs what RFC 8032 verifies, and a signature that went wrong never leaves.</summary>
public sealed class SignatureTests
{
    private static readonly Ed25519 Scheme = new();

    [Theory]   // RFC 8032 §7.1, tests 1 to 3
    [InlineData(
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b")]
    [InlineData(
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00")]
    [InlineData(
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a")]
    public void SignsAndVerifiesAsTheRfcSays(string privateKey, string publicKey, string message, string signature)
    {
        using var key = Scheme.Import(Convert.FromHexString(privateKey));
        Assert.Equal(privateKey, Convert.ToHexStringLower(key.RevealPrivateKey()));
        Assert.Equal(publicKey, Convert.ToHexStringLower(key.PublicKey.Span));
        byte[] said = Convert.FromHexString(message), theirs = Convert.FromHexString(signature), ours = key.Sign(said);
        Assert.True(Scheme.Verify(key.PublicKey.Span, said, theirs));
        Assert.True(Scheme.Verify(key.PublicKey.Span, said, ours));
        Assert.NotEqual(theirs, ours);   // hedged: another nonce each time
    }

    [Fact]
    public void WhatIsSignedVerifiesAndNothingElseDoes() => Gen.Byte.Array[1, 1000].Sample(message =>
    {
        using var key = Scheme.Generate(RandomSource.System);
        using var other = Scheme.Generate(RandomSource.System);
        byte[] signature = key.Sign(message);
        Assert.True(Scheme.Verify(key.PublicKey.Span, message, signature));
        Assert.False(Scheme.Verify(other.PublicKey.Span, message, signature));
        message[0] ^= 1;
        Assert.False(Scheme.Verify(key.PublicKey.Span, message, signature));
    });

    [Theory]
    [InlineData(0x0001)]   // Ed25519
    [InlineData(0x0004)]   // Ed448
    public void ASignatureThatWentWrongNeverLeaves(ushort suite)
    {
        using var key = CipherSuite.Find(suite)!.Signature.Generate(RandomSource.System);
        int length = key.Sign([1, 2, 3]).Length;
        for (int bit = 0; bit < 8 * key.RevealPrivateKey().Length; bit += 5)
        {
            Flip(key, bit);
            Assert.Throws<CryptographicException>(() => key.Sign([1, 2, 3]));
            Flip(key, bit);
        }
        Assert.Equal(length, key.Sign([1, 2, 3]).Length);
    }

    [Theory]
    [InlineData(0, 64)]
    [InlineData(31, 64)]
    [InlineData(33, 64)]
    [InlineData(32, 0)]
    [InlineData(32, 63)]
    [InlineData(32, 65)]
    public void AKeyOrSignatureOfAWrongSizeDoesNotVerify(int keySize, int signatureSize) =>
        Assert.False(Scheme.Verify(new byte[keySize], [], new byte[signatureSize]));

    [Fact]
    public void AZeroKeyVerifiesNothing() => Assert.False(Scheme.Verify(new byte[32], [], new byte[64]));

    [Theory]
    [InlineData(0)]
    [InlineData(31)]
    [InlineData(33)]
    [InlineData(64)]
    public void APrivateKeyOfAWrongSizeIsTheCallersBug(int size) =>
        Assert.Throws<ArgumentException>(() => Scheme.Import(new byte[size]));

    /// <summary>A fault in the key's own memory, as a glitch would make it.</summary>
    private static void Flip(SignatureKey key, int bit)
    {
        ref byte start = ref MemoryMarshal.GetReference(key.RevealPrivateKey());
        MemoryMarshal.CreateSpan(ref start, key.RevealPrivateKey().Length)[bit / 8] ^= (byte)(1 << (bit % 8));
    }
}
