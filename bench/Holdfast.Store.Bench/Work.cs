using System.Diagnostics;
using System.Text;
using Holdfast.Vault;

namespace Holdfast.Store.Bench;

/// <summary>What is measured. Each returns milliseconds; sizes and order of the work are the same every time.</summary>
internal static class Work
{
    private const int Messages = 100_000, BatchMessages = 64, MessageBytes = 300, PageRows = 50, Pages = 2000, Questions = 200;

    private static readonly string[] Vocabulary = MakeVocabulary();

    /// <summary>100,000 messages of 300 bytes into a new database, 64 in a transaction, each transaction on the disk.</summary>
    internal static double Insert(Database database)
    {
        var value = new byte[MessageBytes];
        new Random(1).NextBytes(value);
        long start = Stopwatch.GetTimestamp();
        using var put = database.Command("INSERT INTO record (kind, key, value) VALUES (6, $key, $value) ON CONFLICT DO UPDATE SET value = excluded.value", "$key", "$value");
        for (int first = 0; first < Messages; first += BatchMessages)
        {
            using var transaction = database.Connection.BeginTransaction();
            put.Transaction = transaction;
            for (int i = first; i < Math.Min(first + BatchMessages, Messages); i++)
            {
                (put.Parameters[0].Value, put.Parameters[1].Value) = (KeyOf(i), value);
                put.ExecuteNonQuery();
            }
            transaction.Commit();
        }
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    /// <summary>2,000 pages of 50 messages, anywhere in the history; the cache is empty at first.</summary>
    internal static double History(Database database)
    {
        var chance = new Random(2);
        using var scan = database.Command("SELECT key, value FROM record WHERE kind = 6 AND key > $from ORDER BY key LIMIT 50", "$from");
        long start = Stopwatch.GetTimestamp();
        int rows = 0;
        for (int page = 0; page < Pages; page++)
        {
            scan.Parameters[0].Value = KeyOf(chance.Next(Messages - PageRows - 1));
            using var reader = scan.ExecuteReader();
            while (reader.Read()) rows += reader.GetFieldValue<byte[]>(1).Length == MessageBytes ? 1 : 0;
        }
        if (rows != Pages * PageRows) throw new InvalidOperationException("rows are missing");
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    /// <summary>100,000 messages into the index of the search, as many in a transaction as the vault takes.</summary>
    internal static double Index(Database database)
    {
        foreach (string statement in SearchIndex.Schema) database.Run(statement);
        using var parts = database.Command("INSERT INTO search_part (rowid, log, text) VALUES ($id, '', $text)", "$id", "$text");
        var chance = new Random(3);
        long start = Stopwatch.GetTimestamp();
        for (int first = 0; first < Messages; first += SearchIndex.Batch)
        {
            using var transaction = database.Connection.BeginTransaction();
            parts.Transaction = transaction;
            for (int i = first; i < Math.Min(first + SearchIndex.Batch, Messages); i++)
            {
                (parts.Parameters[0].Value, parts.Parameters[1].Value) = (i, SearchText.Of(Sentence(chance)));
                parts.ExecuteNonQuery();
            }
            transaction.Commit();
        }
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    /// <summary>200 questions: parts of words, and beginnings of two letters; the cache is empty at first.</summary>
    internal static double Search(Database database)
    {
        var chance = new Random(4);
        using var parts = database.Command("SELECT rowid FROM search_part WHERE search_part MATCH $words ORDER BY rowid DESC LIMIT 50", "$words");
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < Questions; i++)
        {
            string word = Word(chance), other = Word(chance);
            parts.Parameters[0].Value = SearchQuery.Of(i % 2 == 0 ? $"{word[1..]} {other}" : word[..2]).Match(null, new SearchSample());
            using var reader = parts.ExecuteReader();
            while (reader.Read()) reader.GetInt64(0);
        }
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    private static byte[] KeyOf(int number) => SealedStore.Key(new byte[16], (ulong)number);

    private static string Sentence(Random chance) => string.Join(' ', Enumerable.Range(0, 5 + chance.Next(25)).Select(_ => Word(chance)));

    /// <summary>Some words are much more frequent than others.</summary>
    private static string Word(Random chance) => Vocabulary[(int)(Vocabulary.Length * Math.Pow(chance.NextDouble(), 3))];

    private static string[] MakeVocabulary()
    {
        var chance = new Random(5);
        var words = new string[20_000];
        for (int i = 0; i < words.Length; i++)
        {
            var word = new StringBuilder();
            for (int length = 4 + chance.Next(7); word.Length < length;) word.Append("bcdfghklmnprstvw"[chance.Next(16)]).Append("aeiou"[chance.Next(5)]);
            words[i] = word.ToString();
        }
        return words;
    }
}
