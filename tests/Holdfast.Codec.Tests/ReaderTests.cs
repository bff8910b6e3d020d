using Xunit;

namespace Holdfast.Codec.Tests;

/// <summary>What a reader gives back and what it refuses.</summary>
public sealed class ReaderTests
{
    [Fact]
    public void NumbersAreBigEndian()
    {
        var reader = new TlsReader(Convert.FromHexString("01 0203 04050607 08090a0b0c0d0e0f".Replace(" ", "", StringComparison.Ordinal)));
        Assert.Equal(0x01, reader.ReadUInt8());
        Assert.Equal(0x0203, reader.ReadUInt16());
        Assert.Equal(0x04050607u, reader.ReadUInt32());
        Assert.Equal(0x08090a0b0c0d0e0ful, reader.ReadUInt64());
        reader.ExpectEnd();
    }

    [Fact]
    public void WhatWasReadAndWhatIsLeftAreViews()
    {
        var reader = new TlsReader([1, 2, 3, 4]);
        reader.ReadUInt8();
        int start = reader.Position;
        reader.ReadUInt16();
        Assert.Equal([2, 3], reader.Since(start).ToArray());
        Assert.Equal([4], reader.Rest.ToArray());
        Assert.Equal(1, reader.Remaining);
    }

    [Fact]
    public void RejectsEveryNumberThatIsCutShort()
    {
        Assert.Throws<CodecException>(() => new TlsReader([]).ReadUInt8());
        Assert.Throws<CodecException>(() => new TlsReader([1]).ReadUInt16());
        Assert.Throws<CodecException>(() => new TlsReader([1, 2, 3]).ReadUInt32());
        Assert.Throws<CodecException>(() => new TlsReader([1, 2, 3, 4, 5, 6, 7]).ReadUInt64());
    }

    [Fact]
    public void RejectsBytesBehindTheStructure()
    {
        byte[] bytes = Tls.Encode(new Pair(1, new byte[] { 2, 3 }));
        Assert.Equal(1, Tls.Decode<Pair>(bytes).Tag);
        var error = Assert.Throws<CodecException>(() => Tls.Decode<Pair>([.. bytes, 0]));
        Assert.Contains("left over", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void RejectsAnElementThatOutgrowsItsVector()
    {
        // A vector of three bytes whose one element claims three bytes of content; enough bytes follow, outside the vector.
        byte[] bytes = [3, 7, 3, 0xaa, 0xbb, 0xcc];
        Assert.Throws<CodecException>(() => new TlsReader(bytes).ReadVector<Pair>());
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(1, true)]
    public void PresenceIsZeroOrOne(byte octet, bool present) => Assert.Equal(present, new TlsReader([octet]).ReadPresence());

    [Fact]
    public void RejectsEveryOtherPresenceOctet()
    {
        for (int octet = 2; octet <= byte.MaxValue; octet++)
        {
            byte[] bytes = [(byte)octet, 0, 0];
            Assert.Throws<CodecException>(() => new TlsReader(bytes).ReadPresence());
            Assert.Throws<CodecException>(() => new TlsReader(bytes).ReadOptional<Pair>());
        }
    }

    [Fact]
    public void AFieldMayReachItsLimitAndNotPassIt()
    {
        byte[] bytes = [3, .. "abc"u8];
        Assert.Equal(3, new TlsReader(bytes).ReadOpaque(limit: 3).Length);
        Assert.Equal("abc", new TlsReader(bytes).ReadText(limit: 3));
        Assert.Throws<CodecException>(() => { new TlsReader(bytes).ReadOpaque(limit: 2); });
        Assert.Throws<CodecException>(() => new TlsReader(bytes).ReadText(limit: 2));
    }

    [Fact]
    public void AVectorMayReachItsLimitAndNotPassIt()
    {
        byte[] bytes = [4, 1, 0, 2, 0];
        Assert.Equal(2, new TlsReader(bytes).ReadVector<Pair>(limit: 2).Count);
        Assert.Throws<CodecException>(() => new TlsReader(bytes).ReadVector<Pair>(limit: 1));
    }

    [Theory]
    [InlineData("80")]           // a continuation byte that continues nothing
    [InlineData("c0af")]         // overlong
    [InlineData("eda080")]       // half a surrogate pair
    [InlineData("f4908080")]     // beyond U+10FFFF
    [InlineData("e282")]         // cut short
    [InlineData("ff")]
    public void RejectsTextThatIsNotUtf8(string hex)
    {
        var writer = new TlsWriter();
        writer.WriteOpaque(Convert.FromHexString(hex));
        Assert.Throws<CodecException>(() => new TlsReader(writer.Written).ReadText(limit: 100));
    }

    [Theory]
    [InlineData("")]
    [InlineData("plain")]
    [InlineData("\0\u00e9\u20ac\U0001f512")]
    [InlineData("\ufeffmarked")]
    public void TextReadsBackAsWritten(string text)
    {
        var writer = new TlsWriter();
        writer.WriteText(text);
        Assert.Equal(text, new TlsReader(writer.Written).ReadText(limit: 100));
    }

    [Fact]
    public void TextThatUtf8CannotSayIsTheWritersBug() =>
        Assert.ThrowsAny<ArgumentException>(() => new TlsWriter().WriteText("half a pair: " + '\ud800'));

    [Fact]
    public void ADisposedWriterLeavesNothingBehind()
    {
        var writer = new TlsWriter();
        writer.WriteBytes([1, 2, 3]);
        var view = writer.Written;
        writer.Dispose();
        Assert.Equal(new byte[3], view.ToArray());
        Assert.Equal(0, writer.Length);
    }

    [Fact]
    public void AWriterThatGrowsWipesWhatItOutgrew()
    {
        var writer = new TlsWriter(capacity: 4, pinned: true);   // its memory is nobody else's afterwards
        writer.WriteBytes([1, 2, 3, 4]);
        var outgrown = writer.Written;
        writer.WriteUInt8(5);
        Assert.Equal(new byte[4], outgrown.ToArray());
        Assert.Equal([1, 2, 3, 4, 5], writer.ToArray());
    }
}
