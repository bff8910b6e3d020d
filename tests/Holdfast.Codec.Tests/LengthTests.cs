using CsCheck;
using Xunit;

namespace Holdfast.Codec.Tests;

/// <summary>RFC 9420 §2.1.2: the length of a vector, in one, two or four bytes, and only in the shortest.</summary>
public sealed class LengthTests
{
    [Theory]
    [InlineData(0, "00")]
    [InlineData(37, "25")]
    [InlineData(63, "3f")]
    [InlineData(64, "4040")]
    [InlineData(15293, "7bbd")]
    [InlineData(16383, "7fff")]
    [InlineData(16384, "80004000")]
    [InlineData(494878333, "9d7f3e7d")]
    [InlineData(TlsWriter.MaxLength, "bfffffff")]
    public void EachFormIsWrittenAndReadAsTheRfcSays(int length, string hex)
    {
        Assert.Equal(hex, Convert.ToHexStringLower(Written(length)));
        Assert.Equal(length, Read(Convert.FromHexString(hex)));
    }

    [Theory]
    [InlineData("4000")]
    [InlineData("4025")]
    [InlineData("403f")]
    [InlineData("80000000")]
    [InlineData("8000003f")]
    [InlineData("80003fff")]
    public void RejectsLengthNotInShortestForm(string hex)
    {
        var error = Assert.Throws<CodecException>(() => Read(Convert.FromHexString(hex)));
        Assert.Contains("shortest", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("c0")]
    [InlineData("ff")]
    [InlineData("c000000000000001")]
    [InlineData("ffffffffffffffff")]
    public void RejectsPrefixThree(string hex)
    {
        var error = Assert.Throws<CodecException>(() => Read(Convert.FromHexString(hex)));
        Assert.Contains("prefix 3", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("40")]
    [InlineData("80")]
    [InlineData("8000")]
    [InlineData("800040")]
    public void RejectsTruncatedLength(string hex) =>
        Assert.Throws<CodecException>(() => Read(Convert.FromHexString(hex)));

    [Theory]
    [InlineData(-1)]
    [InlineData(int.MinValue)]
    [InlineData(TlsWriter.MaxLength + 1)]
    [InlineData(int.MaxValue)]
    public void AVectorOutsideTheRangeIsTheWritersBug(int length) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Written(length));

    [Fact]
    public void EveryLengthReadsBackAsWritten() =>
        Gen.Int[0, TlsWriter.MaxLength].Sample(length => Read(Written(length)) == length);

    [Fact]
    public void EveryShortLengthReadsBackAsWritten()
    {
        for (int length = 0; length < 70_000; length++) Assert.Equal(length, Read(Written(length)));
    }

    [Fact]
    public void WhateverIsAcceptedIsTheOneEncoding() =>
        Gen.Byte.Array[1, 4].Sample(
            bytes => !TryRead(bytes, out int length, out int used) || bytes.AsSpan(0, used).SequenceEqual(Written(length)),
            iter: 100_000);

    private static byte[] Written(int length)
    {
        var writer = new TlsWriter();
        writer.WriteLength(length);
        return writer.ToArray();
    }

    private static int Read(byte[] bytes) => new TlsReader(bytes).ReadLength();

    private static bool TryRead(byte[] bytes, out int length, out int used)
    {
        (length, used) = (0, 0);
        var reader = new TlsReader(bytes);
        try { length = reader.ReadLength(); }
        catch (CodecException) { return false; }
        used = reader.Position;
        return true;
    }
}
