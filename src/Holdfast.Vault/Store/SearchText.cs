using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Holdfast.Vault;

/// <summary>
/// Texts as the search sees them, the same for what is stored and for what is typed: in lower case, without marks on letters, and with
/// two spaces in front of every word, so that three characters in a row tell where a word begins.
/// </summary>
internal static class SearchText
{
    private const char Space = ' ';

    /// <summary>How a stored text is searched: folded, its words marked.</summary>
    internal static string Of(string text) => Mark(Fold(text), isBeginning: true);

    /// <summary>
    /// Marks that stand on letters are dropped (accents written apart or not, Arabic and Hebrew vowels, joiners and variants of emoji); white
    /// space becomes one space.
    /// </summary>
    internal static string Fold(string text)
    {
        var folded = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.IsAscii && rune.Value > Space)
            {
                folded.Append(char.ToLowerInvariant((char)rune.Value));
                continue;
            }
            var category = Rune.GetUnicodeCategory(rune);
            if (category is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark or UnicodeCategory.Format) continue;
            bool isSpace = category is UnicodeCategory.Control or UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
            if (!isSpace) Append(folded, Rune.ToLowerInvariant(rune));
            else if (folded.Length > 0 && folded[^1] != Space) folded.Append(Space);
        }
        return folded.ToString().TrimEnd(Space);
    }

    /// <summary>Puts two spaces in front of each word. Characters of scripts that write no spaces, and emoji, are words by themselves.</summary>
    /// <param name="folded">What is folded.</param>
    /// <param name="isBeginning">Whether a word begins here, where the first character can begin one.</param>
    internal static string Mark(string folded, bool isBeginning)
    {
        var marked = new StringBuilder(folded.Length + (folded.Length / 4) + 2);
        bool mayBegin = isBeginning;
        bool isFirst = true;
        foreach (var rune in folded.EnumerateRunes())
        {
            bool isAlone = StandsAlone(rune), isOfWord = isAlone || IsOfWord(rune);
            if (isOfWord && (mayBegin || (isAlone && !isFirst))) marked.Append(Space, marked.Length > 0 && marked[^1] == Space ? 1 : 2);
            Append(marked, rune);
            (mayBegin, isFirst) = (isAlone || !isOfWord, false);
        }
        return marked.ToString();
    }

    /// <summary>The length in characters.</summary>
    internal static int Length(string word) => word.EnumerateRunes().Count();

    /// <summary>
    /// What stands for a conversation in the index: three characters that nobody uses, from its random identifier. They are few enough that
    /// two may have the same.
    /// </summary>
    internal static string Token(ReadOnlySpan<byte> log)
    {
        const int First = 0xE000, Count = 0x1900;   // the private use area
        Span<char> token = stackalloc char[3];
        for (int i = 0; i < token.Length; i++) token[i] = (char)(First + (BinaryPrimitives.ReadUInt16BigEndian(log[(2 * i)..]) % Count));
        return new string(token);
    }

    private static void Append(StringBuilder text, Rune rune)
    {
        if (rune.IsBmp) text.Append(PlainLetters.Of((char)rune.Value));
        else text.Append(rune.ToString());
    }

    private static bool IsOfWord(Rune rune) => Rune.IsLetterOrDigit(rune)
        || Rune.GetUnicodeCategory(rune) is UnicodeCategory.SpacingCombiningMark or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber
            or UnicodeCategory.PrivateUse;

    /// <summary>Thai, Lao, Tibetan, Myanmar, Khmer; radicals, kana and ideographs; Hangul; and symbols.</summary>
    private static bool StandsAlone(Rune rune) => rune.Value >= 0x80 && (rune.Value is
        (>= 0x0E00 and <= 0x0FFF) or (>= 0x1000 and <= 0x109F) or (>= 0x1780 and <= 0x17FF) or (>= 0x2E80 and <= 0x2FDF) or (>= 0x3005 and <= 0x3007)
        or (>= 0x3021 and <= 0x9FFF) or (>= 0xAC00 and <= 0xD7AF) or (>= 0xF900 and <= 0xFAFF) or (>= 0x1B000 and <= 0x1B2FF) or (>= 0x20000 and <= 0x3FFFF)
        || Rune.GetUnicodeCategory(rune) is UnicodeCategory.OtherSymbol or UnicodeCategory.ModifierSymbol);
}
