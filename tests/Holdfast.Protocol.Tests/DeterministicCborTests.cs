using Holdfast.Codec;
using Xunit;

namespace Holdfast.Protocol.Tests;

/// <summary>RFC 8949 §4.2.1 and draft-ietf-mimi-content §6: each thing has one encoding, and the others are refused.</summary>
public sealed class DeterministicCborTests
{
    private const string BeforeExtensions = "8750000102030405060708090a0b0c0d0e0ff640f6f6";
    private const string Body = "83016000";

    [Theory]
    [InlineData("00")]
    [InlineData("1818")]
    [InlineData("1bffffffffffffffff")]
    [InlineData("3bffffffffffffffff")]
    [InlineData("f4")]
    [InlineData("f7")]
    [InlineData("f8ff")]
    [InlineData("f97e00")]
    [InlineData("f97c00")]
    [InlineData("fa7f7fffff")]
    [InlineData("fb3ff199999999999a")]
    [InlineData("c249010000000000000000")]
    [InlineData("c349010000000000000000")]
    [InlineData("a301002000416100")]
    [InlineData("a3010018ff00200a")]
    [InlineData("81818100")]
    [InlineData("8282421234d82072687474703a2f2f6578616d706c652e636f6d8242345619168b")]
    public void AnExtensionMayHoldAnyDeterministicItem(string value)
    {
        byte[] bytes = Content("a120" + value);
        Assert.Equal(bytes, MimiContent.Decode(bytes).Encode());
    }

    [Theory]
    [InlineData("1817")]                     // not the shortest integer
    [InlineData("1900ff")]
    [InlineData("1a0000ffff")]
    [InlineData("1b00000000ffffffff")]
    [InlineData("3800")]
    [InlineData("580161")]                   // not the shortest length
    [InlineData("780161")]
    [InlineData("980100")]
    [InlineData("b8010000")]
    [InlineData("d81700")]
    [InlineData("5f4161ff")]                 // indefinite lengths
    [InlineData("7f6161ff")]
    [InlineData("9f00ff")]
    [InlineData("bf0000ff")]
    [InlineData("ff")]
    [InlineData("1c")]                       // reserved heads
    [InlineData("fc")]
    [InlineData("f814")]                     // false in two bytes
    [InlineData("f81f")]
    [InlineData("fa3f800000")]               // 1.0 fits half a float
    [InlineData("fa7f800000")]
    [InlineData("fb3ff0000000000000")]
    [InlineData("fb47efffffe0000000")]       // fits a single float
    [InlineData("f97e01")]                   // other NaNs
    [InlineData("f9fe00")]
    [InlineData("fa7fc00000")]
    [InlineData("fb7ff8000000000000")]
    [InlineData("c24101")]                   // bignums that are integers
    [InlineData("c2480100000000000000")]
    [InlineData("c249000000000000000001")]
    [InlineData("c20a")]
    [InlineData("61ff")]                     // not UTF-8
    [InlineData("63eda080")]
    [InlineData("a201000100")]               // a key twice
    [InlineData("a202000100")]               // keys not in order
    [InlineData("a220000100")]
    [InlineData("a1f400")]                   // not permitted as a key
    [InlineData("a1c10000")]
    [InlineData("a1800000")]
    [InlineData("a11b002000000000000000")]
    [InlineData("a13b001fffffffffffff00")]
    [InlineData("8181818100")]               // with the extensions' own map, five levels
    [InlineData("81a101a101a10100")]
    [InlineData("c1c1c1c100")]
    public void AnyOtherEncodingIsRefused(string value) =>
        Assert.Throws<CodecException>(() => MimiContent.Decode(Content("a120" + value)));

    [Theory]
    [InlineData("a20120026161")]             // a sender that is no text
    [InlineData("a10000")]                   // the reserved key
    [InlineData("a16000")]
    [InlineData("80")]
    [InlineData("f6")]
    [InlineData("40")]
    public void ExtensionsAreAMapOfKnownKeys(string extensions) => Assert.Throws<CodecException>(() => MimiContent.Decode(Content(extensions)));

    [Theory]
    [InlineData("a0", "830160")]
    [InlineData("a0", "84016000f6")]
    [InlineData("a0", "8301600000")]
    [InlineData("a0", "83016004")]
    [InlineData("a0", "8519010060016040")]   // a disposition over 255
    [InlineData("a0", "8520600160")]
    [InlineData("a0", "850160014040")]       // a media type that is bytes
    [InlineData("a0", "850160016060")]       // content that is text
    [InlineData("a0", "85016003008183016000")]
    [InlineData("a0", "8501600303828301600083016000")]
    [InlineData("a0", "00")]
    public void ABodyIsOneOfTheFourParts(string extensions, string body) =>
        Assert.Throws<CodecException>(() => MimiContent.Decode(Convert.FromHexString(BeforeExtensions + extensions + body)));

    [Theory]
    [InlineData("8650000102030405060708090a0b0c0d0e0ff640f6f6a0")]
    [InlineData("884f000102030405060708090a0b0c0d0e0ff640f6f6a083016000f6")]
    [InlineData("874f000102030405060708090a0b0c0d0ef640f6f6a083016000")]
    [InlineData("8750000102030405060708090a0b0c0d0e0f0040f6f6a083016000")]
    [InlineData("8750000102030405060708090a0b0c0d0e0f410140f6f6a083016000")]
    [InlineData("8750000102030405060708090a0b0c0d0e0ff6f6f6f6a083016000")]
    [InlineData("8750000102030405060708090a0b0c0d0e0ff64081f4f6a083016000")]
    [InlineData("8750000102030405060708090a0b0c0d0e0ff640820100f6a083016000")]
    [InlineData("8750000102030405060708090a0b0c0d0e0ff64082f41b0000000100000000f6a083016000")]
    [InlineData("8750000102030405060708090a0b0c0d0e0ff64082f420f6a083016000")]
    [InlineData("d81800")]
    [InlineData("")]
    public void TheSevenFieldsHaveTheirTypes(string hex) => Assert.Throws<CodecException>(() => MimiContent.Decode(Convert.FromHexString(hex)));

    private static byte[] Content(string extensions) => Convert.FromHexString(BeforeExtensions + extensions + Body);
}
