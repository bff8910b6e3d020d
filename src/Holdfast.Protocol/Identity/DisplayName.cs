using System.Globalization;
using System.Text;

namespace Holdfast.Protocol;

/// <summary>Names that people see: of people, of conversations, of files.</summary>
public static class DisplayName
{
    private const int Joiner = 0x200D;
    private const int PictureSelector = 0xFE0F;
    private const string Invisible = "A name cannot contain invisible or text-direction characters.";

    /// <summary>What is wrong with a name, in a sentence, or null.</summary>
    public static string? Problem(string name)
    {
        if (string.IsNullOrWhiteSpace(name)) return "A name cannot be empty.";
        if (name != name.Trim()) return "A name cannot begin or end with a space.";
        if (Encoding.UTF8.GetByteCount(name) > ProtocolLimits.NameBytes) return $"A name has at most {ProtocolLimits.NameBytes} bytes.";
        Rune previous = default;
        foreach (Rune rune in name.EnumerateRunes())
        {
            if (Problem(rune, previous) is { } problem) return problem;
            previous = rune;
        }
        return previous.Value == Joiner ? Invisible : null;
    }

    private static string? Problem(Rune rune, Rune previous)
    {
        if (rune == Rune.ReplacementChar) return "A name must be well-formed Unicode.";
        if (IsInvisible(rune) && !IsWithinEmoji(rune, previous)) return Invisible;
        if (previous.Value == Joiner && !IsSymbol(rune)) return Invisible;
        return Rune.GetUnicodeCategory(rune) switch
        {
            UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator =>
                "A name cannot contain control characters or line breaks.",
            UnicodeCategory.Format when rune.Value != Joiner => Invisible,
            UnicodeCategory.OtherNotAssigned or UnicodeCategory.PrivateUse or UnicodeCategory.Surrogate =>
                "A name cannot contain characters without a meaning of their own.",
            _ => null,
        };
    }

    /// <summary>Two names that look alike must be alike: Unicode's Default_Ignorable_Code_Point, so far as it is not of category Format, and the blank of Braille.</summary>
    private static bool IsInvisible(Rune rune) => rune.Value is
        Joiner or (>= 0xFE00 and <= PictureSelector) or 0x034F or 0x115F or 0x1160 or 0x17B4 or 0x17B5 or (>= 0x180B and <= 0x180F)
        or 0x2800 or 0x3164 or 0xFFA0 or (>= 0xE0100 and <= 0xE01EF);

    /// <summary>Emoji are made of several characters: within them joiner and picture selector are harmless.</summary>
    private static bool IsWithinEmoji(Rune rune, Rune previous) => rune.Value switch
    {
        Joiner => previous.Value == PictureSelector || IsSymbol(previous),
        PictureSelector => IsSymbol(previous),
        _ => false,
    };

    private static bool IsSymbol(Rune rune) =>
        Rune.GetUnicodeCategory(rune) is UnicodeCategory.OtherSymbol or UnicodeCategory.ModifierSymbol or UnicodeCategory.MathSymbol;
}
