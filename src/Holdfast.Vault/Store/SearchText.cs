using System.Globalization;
using System.Text;

namespace Holdfast.Vault;

/// <summary>Texts as the search sees them: the same for what is stored and for what is typed.</summary>
internal static class SearchText
{
    /// <summary>Stands behind what is the beginning of a word.</summary>
    internal const char BeginningMark = '*';

    /// <summary>Marks that stand on letters are dropped (accents written apart, Arabic and Hebrew vowels, joiners and variants of emoji); white space becomes a space.</summary>
    internal static string Fold(string text)
    {
        var folded = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            var category = Rune.GetUnicodeCategory(rune);
            if (category is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark or UnicodeCategory.Format) continue;
            bool isSpace = category is UnicodeCategory.Control or UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
            if (!isSpace) folded.Append(rune.ToString());
            else if (folded.Length > 0 && folded[^1] != ' ') folded.Append(' ');
        }
        return folded.ToString().TrimEnd(' ');
    }

    /// <summary>Characters of scripts that write no spaces, and emoji, each become a word.</summary>
    internal static string Separate(string folded)
    {
        var separated = new StringBuilder(folded.Length + 16);
        foreach (var rune in folded.EnumerateRunes())
        {
            if (StandsAlone(rune)) separated.Append(' ').Append(rune.ToString()).Append(' ');
            else separated.Append(rune.ToString());
        }
        return separated.ToString();
    }

    /// <summary>How to ask for a short word: as a beginning, or as a row of characters that are words by themselves.</summary>
    internal static IEnumerable<string> Beginning(string word)
    {
        string separated = Separate(word).Trim(' ');
        if (!separated.EnumerateRunes().Any(IsIndexed)) yield break;   // punctuation alone is in no word
        yield return StandsAlone(word.EnumerateRunes().Last()) ? separated : separated + BeginningMark;
    }

    /// <summary>The length in characters, as FTS5 counts them.</summary>
    internal static int Length(string word) => word.EnumerateRunes().Count();

    /// <summary>No more of a word than the search takes.</summary>
    internal static string Cut(string word) => Length(word) <= SearchIndex.LongestWord ? word : string.Concat(word.EnumerateRunes().Take(SearchIndex.LongestWord));

    private static bool IsIndexed(Rune rune) => Rune.IsLetterOrDigit(rune)
        || Rune.GetUnicodeCategory(rune) is UnicodeCategory.OtherSymbol or UnicodeCategory.ModifierSymbol or UnicodeCategory.SpacingCombiningMark
            or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber or UnicodeCategory.PrivateUse;

    /// <summary>Thai, Lao, Tibetan, Myanmar, Khmer; radicals, kana and ideographs; Hangul; and symbols.</summary>
    private static bool StandsAlone(Rune rune) => rune.Value is
        (>= 0x0E00 and <= 0x0FFF) or (>= 0x1000 and <= 0x109F) or (>= 0x1780 and <= 0x17FF) or (>= 0x2E80 and <= 0x2FDF) or (>= 0x3005 and <= 0x3007)
        or (>= 0x3021 and <= 0x9FFF) or (>= 0xAC00 and <= 0xD7AF) or (>= 0xF900 and <= 0xFAFF) or (>= 0x1B000 and <= 0x1B2FF) or (>= 0x20000 and <= 0x3FFFF)
        || Rune.GetUnicodeCategory(rune) is UnicodeCategory.OtherSymbol or UnicodeCategory.ModifierSymbol;
}
