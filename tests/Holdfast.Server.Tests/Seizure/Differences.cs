using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;

namespace Holdfast.Server.Tests.Seizure;

/// <summary>What a seized disk, or the program, has that docs/DISCLOSURE.md does not list, and what it lists that is not there.</summary>
internal static partial class Differences
{
    /// <summary>Tables, columns, their order, settings, views.</summary>
    public static IReadOnlyList<string> OfSchema(Disclosure disclosure, SeizedDatabase database) =>
    [
        .. Between("column", disclosure.Columns.Keys, database.Tables.SelectMany(static table => table.Columns.Select(column => $"{table.Name}.{column}"))),
        .. Between("order of arrival", disclosure.Ordered, database.Tables.Where(static table => table.InOrderOfArrival).Select(static table => table.Name)),
        .. Between("answer", disclosure.Answers, disclosure.Columns.Values.Concat(["joined", "times"])),
        .. database["settings"].Facts("name").Except(disclosure.Settings).Select(static name => $"setting {name} is not listed"),
        .. database.Others.Select(static other => $"{other} is not listed"),
    ];

    /// <summary>Files in the folder.</summary>
    public static IReadOnlyList<string> OfFiles(Disclosure disclosure, SeizedServer seized) =>
        [.. seized.Files.Where(file => !disclosure.Files.Any(pattern => Fits(pattern, file))).Select(static file => $"file {file} is not listed")];

    /// <summary>Equal values in different places.</summary>
    public static IReadOnlyList<string> OfJoins(Disclosure disclosure, Seized seized) => [.. Between("join", disclosure.Joins, Interrogation.Joins(seized))];

    /// <summary>The text of every diagnostic of a program.</summary>
    public static IReadOnlyList<string> OfDiagnostics(Disclosure disclosure, params IEnumerable<Type> types)
    {
        var messages =
            from type in types
            from method in type.GetMethods(BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
            let message = method.GetCustomAttribute<LoggerMessageAttribute>()
            where message is not null
            select $"{message.EventId} {message.Level} {message.Message}";
        return [.. Between("diagnostic", disclosure.Diagnostics, messages)];
    }

    /// <summary>Lines that were written and are none of the listed diagnostics.</summary>
    public static IReadOnlyList<string> OfWritten(Disclosure disclosure, IEnumerable<string> lines)
    {
        var texts = disclosure.Diagnostics.Select(static entry => Pattern(entry.Split(' ', 3)[2])).ToList();
        return [.. lines.Where(line => line.Length > 0 && (Telling().IsMatch(line) || (!Head().IsMatch(line) && !texts.Any(text => text.IsMatch(line.Trim()))))).Select(static line => $"{line} is not listed")];
    }

    /// <summary>Any list of the document, and what was found.</summary>
    public static IReadOnlyList<string> Of(string what, IEnumerable<string> listed, IEnumerable<string> found) => [.. Between(what, listed, found)];

    /// <summary>Texts in which an id or a key stands.</summary>
    public static IReadOnlyList<string> OfTexts(IEnumerable<string> texts) => [.. texts.Where(static text => LongNumber().IsMatch(text))];

    private static IEnumerable<string> Between(string what, IEnumerable<string> listed, IEnumerable<string> found)
    {
        var (list, there) = (listed.ToHashSet(), found.ToHashSet());
        return there.Except(list).Select(each => $"{what} {each} is not listed").Concat(list.Except(there).Select(each => $"{what} {each} is listed and not there"));
    }

    private static bool Fits(string pattern, string file) => Regex.IsMatch(file, $"^{Regex.Escape(pattern).Replace("\\*", "[0-9a-f]+", StringComparison.Ordinal)}$");

    /// <summary>Where a diagnostic says a number or a reason there may be a few words, and no long id or address.</summary>
    private static Regex Pattern(string template) =>
        new($"^{Braces().Replace(Regex.Escape(template), "[A-Za-z0-9:.,() ]{1,60}")}$", RegexOptions.CultureInvariant);

    /// <summary>An id, a key or an address, whatever text it stands in.</summary>
    [GeneratedRegex(@"[0-9A-Fa-f]{16,}|[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+|::")]
    private static partial Regex Telling();

    [GeneratedRegex("[0-9A-Fa-f]{16,}")]
    private static partial Regex LongNumber();

    [GeneratedRegex(@"\\\{[A-Za-z]+}")]
    private static partial Regex Braces();

    [GeneratedRegex(@"^(info|warn|fail): Holdfast\.Server(\.[A-Za-z]+)+\[[0-9]+\]$")]
    private static partial Regex Head();
}
