using System.Globalization;
using System.Text;
using Holdfast.Cli.Rendering;

namespace Holdfast.Cli.Tests;

public class VisibleTextTests
{
    public static TheoryData<string> Hostile => [.. HostileText.All];

    [Theory, MemberData(nameof(Hostile))]
    public void NothingOnALineCanDriveATerminal(string text) => AssertHarmless(VisibleText.Line(text), lineBreaks: false);

    [Theory, MemberData(nameof(Hostile))]
    public void NothingOnSeveralLinesCanDriveATerminal(string text) => AssertHarmless(VisibleText.Lines(text, "  | "), lineBreaks: true);

    [Theory, MemberData(nameof(Hostile))]
    public void EveryFurtherLineIsMarked(string text) =>
        Assert.All(VisibleText.Lines(text, "  | ").Split('\n').Skip(1), line => Assert.StartsWith("  | ", line, StringComparison.Ordinal));

    [Theory]
    [InlineData("\e[31mred", "\\u{1b}[31mred")]
    [InlineData("\u202egpj.exe", "\\u{202e}gpj.exe")]
    [InlineData("a\u200db", "a\\u{200d}b")]
    [InlineData("a\u2028b", "a\\u{2028}b")]
    [InlineData("a\nb", "a\\u{a}b")]
    [InlineData("a\tb", "a    b")]
    public void WhatWouldBeObeyedIsShownByItsNumber(string text, string shown) => Assert.Equal(shown, VisibleText.Line(text));

    [Theory]
    [InlineData("Grüße, 世界, שלום")]
    [InlineData("👩‍👩‍👧 👍🏽")]
    [InlineData("نمی‌خواهم")]
    [InlineData("e\u0301")]
    public void WhatPeopleWriteStaysAsItIs(string text) => Assert.Equal(text, VisibleText.Line(text));

    [Fact]
    public void HalfACharacterIsShownByItsNumber() => Assert.Equal("a\\u{d800}b", VisibleText.Line("a\ud800b"));

    [Fact]
    public void ACarriageReturnBeforeALineBreakIsPartOfIt() => Assert.Equal("a\n> b", VisibleText.Lines("a\r\nb", "> "));

    private static void AssertHarmless(string shown, bool lineBreaks)
    {
        foreach (byte value in Encoding.UTF8.GetBytes(shown)) Assert.True(value >= 0x20 || (lineBreaks && value == '\n'), $"byte {value:x2}");
        foreach (var rune in shown.EnumerateRunes())
        {
            Assert.NotInRange(rune.Value, 0x7f, 0x9f);
            if (rune.Value is 0x200c or 0x200d || (lineBreaks && rune.Value == '\n')) continue;   // joiners: their own test
            Assert.DoesNotContain(Rune.GetUnicodeCategory(rune), new[]
            {
                UnicodeCategory.Control, UnicodeCategory.Format, UnicodeCategory.LineSeparator, UnicodeCategory.ParagraphSeparator,
            });
        }
    }
}
