using Microsoft.Data.Sqlite;

namespace Holdfast.Vault;

/// <summary>A text that a search has found.</summary>
/// <param name="Id">A later text has a higher one.</param>
/// <param name="Place">Where the text is stored, as it was said when it was put in.</param>
internal readonly record struct FoundText(long Id, byte[] Place);

/// <summary>
/// Search over what people wrote, in any script: words by their beginnings, and anything of three characters or more wherever it
/// stands. One index of SQLite's FTS5, of every three characters in a row, beside a table of the texts, in the sealed database.
/// </summary>
/// <remarks>
/// The index knows which texts have three characters and not where; what it finds is looked at in the table. With positions it is three times
/// as long and takes a third longer to write. Each text is in the table at once, and in the index with many others: when nothing else is asked
/// of the vault, before a search, or when too many wait. One by one costs several times as much.
/// </remarks>
internal sealed class SearchIndex : IDisposable
{
    /// <summary>So many texts are indexed together.</summary>
    internal const int Batch = 1024;

    /// <summary>Or so many characters, or whoever writes long texts would have them all indexed, and held in memory, in one call.</summary>
    internal const int BatchCharacters = 1 << 20;

    /// <summary>So many may wait, which a search must index first: 30 us each.</summary>
    internal const int MostWaiting = 3 * Batch;

    /// <summary>Fewer, of not so many characters, are left to wait: by themselves they cost several times as much.</summary>
    private const int WorthIndexing = 128, CharactersWorthIndexing = WorthIndexing * 256;

    private readonly SealedStore _store;
    private readonly PreparedStatement _put, _move, _index;
    private readonly SqliteCommand _at, _between, _newest, _remove, _mark, _unindex;
    private long _last, _indexed, _waiting;   // the last one is in characters

    /// <summary>Opens the index of a store, or makes it.</summary>
    internal SearchIndex(SealedStore store)
    {
        _store = store;
        using (var exists = store.Statement("SELECT count(*) FROM sqlite_schema WHERE name = 'search_text'")) IsNew = store.Ask(exists) is 0L;
        if (IsNew) Make();
        _put = store.Prepare("INSERT INTO search_text (id, log, place, text) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (place) DO NOTHING");
        _move = store.Prepare("UPDATE search_text SET place = ?2 WHERE place = ?1");
        _at = store.Statement("SELECT id, log, text FROM search_text WHERE place = $place", "$place");
        _between = store.Statement("SELECT id, log, text FROM search_text WHERE id > $after ORDER BY id LIMIT $limit", "$after", "$limit");
        _newest = store.Statement(
            "SELECT log, CASE WHEN octet_length(text) <= $longest THEN text ELSE '' END FROM search_text ORDER BY id DESC LIMIT $limit", "$longest", "$limit");
        _remove = store.Statement("DELETE FROM search_text WHERE id = $id", "$id");
        _mark = store.Statement("UPDATE search_state SET indexed = $indexed", "$indexed");
        _index = store.Prepare("INSERT INTO search_part (rowid, log, text) VALUES (?1, ?2, ?3)");
        _unindex = store.Statement(
            "INSERT INTO search_part (search_part, rowid, log, text) VALUES ('delete', $id, $log, $text)", "$id", "$log", "$text");
        Forget();
    }

    /// <summary>Whether there was none in the store: what is there already is still to be put in.</summary>
    internal bool IsNew { get; }

    /// <summary>The tables. 'secure-delete': what is removed leaves the index at once, and does not wait for a merge.</summary>
    internal static string[] Schema =>
    [
        "CREATE TABLE search_text (id INTEGER PRIMARY KEY, log BLOB NOT NULL, place BLOB NOT NULL UNIQUE, text TEXT NOT NULL)",
        "CREATE TABLE search_state (indexed INTEGER NOT NULL)",
        "INSERT INTO search_state (indexed) VALUES (0)",
        "CREATE VIRTUAL TABLE search_part USING fts5(log, text, content='', columnsize=0, detail=none, tokenize='trigram case_sensitive 1')",
        "INSERT INTO search_part (search_part, rank) VALUES ('secure-delete', 1)",
    ];

    /// <summary>Takes a text in, in the place of what was there; an empty one only takes that out.</summary>
    /// <param name="log">The conversation it belongs to.</param>
    /// <param name="place">Where it is stored; no two have the same.</param>
    /// <param name="text">What somebody wrote.</param>
    internal void Put(byte[] log, byte[] place, string text)
    {
        string plain = SearchText.Of(text);
        if (plain.Length == 0) Remove(place);
        else if (_store.Execute(_put.Bind(1, _last + 1).Bind(2, log).Bind(3, place).Bind(4, plain)) > 0) Count(plain);
        else if (At(place) is { } before && before.Text != plain)
        {
            Remove(before);
            _store.Execute(_put.Bind(1, _last + 1).Bind(2, log).Bind(3, place).Bind(4, plain));
            Count(plain);
        }
    }

