using System.Buffers.Binary;
using System.Numerics;
using Holdfast.Cryptography;
using Holdfast.Protocol;

namespace Holdfast.Client;

/// <summary>
/// How a file lies at the server: padded, then AES-256-GCM in chunks. A chunk's nonce is its number and whether it is the last
/// (the STREAM construction), and the blob's id is associated data, so chunks that are changed, dropped, moved, or of another
/// file do not open. The key is for one file only, so a nonce is never used twice.
/// </summary>
internal static class AttachmentFormat
{
    /// <summary>How much of the file is in one chunk.</summary>
    internal const int ChunkBytes = 64 << 10;

    /// <summary>A whole chunk as it is stored.</summary>
    internal const int SealedChunkBytes = ChunkBytes + Aead.TagSize;

    private const int NonceBytes = 12, NumberOffset = 3, LastOffset = 11;
    private const ulong SmallestBytes = 1 << 10;

    /// <summary>
    /// The size that is shown to the server: Padmé (PURBs, Nikitin et al. 2019) rounds up by less than 12 % and leaves
    /// O(log log size) bits of information; the smallest files all look like 1 KiB.
    /// </summary>
    internal static ulong PaddedSize(ulong size)
    {
        if (size <= SmallestBytes) return SmallestBytes;
        int exponent = BitOperations.Log2(size), kept = BitOperations.Log2((uint)exponent) + 1;
        ulong mask = (1UL << (exponent - kept)) - 1;
        return (size + mask) & ~mask;
    }

    /// <summary>The blob's size for a file of <paramref name="size"/> bytes.</summary>
    internal static ulong BlobSize(ulong size)
    {
        ulong padded = PaddedSize(size);
        return padded + (ChunkCount(padded) * Aead.TagSize);
    }

    internal static void Seal(
        ReadOnlySpan<byte> key, BlobId blob, ulong number, bool last, ReadOnlySpan<byte> chunk, Span<byte> output)
    {
        Span<byte> nonce = stackalloc byte[NonceBytes];
        WriteNonce(nonce, number, last);
        Aead.Aes256Gcm.Seal(key, nonce, blob.ToBytes(), chunk, output);
    }

    internal static bool TryOpen(
        ReadOnlySpan<byte> key, BlobId blob, ulong number, bool last, ReadOnlySpan<byte> chunk, Span<byte> output)
    {
        Span<byte> nonce = stackalloc byte[NonceBytes];
        WriteNonce(nonce, number, last);
        return Aead.Aes256Gcm.TryOpen(key, nonce, blob.ToBytes(), chunk, output);
    }

    private static ulong ChunkCount(ulong padded) => (padded + ChunkBytes - 1) / ChunkBytes;

    private static void WriteNonce(Span<byte> nonce, ulong number, bool last)
    {
        nonce.Clear();
        BinaryPrimitives.WriteUInt64BigEndian(nonce[NumberOffset..], number);
        nonce[LastOffset] = last ? (byte)1 : (byte)0;
    }
}
