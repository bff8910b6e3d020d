using CsCheck;
using Xunit;

namespace Holdfast.Cryptography.Tests;

/// <summary>Wrong sizes are the caller's bug and throw; forgeries are the world's and return false over a zeroed output.</summary>
public sealed class AeadTests
{
    /// <summary>Every algorithm, by the name of its property.</summary>
    public static TheoryData<string> Algorithms => [nameof(Aead.Aes128Gcm), nameof(Aead.Aes256Gcm), nameof(Aead.XChaCha20Poly1305)];

    [Theory]
    [MemberData(nameof(Algorithms))]
    public void WhatIsSealedOpens(string algorithm)
    {
        var aead = Find(algorithm);
        Gen.Select(Gen.Byte.Array[aead.KeySize], Gen.Byte.Array[aead.NonceSize], Gen.Byte.Array[0, 100], Gen.Byte.Array[0, 1000]).Sample(
            (key, nonce, associated, plaintext) =>
            {
                byte[] ciphertext = aead.Seal(key, nonce, associated, plaintext);
                Assert.Equal(plaintext.Length + Aead.TagSize, ciphertext.Length);
                Assert.Equal(plaintext, aead.Open(key, nonce, associated, ciphertext));
            });
    }

    [Theory]
    [MemberData(nameof(Algorithms))]
    public void OneFlippedBitIsAForgery(string algorithm)
    {
        var aead = Find(algorithm);
        byte[] plaintext = [.. "an ordinary message"u8];
        byte[][] parts = [new byte[aead.KeySize], new byte[aead.NonceSize], [1, 2, 3], []];
        parts[3] = aead.Seal(parts[0], parts[1], parts[2], plaintext);
        foreach (byte[] part in parts)
        {
            for (int bit = 0; bit < 8 * part.Length; bit++)
            {
                part[bit / 8] ^= (byte)(1 << (bit % 8));
                AssertRefused(aead, parts[0], parts[1], parts[2], parts[3]);
                part[bit / 8] ^= (byte)(1 << (bit % 8));
            }
        }
        Assert.Equal(plaintext, aead.Open(parts[0], parts[1], parts[2], parts[3]));
    }

    [Theory]
    [MemberData(nameof(Algorithms))]
    public void AForgeryOfAnyLengthIsRefused(string algorithm)
    {
        var aead = Find(algorithm);
        byte[] key = new byte[aead.KeySize], nonce = new byte[aead.NonceSize];
        byte[] whole = aead.Seal(key, nonce, [], new byte[40]);
        for (int length = 0; length < whole.Length; length++)
        {
            byte[] cut = whole[..length];
            Assert.Null(aead.Open(key, nonce, [], cut));
            if (length >= Aead.TagSize) AssertRefused(aead, key, nonce, [], cut);
            else Assert.False(aead.TryOpen(key, nonce, [], cut, []));
        }
        AssertRefused(aead, key, nonce, [], [.. whole, 0]);
    }

    [Theory]
    [MemberData(nameof(Algorithms))]
    public void WrongSizesThrow(string algorithm)
    {
        var aead = Find(algorithm);
        byte[] key = new byte[aead.KeySize], nonce = new byte[aead.NonceSize], sealedBytes = aead.Seal(key, nonce, [], [1, 2, 3]);
        foreach (int wrong in new[] { 0, 8, 11, 13, 15, 17, 23, 25, 31, 33, 64 })
        {
            Assert.Throws<ArgumentException>("key", () => aead.Seal(new byte[wrong], nonce, [], []));
            Assert.Throws<ArgumentException>("key", () => aead.Open(new byte[wrong], nonce, [], sealedBytes));
            Assert.Throws<ArgumentException>("nonce", () => aead.Seal(key, new byte[wrong], [], []));
            Assert.Throws<ArgumentException>("nonce", () => aead.Open(key, new byte[wrong], [], sealedBytes));
        }
        foreach (int wrong in new[] { 0, 2, 4, 18, 20 })
        {
            Assert.Throws<ArgumentException>("output", () => aead.Seal(key, nonce, [], [1, 2, 3], new byte[wrong]));
            Assert.Throws<ArgumentException>("output", () => aead.TryOpen(key, nonce, [], sealedBytes, new byte[wrong]));
        }
    }

    private static void AssertRefused(Aead aead, byte[] key, byte[] nonce, byte[] associated, byte[] ciphertext)
    {
        var output = new byte[ciphertext.Length - Aead.TagSize];
        output.AsSpan().Fill(0xaa);
        Assert.False(aead.TryOpen(key, nonce, associated, ciphertext, output));
        Assert.Equal(new byte[output.Length], output);
        Assert.Null(aead.Open(key, nonce, associated, ciphertext));
    }

    private static Aead Find(string algorithm) => algorithm switch
    {
        nameof(Aead.Aes128Gcm) => Aead.Aes128Gcm,
        nameof(Aead.Aes256Gcm) => Aead.Aes256Gcm,
        nameof(Aead.XChaCha20Poly1305) => Aead.XChaCha20Poly1305,
        _ => throw new ArgumentOutOfRangeException(nameof(algorithm)),
    };
}