    /// <summary>The same text is stored elsewhere now. False where there is none.</summary>
    internal bool Move(byte[] from, byte[] to) => _store.Execute(_move.Bind(1, from).Bind(2, to)) > 0;

    /// <summary>Forgets a text, and every trace of it.</summary>
    internal void Remove(byte[] place)
    {
        if (At(place) is { } row) Remove(row);
    }

    /// <summary>Whether so much waits to be indexed that a quiet moment should be used for it.</summary>
    internal bool HasWork => _last - _indexed >= WorthIndexing || _waiting >= CharactersWorthIndexing;

    /// <summary>
    /// Indexes where more waits than a search can make good. It belongs to the end of a change: in a part of one, each text would be written by
    /// itself.
    /// </summary>
    internal void Settle()
    {
        while (_last - _indexed >= MostWaiting || _waiting >= BatchCharacters) IndexBatch();
    }

    /// <summary>Indexes the next of what waits, as a change of its own.</summary>
    internal void Work() => _store.Change(() =>
    {
        IndexBatch();
        return 0;
    });

    /// <summary>The newest texts that have all of these words, newest first. Indexes what waits.</summary>
    /// <param name="words">What was typed, separated by spaces.</param>
    /// <param name="log">Of which conversation; null for all.</param>
    /// <param name="before">Only what is older than this text; 0 for all.</param>
    /// <param name="limit">How many at most.</param>
    internal List<FoundText> Find(string words, byte[]? log, long before, int limit)
    {
        var found = new List<FoundText>();
        var query = SearchQuery.Of(words);
        if (query.Patterns.Count == 0 || limit <= 0) return found;
        if (_last > _indexed)
        {
            _store.Change(() =>
            {
                while (_last > _indexed) IndexBatch();
                return 0;
            });
        }
        using var command = _store.Statement(
            query.Statement(log is not null), ["$match", "$before", "$limit", "$log", .. Enumerable.Range(0, query.Patterns.Count).Select(number => $"$p{number}")]);
        _store.Read(
            command, reader => found.Add(new FoundText(reader.GetInt64(0), reader.GetFieldValue<byte[]>(1))),
            [query.Match(log, Sample()), before == 0 ? long.MaxValue : before, limit, (object?)log ?? DBNull.Value, .. query.Patterns]);
        return found;
    }

    /// <summary>A change was taken back: what is known of the store is read again.</summary>
    internal void Forget()
    {
        using var state = _store.Statement(
            "SELECT indexed, (SELECT max(id) FROM search_text), (SELECT sum(length(text)) FROM search_text WHERE id > indexed) FROM search_state");
        _store.Read(state, reader => (_indexed, _last, _waiting) =
            (reader.GetInt64(0), reader.IsDBNull(1) ? 0 : reader.GetInt64(1), reader.IsDBNull(2) ? 0 : reader.GetInt64(2)));
        _last = Math.Max(_last, _indexed);   // no id is ever used again: what has one up to the mark is indexed
    }

    public void Dispose()
    {
        foreach (var statement in (PreparedStatement[])[_put, _move, _index]) statement.Dispose();
        foreach (var command in (SqliteCommand[])[_at, _between, _newest, _remove, _mark, _unindex]) command.Dispose();
    }

    private void Make() => _store.Change(() =>
    {
        foreach (string statement in Schema)
        {
            using var command = _store.Statement(statement);
            _store.Execute(command);
        }
        return 0;
    });

    private void IndexBatch()
    {
        var rows = new List<Row>();
        _store.Read(_between, reader => rows.Add(Row.Of(reader)), _indexed, Batch);
        foreach (var row in rows) _store.Execute(_index.Bind(1, row.Id).Bind(2, SearchText.Token(row.Log)).Bind(3, row.Text));
        (_indexed, _waiting) = rows.Count < Batch ? (_last, 0) : (rows[^1].Id, _waiting - rows.Sum(static row => (long)row.Text.Length));
        _store.Execute(_mark, _indexed);
    }

    private SearchSample Sample()
    {
        var sample = new SearchSample();
        _store.Read(_newest, reader => sample.Add(reader.GetFieldValue<byte[]>(0), reader.GetString(1)), SearchSample.LongestText, SearchSample.Size);
        return sample;
    }

    private void Count(string plain)
    {
        _last++;
        _waiting += plain.Length;
    }

    private void Remove(Row row)
    {
        if (row.Id > _indexed) _waiting -= row.Text.Length;
        else _store.Execute(_unindex, row.Id, SearchText.Token(row.Log), row.Text);
        _store.Execute(_remove, row.Id);
    }

    private Row? At(byte[] place)
    {
        Row? found = null;
        _store.Read(_at, reader => found = Row.Of(reader), place);
        return found;
    }

    private sealed record Row(long Id, byte[] Log, string Text)
    {
        internal static Row Of(SqliteDataReader reader) => new(reader.GetInt64(0), reader.GetFieldValue<byte[]>(1), reader.GetString(2));
    }
}
