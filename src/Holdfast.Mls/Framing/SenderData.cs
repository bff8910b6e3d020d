using System.Buffers.Binary;
using System.Security.Cryptography;
using Holdfast.Codec;
using Holdfast.Cryptography;

namespace Holdfast.Mls;

/// <summary>RFC 9420 §6.3.2: who sent a private message, and which key it is under.</summary>
/// <param name="Leaf">The sender's leaf.</param>
/// <param name="Generation">The generation of the sender's ratchet.</param>
/// <param name="ReuseGuard">Four random bytes that make the nonce differ even if a ratchet were to be used twice.</param>
public readonly record struct SenderData(LeafIndex Leaf, uint Generation, uint ReuseGuard) : ITlsStruct<SenderData>
{
    internal const int Size = 12;

    /// <inheritdoc/>
    public void Encode(TlsWriter writer)
    {
        writer.WriteUInt32(Leaf.Value);
        writer.WriteUInt32(Generation);
        writer.WriteUInt32(ReuseGuard);
    }

    /// <inheritdoc/>
    public static SenderData Decode(ref TlsReader reader) =>
        new(new LeafIndex(reader.ReadUInt32()), reader.ReadUInt32(), reader.ReadUInt32());

    /// <summary>What a message under that key says, with a fresh reuse guard (RFC 9420 §6.3.1).</summary>
    internal static SenderData Of(LeafIndex sender, RatchetStep step, RandomSource random)
    {
        Span<byte> guard = stackalloc byte[4];
        random.FillPublic(guard);
        return new SenderData(sender, step.Generation, BinaryPrimitives.ReadUInt32BigEndian(guard));
    }

    /// <summary>RFC 9420 §6.3.1: the ratchet's nonce, its first four bytes mixed with the reuse guard.</summary>
    internal void GuardNonce(RatchetStep step, Span<byte> nonce)
    {
        step.RevealNonce().CopyTo(nonce);
        BinaryPrimitives.WriteUInt32BigEndian(nonce, BinaryPrimitives.ReadUInt32BigEndian(nonce) ^ ReuseGuard);
    }

    /// <summary>Encrypts, under a key that depends on the message's ciphertext.</summary>
    internal byte[] Seal(CipherSuite suite, Secret senderDataSecret, ReadOnlySpan<byte> ciphertext, ReadOnlySpan<byte> associated)
    {
        byte[] output = new byte[Size + Aead.TagSize];
        Seal(suite, senderDataSecret, ciphertext, associated, output);
        return output;
    }

    /// <summary>The same in place.</summary>
    internal void Seal(
        CipherSuite suite, Secret senderDataSecret, ReadOnlySpan<byte> ciphertext, ReadOnlySpan<byte> associated, Span<byte> output)
    {
        Span<byte> plaintext = stackalloc byte[Size];
        Span<byte> key = stackalloc byte[suite.Aead.KeySize], nonce = stackalloc byte[suite.Aead.NonceSize];
        BinaryPrimitives.WriteUInt32BigEndian(plaintext, Leaf.Value);
        BinaryPrimitives.WriteUInt32BigEndian(plaintext[4..], Generation);
        BinaryPrimitives.WriteUInt32BigEndian(plaintext[8..], ReuseGuard);
        Derive(suite, senderDataSecret, ciphertext, key, nonce);
        suite.Aead.Seal(key, nonce, associated, plaintext, output);
        CryptographicOperations.ZeroMemory(key);
    }

    /// <summary>Decrypts; null for a forgery.</summary>
    internal static SenderData? Open(
        CipherSuite suite,
        Secret senderDataSecret,
        ReadOnlySpan<byte> ciphertext,
        ReadOnlySpan<byte> associated,
        ReadOnlySpan<byte> encryptedSenderData)
    {
        if (encryptedSenderData.Length != Size + Aead.TagSize) return null;
        Span<byte> plaintext = stackalloc byte[Size];
        Span<byte> key = stackalloc byte[suite.Aead.KeySize], nonce = stackalloc byte[suite.Aead.NonceSize];
        Derive(suite, senderDataSecret, ciphertext, key, nonce);
        bool isGenuine = suite.Aead.TryOpen(key, nonce, associated, encryptedSenderData, plaintext);
        CryptographicOperations.ZeroMemory(key);
        if (!isGenuine) return null;
        var reader = new TlsReader(plaintext);
        return Decode(ref reader);
    }

    /// <summary>RFC 9420 §6.3.2: sender_data_key and sender_data_nonce; wiping the key is the caller's.</summary>
    internal static void Derive(CipherSuite suite, Secret senderDataSecret, ReadOnlySpan<byte> ciphertext, Span<byte> key, Span<byte> nonce)
    {
        suite.ExpandWithLabel(senderDataSecret.Reveal(), Labels.Key, Sample(suite, ciphertext), key);
        suite.ExpandWithLabel(senderDataSecret.Reveal(), Labels.Nonce, Sample(suite, ciphertext), nonce);
    }

    private static ReadOnlySpan<byte> Sample(CipherSuite suite, ReadOnlySpan<byte> ciphertext) =>
        ciphertext[..Math.Min(suite.Hkdf.HashSize, ciphertext.Length)];
}
