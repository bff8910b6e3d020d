using CsCheck;
using Xunit;

namespace Holdfast.Codec.Tests;

/// <summary>What is written reads back, and what is read was the one way to write it.</summary>
public sealed class RoundTripTests
{
    private static readonly Gen<Pair> Pairs =
        Gen.Select(Gen.Byte, Gen.Byte.Array[0, 100], (tag, content) => new Pair(tag, content));

    private static readonly Gen<Specimen> Specimens =
        from numbers in Gen.Select(Gen.Byte, Gen.UShort, Gen.UInt, Gen.ULong)
        from opaque in Gen.Byte.Array[0, 20_000]
        from text in Gen.Char['\u0020', '\ud7ff'].Array[0, Specimen.TextLimit / 3]
        from present in Gen.Bool
        from optional in Pairs
        from vector in Pairs.Array[0, 20]
        select new Specimen(
            numbers.Item1, numbers.Item2, numbers.Item3, numbers.Item4, opaque, new string(text), present ? optional : null, vector);

    [Fact]
    public void EveryStructureReadsBackAsWritten() => Specimens.Sample(written =>
    {
        var read = Tls.Decode<Specimen>(Tls.Encode(written));
        Assert.Equal(
            (written.Small, written.Medium, written.Large, written.Huge, written.Text),
            (read.Small, read.Medium, read.Large, read.Huge, read.Text));
        Assert.Equal(written.Opaque.ToArray(), read.Opaque.ToArray());
        Assert.Equal(written.Optional is null, read.Optional is null);
        if (written.Optional is not null) AssertSame(written.Optional, read.Optional!);
        Assert.Equal(written.Vector.Count, read.Vector.Count);
        for (int i = 0; i < read.Vector.Count; i++) AssertSame(written.Vector[i], read.Vector[i]);
    });

    [Theory, InlineData(null, "00"), InlineData("", "0100"), InlineData("hé", "010368c3a9")]
    public void TextThatMayBeMissingReadsBackAsWritten(string? text, string hex)
    {
        var writer = new TlsWriter();
        writer.WriteOptionalText(text);
        Assert.Equal(Convert.FromHexString(hex), writer.ToArray());
        Assert.Equal(text, new TlsReader(writer.Written).ReadOptionalText(limit: 3));
    }

    [Fact]
    public void EveryProperPrefixIsRefused() => Specimens.Sample(
        written =>
        {
            byte[] bytes = Tls.Encode(written);
            for (int length = 0; length < bytes.Length; length += 1 + (length / 50))
                Assert.Throws<CodecException>(() => Tls.Decode<Specimen>(bytes.AsSpan(0, length)));
        },
        iter: 10);

    [Fact]
    public void HostileBytesAreRefusedOrAreTheOneEncoding() => Gen.Select(Specimens, Gen.Int[0, int.MaxValue], Gen.Byte).Sample(
        (specimen, place, mask) =>
        {
            byte[] bytes = Tls.Encode(specimen);
            bytes[place % bytes.Length] ^= mask;
            if (TryDecode(bytes) is { } read) Assert.Equal(bytes, Tls.Encode(read));
        });

    [Fact]
    public void RandomBytesAreRefusedOrAreTheOneEncoding() => Gen.Byte.Array[0, 64].Sample(bytes =>
    {
        if (TryDecode(bytes) is { } read) Assert.Equal(bytes, Tls.Encode(read));
    });

    [Fact]
    public void ALengthPutBeforeWhatWasWrittenEqualsOneWrittenFirst() => Gen.Byte.Array[0, 20_000].Sample(content =>
    {
        var before = new TlsWriter(capacity: 1);
        before.WriteOpaque(content);
        var after = new TlsWriter(capacity: 1);
        after.WriteBytes(content);
        after.PrefixLength(0);
        Assert.Equal(before.ToArray(), after.ToArray());
    });

    /// <summary>Null for bytes that are refused; any exception but <see cref="CodecException"/> fails the test.</summary>
    private static Specimen? TryDecode(byte[] bytes)
    {
        try { return Tls.Decode<Specimen>(bytes); }
        catch (CodecException) { return null; }
    }

    private static void AssertSame(Pair expected, Pair actual)
    {
        Assert.Equal(expected.Tag, actual.Tag);
        Assert.Equal(expected.Content.ToArray(), actual.Content.ToArray());
    }
}
