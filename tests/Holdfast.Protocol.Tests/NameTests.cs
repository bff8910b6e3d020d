using Holdfast.Codec;
using Xunit;

namespace Holdfast.Protocol.Tests;

/// <summary>Two names that look the same are the same, and no name disturbs the screen it is shown on.</summary>
public sealed class NameTests
{
    [Theory]
    [InlineData("Ann")]
    [InlineData("Jean-Luc d'Ormesson 3rd")]
    [InlineData("Åsa Öberg")]
    [InlineData("Łódź (team)")]
    [InlineData("李小龍")]
    [InlineData("محمد")]
    [InlineData("दीपिका")]
    [InlineData("\U0001F469‍❤️‍\U0001F468 us")]
    [InlineData("\U0001F3F3️‍\U0001F308")]
    [InlineData("\U0001F937\U0001F3FD‍♂️")]
    public void NamesOfPeopleAreAllowed(string name) => Assert.Null(DisplayName.Problem(name));

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData(" Ann")]
    [InlineData("Ann ")]
    [InlineData("An\nn")]
    [InlineData("An\u0000n")]
    [InlineData("An\u001b[31mn")]
    [InlineData("An\u0085n")]
    [InlineData("An\u2028n")]
    [InlineData("An\u202en")]   // right-to-left override
    [InlineData("An\u2066n")]   // left-to-right isolate
    [InlineData("An\u200fn")]   // right-to-left mark
    [InlineData("An\u200bn")]   // zero-width space
    [InlineData("An\u200cn")]   // zero-width non-joiner
    [InlineData("An\u200dn")]   // zero-width joiner outside emoji
    [InlineData("An\ufeffn")]   // zero-width no-break space
    [InlineData("An\u00adn")]   // soft hyphen
    [InlineData("An\u034fn")]   // combining grapheme joiner
    [InlineData("An\ufe0fn")]   // variation selector outside emoji
    [InlineData("An\u3164n")]   // Hangul filler
    [InlineData("An\u2800n")]   // blank of Braille
    [InlineData("☀\u200dn")]
    [InlineData("☀\u200d")]
    [InlineData("☀\ufe0f\ufe0f")]
    [InlineData("An\ue000n")]   // private use
    [InlineData("An\ufffdn")]
    [InlineData("An\U000E0041n")]   // tag
    public void NamesThatHideSomethingAreRefused(string name) => AssertRefused(name);

    [Fact]
    public void HalfASurrogatePairIsRefused()
    {
        AssertRefused("An" + (char)0xd800);
        AssertRefused((char)0xdc00 + "n");
    }

    [Fact]
    public void ANameHasItsLengthInBytes()
    {
        Assert.Null(DisplayName.Problem(new string('n', ProtocolLimits.NameBytes)));
        AssertRefused(new string('n', ProtocolLimits.NameBytes + 1));
        AssertRefused(new string('é', (ProtocolLimits.NameBytes / 2) + 1));
    }

    [Fact]
    public void ACardReadsBackAsWritten()
    {
        var card = new Card(Pin.FromRandom([7, 6, 5, 4, 3, 2, 1]), Specimens.Bytes(32), "Ann", Specimens.Bytes(64));
        Assert.Equal(Graph.Describe(card), Graph.Describe(Tls.Decode<Card>(Tls.Encode(card))));
    }

    [Fact]
    public void ACardWithANameThatHidesSomethingIsRefused()
    {
        var card = new Card(Pin.FromRandom(new byte[7]), Specimens.Bytes(32), "An\u202en", Specimens.Bytes(64));
        Assert.Throws<CodecException>(() => Tls.Decode<Card>(Tls.Encode(card)));
    }

    [Fact]
    public void WhatACardSignsBindsEveryField()
    {
        Pin first = Pin.FromRandom(new byte[7]), second = Pin.FromRandom([1, 0, 0, 0, 0, 0, 0]);
        byte[] key = Specimens.Bytes(32);
        byte[][] texts =
        [
            Card.ToBeSigned(first, key, "Ann"), Card.ToBeSigned(second, key, "Ann"), Card.ToBeSigned(first, new byte[32], "Ann"),
            Card.ToBeSigned(first, key, "Anna"),
        ];
        Assert.Equal(texts.Length, texts.Select(Convert.ToHexString).Distinct().Count());
    }

    private static void AssertRefused(string name) => Assert.EndsWith(".", DisplayName.Problem(name), StringComparison.Ordinal);
}
