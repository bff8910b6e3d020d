using System.Globalization;
using System.Text;
using Holdfast.Protocol;

namespace Holdfast.Vault;

/// <summary>
/// What somebody typed to be searched for. The index knows which texts have all of some three characters in a row; whether they have the
/// words is looked up in the texts themselves.
/// </summary>
internal sealed class SearchQuery
{
    private const int PartCharacters = 3;

    /// <summary>So many parts are considered at most.</summary>
    private const int MostParts = 64;

    private SearchQuery(string[] patterns) => Patterns = patterns;

    /// <summary>
    /// What a text must have, each of them: a word of three characters or more anywhere, a shorter one at the beginning of a word. None where
    /// nothing that was typed could be found: spaces, or a comma.
    /// </summary>
    internal IReadOnlyList<string> Patterns { get; }

    /// <exception cref="VaultException">It is too long, or too many words.</exception>
    internal static SearchQuery Of(string typed)
    {
        if (SearchLimits.Problem(typed) is { } problem) throw new VaultException(VaultError.Refused, problem);
        return new SearchQuery([.. SearchText.Fold(typed).Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(static word => SearchText.Mark(word, isBeginning: SearchText.Length(word) < PartCharacters))
            .Where(static pattern => SearchText.Length(pattern) >= PartCharacters).Distinct()]);
    }

    /// <summary>The statement that answers it: ids and places, newest first. Its parameters are match, before, limit, log, and each pattern by its number.</summary>
    /// <param name="inOne">Whether in one conversation.</param>
    internal string Statement(bool inOne)
    {
        string has = string.Concat(Patterns.Select(static (_, number) => string.Create(CultureInfo.InvariantCulture, $" AND instr(search_text.text, $p{number})")));
        return "SELECT id, place FROM search_part CROSS JOIN search_text ON id = search_part.rowid WHERE search_part MATCH $match " +
            $"AND search_part.rowid < $before{(inOne ? " AND search_text.log = $log" : "")}{has} ORDER BY search_part.rowid DESC LIMIT $limit";
    }

    /// <summary>What the index is asked for, in FTS5's language: every part is quoted, so none is an operator.</summary>
    /// <param name="log">In which conversation; null for all. Its token narrows the search at once.</param>
    /// <param name="sample">Some of the texts, which tell what is rare.</param>
    internal string Match(byte[]? log, SearchSample sample)
    {
        int most = MostParts / Patterns.Count;
        string[] parts = [.. Patterns.SelectMany(pattern => Thinned(PartsOf(pattern), most)).Distinct()];
        string? token = log is null ? null : SearchText.Token(log);
        return string.Join(" AND ", sample.Choose(token, parts).Select(static part => $"\"{part.Replace("\"", "\"\"", StringComparison.Ordinal)}\""));
    }

    private static List<string> PartsOf(string pattern)
    {
        Rune[] characters = [.. pattern.EnumerateRunes()];
        return [.. Enumerable.Range(0, characters.Length - PartCharacters + 1)
            .Select(from => $"{characters[from]}{characters[from + 1]}{characters[from + 2]}")];
    }

    private static IEnumerable<string> Thinned(List<string> parts, int most) =>
        parts.Count <= most ? parts : Enumerable.Range(0, most).Select(number => parts[number * parts.Count / most]);
}
