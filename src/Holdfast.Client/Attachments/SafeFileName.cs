using System.Globalization;
using System.Text;
using Holdfast.Protocol;

namespace Holdfast.Client;

/// <summary>File names that come from others: never a path, never a device, never something that looks like another name.</summary>
internal static class SafeFileName
{
    private const string Fallback = "file", Forbidden = "/\\:*?\"<>|";
    private const int MostBytes = 200;   // leaves room for " (99)" and for the temporary name

    private static readonly HashSet<string> Devices = new(StringComparer.OrdinalIgnoreCase)
    {
        "CON", "PRN", "AUX", "NUL", "COM0", "COM1", "COM2", "COM3", "COM4", "COM5", "COM6", "COM7", "COM8", "COM9",
        "LPT0", "LPT1", "LPT2", "LPT3", "LPT4", "LPT5", "LPT6", "LPT7", "LPT8", "LPT9", "CONIN$", "CONOUT$",
    };

    /// <summary>A name that is safe in any folder on any platform, as near to the given one as can be.</summary>
    internal static string Of(string name)
    {
        var safe = new StringBuilder();
        foreach (var rune in name.EnumerateRunes()) safe.Append(IsSafe(rune) ? rune.ToString() : "_");
        string cut = Shorten(safe.ToString().Trim().TrimEnd('.', ' ').TrimStart('.', '-', ' '));
        if (DisplayName.Problem(cut) is not null) return Fallback;
        return Devices.Contains(cut.Split('.')[0].TrimEnd()) ? "_" + cut : cut;
    }

    /// <summary>The name of the n-th file that would have the same.</summary>
    internal static string Numbered(string name, int number)
    {
        string extension = Path.GetExtension(name);
        return number == 1 ? name : $"{name[..^extension.Length]} ({number.ToString(CultureInfo.InvariantCulture)}){extension}";
    }

    private static bool IsSafe(Rune rune) => !(rune.IsAscii && Forbidden.Contains((char)rune.Value, StringComparison.Ordinal)) &&
        Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator
            or UnicodeCategory.ParagraphSeparator or UnicodeCategory.OtherNotAssigned or UnicodeCategory.PrivateUse or UnicodeCategory.Surrogate);

    /// <summary>Cuts the middle, so that the extension stays what it is.</summary>
    private static string Shorten(string name)
    {
        string extension = Path.GetExtension(name), stem = name[..^extension.Length];
        if (Encoding.UTF8.GetByteCount(extension) > 32) (stem, extension) = (name, "");
        int room = MostBytes - Encoding.UTF8.GetByteCount(extension);
        if (Encoding.UTF8.GetByteCount(stem) <= room) return stem + extension;
        var kept = new StringBuilder();
        foreach (var rune in stem.EnumerateRunes())
        {
            if ((room -= rune.Utf8SequenceLength) < 0) break;
            kept.Append(rune.ToString());
        }
        return kept.ToString().TrimEnd() + extension;
    }
}
