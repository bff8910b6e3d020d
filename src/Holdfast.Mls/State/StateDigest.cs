using System.Security.Cryptography;

namespace Holdfast.Mls;

/// <summary>
/// docs/STATE.md: the sum of the SHA-256 hashes of a group's records, modulo 2^256, so that it follows a step without a look at
/// what the step left alone. It finds what is damaged, missing, too many, stale or another group's; it is no keyed MAC.
/// </summary>
internal sealed class StateDigest
{
    /// <summary>In bytes.</summary>
    internal const int Size = SHA256.HashSizeInBytes;

    private readonly byte[] _sum = new byte[Size];   // big-endian

    /// <summary>That of no records.</summary>
    internal StateDigest()
    {
    }

    /// <summary>One to go on from.</summary>
    internal StateDigest(ReadOnlySpan<byte> sum) => sum.CopyTo(_sum);

    internal byte[] ToBytes() => [.. _sum];

    /// <summary>Takes a record in.</summary>
    /// <param name="record">The key's length in one byte, the key, the value.</param>
    internal void Add(ReadOnlySpan<byte> record) => Count(record, 1);

    /// <summary>Takes a record out.</summary>
    /// <param name="record">As it was when it came in.</param>
    internal void Remove(ReadOnlySpan<byte> record) => Count(record, -1);

    private void Count(ReadOnlySpan<byte> record, int times)
    {
        Span<byte> hash = stackalloc byte[Size];
        SHA256.HashData(record, hash);
        int carry = 0;
        for (int i = Size - 1; i >= 0; i--)
        {
            carry += _sum[i] + (times * hash[i]);
            _sum[i] = (byte)(carry & 0xff);
            carry >>= 8;
        }
    }
}
