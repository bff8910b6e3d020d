using System.Text;
using Microsoft.Data.Sqlite;

namespace Holdfast.Vault;

/// <summary>
/// Full-text search over what people wrote, in any script: words by their beginnings, and anything of three characters or more
/// wherever it stands. Two indexes of SQLite's FTS5 over one table of texts, in the sealed database.
/// </summary>
/// <remarks>
/// The first has words as tokens, and single characters where a script writes no spaces; what is shorter than three characters is
/// found by it alone, so inside a word of letters it is not. The second has every three characters in a row.
/// </remarks>
internal sealed class SearchIndex : IDisposable
{
    /// <summary>A longer question is cut: nobody types it, and each word costs a look-up.</summary>
    internal const int MostWords = 16, LongestWord = 64;

    private const int Trigram = 3;

    private readonly SealedStore _store;
    private readonly SqliteCommand _add, _addWords, _addTrigrams, _text, _remove, _removeWords, _removeTrigrams;

    /// <summary>Opens the index of a store, or makes it.</summary>
    internal SearchIndex(SealedStore store)
    {
        _store = store;
        store.Change(() =>
        {
            foreach (string statement in Schema)
            {
                using var command = store.Statement(statement);
                store.Execute(command);
            }
            return 0;
        });
        _add = store.Statement("INSERT INTO search_text (id, text) VALUES ($id, $text)", "$id", "$text");
        _addWords = store.Statement("INSERT INTO search_word (rowid, text) VALUES ($id, $text)", "$id", "$text");
        _addTrigrams = store.Statement("INSERT INTO search_part (rowid, text) VALUES ($id, $text)", "$id", "$text");
        _text = store.Statement("SELECT text FROM search_text WHERE id = $id", "$id");
        _remove = store.Statement("DELETE FROM search_text WHERE id = $id", "$id");
        _removeWords = store.Statement("INSERT INTO search_word (search_word, rowid, text) VALUES ('delete', $id, $text)", "$id", "$text");
        _removeTrigrams = store.Statement("INSERT INTO search_part (search_part, rowid, text) VALUES ('delete', $id, $text)", "$id", "$text");
    }

    /// <summary>The tables. 'secure-delete': what is removed leaves the index at once, and does not wait for a merge.</summary>
    internal static string[] Schema =>
    [
        "CREATE TABLE IF NOT EXISTS search_text (id INTEGER PRIMARY KEY, text TEXT NOT NULL)",
        "CREATE VIRTUAL TABLE IF NOT EXISTS search_word USING fts5(text, content='', columnsize=0, prefix='1 2', " +
            "tokenize=\"unicode61 remove_diacritics 2 categories 'L* N* Co Mc So Sk'\")",
        "CREATE VIRTUAL TABLE IF NOT EXISTS search_part USING fts5(text, content='', columnsize=0, detail=full, tokenize='trigram remove_diacritics 1')",
        "INSERT INTO search_word (search_word, rank) VALUES ('secure-delete', 1)",
        "INSERT INTO search_part (search_part, rank) VALUES ('secure-delete', 1)",
    ];

    /// <summary>Takes a text in, or another in its place. A later one has a higher id.</summary>
    internal void Add(long id, string text)
    {
        Remove(id);
        string plain = SearchText.Fold(text);
        if (plain.Length == 0) return;
        _store.Execute(_add, id, plain);
        _store.Execute(_addWords, id, SearchText.Separate(plain));
        _store.Execute(_addTrigrams, id, plain);
    }

    /// <summary>Forgets a text, and every trace of it.</summary>
    internal void Remove(long id)
    {
        if (_store.Ask(_text, id) is not string plain) return;
        _store.Execute(_removeWords, id, SearchText.Separate(plain));
        _store.Execute(_removeTrigrams, id, plain);
        _store.Execute(_remove, id);
    }

    /// <summary>The newest texts that have all of these words, newest first.</summary>
    /// <param name="words">What was typed, separated by spaces.</param>
    /// <param name="limit">How many at most.</param>
    internal List<long> Find(string words, int limit)
    {
        var found = new List<long>();
        string[] wanted = [.. SearchText.Fold(words).Split(' ', StringSplitOptions.RemoveEmptyEntries).Take(MostWords).Select(SearchText.Cut)];
        if (wanted.Length == 0 || limit <= 0) return found;
        string[] parts = [.. wanted.Where(static word => SearchText.Length(word) >= Trigram)];
        string[] beginnings = [.. wanted.Where(static word => SearchText.Length(word) < Trigram).SelectMany(SearchText.Beginning)];
        if (parts.Length + beginnings.Length == 0) return found;
        const string Newest = " ORDER BY rowid DESC LIMIT $limit";
        const string Parts = "search_part MATCH $parts", Words = "search_word MATCH $words";
        using var command = beginnings.Length == 0 ? _store.Statement($"SELECT rowid FROM search_part WHERE {Parts}{Newest}", "$limit", "$parts")
            : parts.Length == 0 ? _store.Statement($"SELECT rowid FROM search_word WHERE {Words}{Newest}", "$limit", "$words")
            : _store.Statement($"SELECT rowid FROM search_part WHERE {Parts} AND rowid IN (SELECT rowid FROM search_word WHERE {Words}){Newest}", "$limit", "$parts", "$words");
        object[] values = beginnings.Length == 0 ? [limit, All(parts)] : parts.Length == 0 ? [limit, All(beginnings)] : [limit, All(parts), All(beginnings)];
        _store.Read(command, reader => found.Add(reader.GetInt64(0)), values);
        return found;
    }

    public void Dispose()
    {
        foreach (var command in (SqliteCommand[])[_add, _addWords, _addTrigrams, _text, _remove, _removeWords, _removeTrigrams]) command.Dispose();
    }

    /// <summary>FTS5's language: what is quoted has no operators; quotes in it are doubled.</summary>
    private static string All(string[] phrases)
    {
        var query = new StringBuilder();
        foreach (string phrase in phrases)
        {
            bool isBeginning = phrase.EndsWith(SearchText.BeginningMark);
            string text = isBeginning ? phrase[..^1] : phrase;
            query.Append(query.Length > 0 ? " AND " : "").Append('"').Append(text.Replace("\"", "\"\"", StringComparison.Ordinal)).Append('"');
            if (isBeginning) query.Append('*');
        }
        return query.ToString();
    }
}
