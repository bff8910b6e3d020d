using System.Globalization;
using System.Text;

namespace Holdfast.Cli.Rendering;

/// <summary>
/// Other people's words, made safe to show: whatever could move the cursor, colour, reorder or hide becomes visible, as in
/// <c>\u{202e}</c>. A message is read by a terminal too, and terminals obey.
/// </summary>
internal static class VisibleText
{
    private const int ZeroWidthNonJoiner = 0x200C;
    private const int ZeroWidthJoiner = 0x200D;
    private const string TabStop = "    ";

    /// <summary>On one line: names, titles, file names. Line breaks are made visible like the rest.</summary>
    public static string Line(string text) => Render(text, lineBreak: null);

    /// <summary>On several lines: each line break of the text is followed by <paramref name="continuation"/>.</summary>
    public static string Lines(string text, string continuation) => Render(text, "\n" + continuation);

    private static string Render(string text, string? lineBreak)
    {
        var visible = new StringBuilder(text.Length + 16);
        var previous = default(Rune);
        for (int i = 0; i < text.Length;)
        {
            if (Rune.DecodeFromUtf16(text.AsSpan(i), out var rune, out int length) != System.Buffers.OperationStatus.Done)
            {
                AppendEscaped(visible, text[i]);
                previous = default;
            }
            else
            {
                Append(visible, rune, previous, Following(text, i + length), lineBreak);
                previous = rune;
            }
            i += length;
        }
        return visible.ToString();
    }

    private static void Append(StringBuilder visible, Rune rune, Rune previous, Rune following, string? lineBreak)
    {
        if (rune.Value == '\t') visible.Append(TabStop);
        else if (rune.Value == '\n' && lineBreak is not null) visible.Append(lineBreak);
        else if (rune.Value == '\r' && following.Value == '\n' && lineBreak is not null) return;
        else if (IsHarmless(rune) || JoinsLetters(rune, previous, following)) visible.Append(rune.ToString());
        else AppendEscaped(visible, rune.Value);
    }

    private static bool IsHarmless(Rune rune) => Rune.GetUnicodeCategory(rune) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        or UnicodeCategory.Surrogate);

    /// <summary>Persian, the scripts of India and joined emoji need the two joiners; between ASCII they only hide.</summary>
    private static bool JoinsLetters(Rune rune, Rune previous, Rune following) =>
        rune.Value is ZeroWidthJoiner or ZeroWidthNonJoiner
        && !previous.IsAscii && IsHarmless(previous) && !following.IsAscii && IsHarmless(following);

    private static Rune Following(string text, int index) =>
        index < text.Length && Rune.TryGetRuneAt(text, index, out var rune) ? rune : default;

    private static void AppendEscaped(StringBuilder visible, int codePoint) =>
        visible.Append(CultureInfo.InvariantCulture, $"\\u{{{codePoint:x}}}");
}
