using System.Globalization;
using System.Text.Json;
using Holdfast.Cli.Rendering;

namespace Holdfast.Cli.Tests;

public class JsonLineTests
{
    public static TheoryData<string> WellFormed => [.. HostileText.All.Where(IsWellFormed)];

    public static TheoryData<string> Hostile => [.. HostileText.All];

    [Theory, MemberData(nameof(WellFormed))]
    public void TextReadsBackAsItWas(string text) => Assert.Equal(text, Parse(Line(text)));

    [Theory, MemberData(nameof(Hostile))]
    public void ALineHoldsNothingATerminalObeysOrHides(string text) => Assert.All(Line(text), c => Assert.DoesNotContain(
        char.GetUnicodeCategory(c), new[]
        {
            UnicodeCategory.Control, UnicodeCategory.Format, UnicodeCategory.LineSeparator, UnicodeCategory.ParagraphSeparator,
        }));

    [Fact]
    public void LettersOfEveryScriptStayReadable() => Assert.Contains("Grüße 世界", Line("Grüße 世界"), StringComparison.Ordinal);

    private static string Line(string text) => JsonLine.Of(json => json.WriteString("text", text));

    private static string? Parse(string line)
    {
        using var document = JsonDocument.Parse(line);
        return document.RootElement.GetProperty("text").GetString();
    }

    private static bool IsWellFormed(string text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i])) continue;
            if (i + 1 == text.Length || !char.IsSurrogatePair(text[i], text[i + 1])) return false;
            i++;
        }
        return true;
    }
}
