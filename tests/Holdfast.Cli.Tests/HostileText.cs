using System.Text;

namespace Holdfast.Cli.Tests;

/// <summary>Texts that drive, reorder, hide or break a terminal that shows them as they are.</summary>
internal static class HostileText
{
    public static IReadOnlyList<string> All { get; } = [.. Characters(), .. Sequences()];

    private static IEnumerable<string> Characters()
    {
        int[] codes =
        [
            .. Enumerable.Range(0, 0x20), .. Enumerable.Range(0x7f, 0x21), 0xad, 0x61c, 0x180e, .. Enumerable.Range(0x200b, 5),
            .. Enumerable.Range(0x2028, 7), .. Enumerable.Range(0x2060, 16), 0xfeff, .. Enumerable.Range(0xfff9, 3),
            0x1d173, 0xe0001, .. Enumerable.Range(0xe0020, 0x60),
        ];
        return codes.Select(code => $"before {new Rune(code)} after");
    }

    private static IEnumerable<string> Sequences() =>
    [
        "\e[2J\e[H", "\e]0;title\a", "\e]8;;https://example.org\e\\link\e]8;;\e\\", "\e]52;c;cm0gLXJm\a", "\eP+q544e\e\\", "\e[6n", "\ec",
        "\e[?1049h", "\u009b31m", "\u009d0;title\u009c", "over\b\b\b\bwritten", "back\rfront", "first\r\nsecond", "a\nb\nc", "\n\n\n",
        "\u202egpj.exe", "\u2066a\u2069", "\ud800", "\udc00\ud800", "ends with \ud83d", "pay\u200dpal", "zero\u200bwidth", "x\u200cy", "\t\ttabs",
        "\0", "", " ", "\\u{1b}", "\"quoted\" \\ / {\"json\":1}", "نمی‌خواهم", "👩‍👩‍👧", "क्‍ष", "é e\u0301", "\U0001f3f4\U000e0067\U000e007f",
    ];
}
