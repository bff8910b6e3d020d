using System.Globalization;
using System.Text;

namespace Holdfast.Protocol;

/// <summary>Names that people see: of people, of conversations, of files.</summary>
public static class DisplayName
{
    /// <summary>What is wrong with a name, in a sentence, or null.</summary>
    public static string? Problem(string name)
    {
        if (string.IsNullOrWhiteSpace(name)) return "A name cannot be empty.";
        if (name != name.Trim()) return "A name cannot begin or end with a space.";
        if (Encoding.UTF8.GetByteCount(name) > ProtocolLimits.NameBytes) return $"A name has at most {ProtocolLimits.NameBytes} bytes.";
        foreach (Rune rune in name.EnumerateRunes())
        {
            if (rune == Rune.ReplacementChar) return "A name must be well-formed Unicode.";
            switch (Rune.GetUnicodeCategory(rune))
            {
                case UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator:
                    return "A name cannot contain control characters or line breaks.";
                case UnicodeCategory.Format when rune.Value != 0x200D:   // the joiner inside emoji is harmless
                    return "A name cannot contain invisible or text-direction characters.";
                case UnicodeCategory.OtherNotAssigned or UnicodeCategory.PrivateUse or UnicodeCategory.Surrogate:
                    return "A name cannot contain characters without a meaning of their own.";
            }
        }
        return null;
    }
}
