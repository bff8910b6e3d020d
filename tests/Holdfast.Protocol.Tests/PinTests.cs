using CsCheck;
using Holdfast.Codec;
using Xunit;

namespace Holdfast.Protocol.Tests;

/// <summary>A PIN that was mistyped is never someone else's.</summary>
public sealed class PinTests
{
    private const string Alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

    private static readonly Gen<Pin> Pins = Gen.Byte.Array[7].Select(random => Pin.FromRandom(random));

    [Fact]
    public void EveryWrongCharacterIsNoticed() => Pins.Sample(pin =>
    {
        string text = pin.ToString();
        for (int i = 0; i < Pin.Length; i++)
        {
            foreach (char wrong in Alphabet.Where(c => c != text[i])) AssertRefused(text[..i] + wrong + text[(i + 1)..]);
        }
    }, iter: 1000);

    [Fact]
    public void EverySwapOfNeighboursIsNoticed() => Pins.Sample(pin =>
    {
        string text = pin.ToString();
        for (int i = 0; i < Pin.Length - 1; i++)
        {
            if (text[i] != text[i + 1]) AssertRefused(text[..i] + text[i + 1] + text[i] + text[(i + 2)..]);
        }
    }, iter: 1000);

    [Fact]
    public void WhatPeopleTypeIsForgiven() => Pins.Sample(pin =>
    {
        string text = pin.ToString();
        AssertReads(pin, text.ToLowerInvariant());
        AssertReads(pin, $" {text[..4]}-{text[4..]} ");
        AssertReads(pin, text.Replace('0', 'O').Replace('1', 'I'));
        AssertReads(pin, text.Replace('0', 'o').Replace('1', 'l'));
        AssertReads(pin, text.Replace('1', 'L').Replace('0', 'O'));
    });

    [Theory, InlineData(""), InlineData("1234567"), InlineData("123456789"), InlineData("UUUUUUUU"), InlineData("0000000\u0660"), InlineData("000000 \u017f")]
    public void WhatIsNoPinIsRefused(string text) => AssertRefused(text);

    [Fact]
    public void AllThirtyTwoCharactersAppear() =>
        Assert.Equal(Alphabet, string.Concat(Enumerable.Range(0, 32).Select(i => Pin.FromRandom([(byte)i, 0, 0, 0, 0, 0, 0]).ToString()[0])));

    [Fact]
    public void ReadsBackAsWritten() => Pins.Sample(pin => Tls.Decode<Pin>(Tls.Encode(pin)) == pin);

    [Theory, InlineData("o0000000"), InlineData("O0000000"), InlineData("0000-000"), InlineData("0000000"), InlineData("00000001")]
    public void OnTheWireNothingIsForgiven(string text)
    {
        var writer = new TlsWriter();
        writer.WriteText(text);
        Assert.Throws<CodecException>(() => Tls.Decode<Pin>(writer.Written));
    }

    [Fact]
    public void APinThatWasNeverSetIsNotPrinted() => Assert.Throws<InvalidOperationException>(() => default(Pin).ToString());

    private static void AssertReads(Pin pin, string text)
    {
        Assert.True(Pin.TryParse(text, out var read, out string? problem), problem);
        Assert.Equal(pin, read);
    }

    private static void AssertRefused(string text)
    {
        Assert.False(Pin.TryParse(text, out _, out string? problem));
        Assert.EndsWith(".", problem, StringComparison.Ordinal);
    }
}
