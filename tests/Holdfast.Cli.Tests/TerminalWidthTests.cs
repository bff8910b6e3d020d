using Holdfast.Cli.Rendering;

namespace Holdfast.Cli.Tests;

public sealed class TerminalWidthTests
{
    [Theory]
    [InlineData("", 0)]
    [InlineData("Bob", 3)]
    [InlineData("Zo\u00eb", 3)]
    [InlineData("Zoe\u0308", 3)]
    [InlineData("\u674e\u96f7", 4)]
    [InlineData("\ud55c\uae00", 4)]
    [InlineData("\u1112\u1161\u11ab", 2)]
    [InlineData("\U0001f600", 2)]
    [InlineData("\U0001f44b\U0001f3fd", 2)]
    [InlineData("\U0001f468\u200d\U0001f469\u200d\U0001f467", 2)]
    [InlineData("\u2764\ufe0f", 2)]
    [InlineData("\u2764", 1)]
    [InlineData("\U0001f1e9\U0001f1ea", 2)]
    public void ATextTakesTheColumnsThatATerminalGivesIt(string text, int columns) => Assert.Equal(columns, TerminalWidth.Of(text));

    [Fact]
    public void ColumnsLineUpBehindWideNames() => Assert.Equal(
        ["\u674e\u96f7        x", "\U0001f600          x", "Bob Miller  x"],
        Columns.Of([["\u674e\u96f7", "x"], ["\U0001f600", "x"], ["Bob Miller", "x"]]));
}
