using CsCheck;
using Holdfast.Codec;
using Xunit;

namespace Holdfast.Protocol.Tests;

/// <summary>Few sizes leave a device, and only what was padded is unpadded.</summary>
public sealed class PaddingTests
{
    [Fact]
    public void TheBucketsAreTheOnesPromised()
    {
        int[] buckets = [.. Enumerable.Range(0, 256 << 10).Select(Padding.BucketFor).Distinct()];
        int[] kib = [1, 2, 4, 8, 16, 32, 64, 128, 192, 256];
        Assert.Equal([256, 512, .. kib.Select(size => size << 10)], buckets);
        Assert.InRange(buckets.Length, 1, 12);
        Assert.Equal(320 << 10, Padding.BucketFor(256 << 10));
    }

    [Fact]
    public void WhatWasPaddedComesBack() => Gen.Byte.Array[0, 3000].Sample(bytes =>
        Padding.Unpad(Padding.Pad(bytes)).SequenceEqual(bytes) && Padding.Pad(bytes).Length == Padding.BucketFor(bytes.Length));

    [Theory, InlineData(255), InlineData(256), InlineData(511), InlineData(65535), InlineData(65536), InlineData(131071), InlineData(400_000)]
    public void TheEdgesOfBucketsComeBack(int length)
    {
        byte[] bytes = [.. Enumerable.Repeat((byte)0x80, length)];
        Assert.Equal(bytes, Padding.Unpad(Padding.Pad(bytes)));
    }

    [Fact]
    public void MalformedPaddingIsRefused()
    {
        AssertRefused([]);
        AssertRefused([0x80]);                                       // not a bucket
        AssertRefused(new byte[256]);                                // no mark
        AssertRefused([.. new byte[255], 0x81]);                     // not the mark
        AssertRefused([0x80, .. new byte[511]]);                     // a bucket too large
        AssertRefused([.. Padding.Pad([1, 2, 3]), 0]);               // not a bucket
        AssertRefused(Padding.Pad([1, 2, 3])[..^1]);
        AssertRefused([.. new byte[600], 0x80, .. new byte[167]]);   // 768 is no bucket
        AssertRefused([.. new byte[100_000], 0x80, .. new byte[(256 << 10) - 100_001]]);
    }

    private static void AssertRefused(byte[] padded) => Assert.Throws<CodecException>(() => Padding.Unpad(padded).Length);
}
