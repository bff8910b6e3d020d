using System.Numerics;
using Holdfast.Codec;

namespace Holdfast.Protocol;

/// <summary>
/// Hides how long something is before it is sealed: ISO/IEC 7816-4 padding (one byte 0x80, then zeros) up to the next bucket.
/// Buckets double from 256 bytes to 64 KiB and are multiples of 64 KiB from there, so they tell less than four bits of most
/// messages' length.
/// </summary>
public static class Padding
{
    private const int SmallestBucket = 256;
    private const int Step = 64 << 10;
    private const byte Mark = 0x80;

    /// <summary>The padded size of so many bytes; the mark takes one.</summary>
    public static int BucketFor(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        int needed = length + 1;
        if (needed <= SmallestBucket) return SmallestBucket;
        return needed <= Step ? (int)BitOperations.RoundUpToPowerOf2((uint)needed) : (length / Step * Step) + Step;
    }

    /// <summary>The bytes, the mark and zeros up to the bucket.</summary>
    public static byte[] Pad(ReadOnlySpan<byte> bytes)
    {
        var padded = new byte[BucketFor(bytes.Length)];
        bytes.CopyTo(padded);
        padded[bytes.Length] = Mark;
        return padded;
    }

    /// <summary>What was padded, a view into <paramref name="padded"/>. Only what <see cref="Pad"/> makes is accepted.</summary>
    /// <exception cref="CodecException">There is no mark, or the bucket is not the one <see cref="Pad"/> would have chosen.</exception>
    public static ReadOnlySpan<byte> Unpad(ReadOnlySpan<byte> padded)
    {
        int mark = padded.LastIndexOfAnyExcept((byte)0);
        if (mark < 0 || padded[mark] != Mark) throw new CodecException("ISO/IEC 7816-4: the padding has no mark");
        if (BucketFor(mark) != padded.Length) throw new CodecException("the padding is not up to its bucket");
        return padded[..mark];
    }
}
