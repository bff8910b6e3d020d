using Holdfast.Cryptography;
using Holdfast.Vault.Pages;
using Holdfast.Vault.Tests.Pages;

namespace Holdfast.Vault.Tests;

/// <summary>Search over what people wrote.</summary>
public sealed class SearchIndexTests : IDisposable
{
    private static readonly string[] Texts =
    [
        "Meet me under the clock at noon",
        "Встретимся под часами в полдень",
        "قابلني تحت الساعة ظهراً",
        "中午在钟下见我",
        "正午に時計の下で会いましょう",
        "정오에 시계 아래에서 만나요",
        "พบกันใต้นาฬิกาตอนเที่ยง",
        "Πάμε στο ρολόι το μεσημέρι",
        "פגוש אותי מתחת לשעון",
        "घड़ी के नीचे मिलो",
        "Déjà vu: naïve café at Straße 5",
        "🕛 under the 👨‍👩‍👧 clock 👍🏽",
        "C++ and O'Reilly say \"quotes\" AND NOT (this OR that)",
        "Котёнок пьёт йод",
        "Στην ΟΔΌΣ Αθηνάς",
        "A\u030angstro\u0308m in İSTANBUL",
    ];

    private static readonly byte[] Log = [.. Enumerable.Range(1, 16).Select(static value => (byte)value)], Other = [.. Enumerable.Repeat((byte)9, 16)];

    private readonly RecordedDisk _disk = new();
    private readonly Secret _key = Secret.Random(32, RandomSource.System);
    private readonly SealedStore _store;
    private readonly SearchIndex _index;

    public SearchIndexTests()
    {
        _store = SealedStore.Open(_disk, StoreStates.Path, _key, RandomSource.System, 2048);
        _index = new SearchIndex(_store);
        _store.Change(() =>
        {
            for (int i = 0; i < Texts.Length; i++) _index.Put(Log, Place(i), Texts[i]);
            return 0;
        });
    }

    public void Dispose()
    {
        _index.Dispose();
        _store.Dispose();
        _key.Dispose();
    }

    [Theory]
    [InlineData("clock", new long[] { 11, 0 })]
    [InlineData("CLOCK", new long[] { 11, 0 })]
    [InlineData("clock noon", new long[] { 0 })]
    [InlineData("loc", new long[] { 11, 0 })]
    [InlineData("cl", new long[] { 11, 0 })]
    [InlineData("c", new long[] { 12, 11, 10, 0 })]
    [InlineData("lo", new long[0])]
    [InlineData("часами", new long[] { 1 })]
    [InlineData("ЧАС", new long[] { 1 })]
    [InlineData("ретим", new long[] { 1 })]
    [InlineData("по", new long[] { 1 })]
    [InlineData("الساعة", new long[] { 2 })]
    [InlineData("ظهرا", new long[] { 2 })]
    [InlineData("تح", new long[] { 2 })]
    [InlineData("钟", new long[] { 3 })]
    [InlineData("钟下", new long[] { 3 })]
    [InlineData("中午在", new long[] { 3 })]
    [InlineData("下钟", new long[0])]
    [InlineData("時計", new long[] { 4 })]
    [InlineData("会い", new long[] { 4 })]
    [InlineData("시계", new long[] { 5 })]
    [InlineData("만", new long[] { 5 })]
    [InlineData("นาฬิกา", new long[] { 6 })]
    [InlineData("ต", new long[] { 6 })]
    [InlineData("ρολόι", new long[] { 7 })]
    [InlineData("στ", new long[] { 14, 7 })]
    [InlineData("שעון", new long[] { 8 })]
    [InlineData("नीचे", new long[] { 9 })]
    [InlineData("cafe", new long[] { 10 })]
    [InlineData("café", new long[] { 10 })]
    [InlineData("NAIVE", new long[] { 10 })]
    [InlineData("5", new long[] { 10 })]
    [InlineData("🕛", new long[] { 11 })]
    [InlineData("👍", new long[] { 11 })]
    [InlineData("👨‍👩‍👧", new long[] { 11 })]
    [InlineData("👨", new long[] { 11 })]
    [InlineData("C++", new long[] { 12 })]
    [InlineData("O'Reilly", new long[] { 12 })]
    [InlineData("\"quotes\"", new long[] { 12 })]
    [InlineData("NOT", new long[] { 12 })]
    [InlineData("(this", new long[] { 12 })]
    [InlineData("clock 🕛", new long[] { 11 })]
    [InlineData("under u", new long[] { 11, 0 })]
    [InlineData("absent", new long[0])]
    [InlineData("clock absent", new long[0])]
    [InlineData("КОТЁНОК", new long[] { 13 })]
    [InlineData("йод", new long[] { 13 })]
    [InlineData("ΟΔΟΣ", new long[] { 14 })]
    [InlineData("οδός", new long[] { 14 })]
    [InlineData("ÅNGSTROM", new long[] { 15 })]
    [InlineData("istanbul", new long[] { 15 })]
    [InlineData("o'r", new long[] { 12 })]
    [InlineData("reilly", new long[] { 12 })]
    [InlineData("+", new long[0])]
    [InlineData("c+", new long[] { 12 })]
    [InlineData("clock -", new long[] { 11, 0 })]
    [InlineData("AND", new long[] { 12 })]
    [InlineData("OR", new long[] { 12 })]
    [InlineData("NEAR(clock noon)", new long[0])]
    [InlineData("clock*", new long[0])]
    [InlineData("text:clock", new long[0])]
    [InlineData("^clock", new long[0])]
    [InlineData("'; DROP TABLE search_text; --", new long[0])]
    [InlineData("", new long[0])]
    [InlineData(" \t\n", new long[0])]
    [InlineData("*", new long[0])]
    [InlineData("\"", new long[0])]
    [InlineData("()", new long[0])]
    public void WordsAreFoundInAnyScriptNewestFirst(string words, long[] ids) => Assert.Equal(ids, Find(words, 10));

    [Fact]
    public void TheNewestComeFirstAndNoMoreThanAskedFor()
    {
        Put(100..300, static i => $"noon number {i}");
        Assert.Equal([299, 298, 297], Find("noon", 3));
        Assert.Equal([299, 298], Find("no", 2));
        Assert.Empty(Find("noon", 0));
    }

    [Fact]
    public void OnePageFollowsTheOther()
    {
        Put(100..300, static i => $"noon number {i}");
        var (seen, before) = (new List<long>(), 0L);
        while (_index.Find("noon", null, before, 7) is { Count: > 0 } page)
        {
            seen.AddRange(page.Select(static text => Number(text.Place)));
            before = page[^1].Id;
        }
        Assert.Equal([.. Enumerable.Range(100, 200).Reverse().Select(static i => (long)i), 0], seen);
    }

    [Fact]
    public void ASearchInOneConversationFindsNothingOfOthers()
    {
        _store.Change(() => { _index.Put(Other, Place(50), "another clock"); return 0; });
        Assert.Equal([50, 11, 0], Find("clock", 10));
        Assert.Equal([50], Find("clock", 10, Other));
        Assert.Equal([11, 0], Find("clock", 10, Log));
        Assert.Empty(Find(SearchText.Token(Other), 10));   // what stands for a conversation in the index is no text
        byte[] alike = [.. Other[..6], .. new byte[10]];
        _store.Change(() => { _index.Put(alike, Place(51), "a clock elsewhere"); return 0; });
        Assert.Equal(SearchText.Token(Other), SearchText.Token(alike));
        Assert.Equal([50], Find("clock", 10, Other));
    }

    /// <summary>At once, in a batch, or when somebody searches: it makes no difference.</summary>
    [Theory, InlineData(1), InlineData(SearchIndex.Batch - 1), InlineData(SearchIndex.Batch), InlineData((2 * SearchIndex.Batch) + 1)]
    public void WhatIsIndexedTogetherIsFoundLikeWhatIsIndexedByItself(int count)
    {
        Put(100..(100 + count), static i => $"noon <{i}>");
        Assert.Equal(Enumerable.Range(100, count).Reverse().Select(static i => (long)i).Append(0), Find("noon", int.MaxValue));
        Assert.Equal([100], Find("noon <100>", 5));
        Put(9000..9001, static _ => "noon again");
        Assert.Equal([9000], Find("again", 5));
    }

    /// <summary>A thousand of the longest texts in one call took minutes, and gigabytes; nobody but their writer chooses how long texts are.</summary>
    [Fact]
    public void LongTextsDoNotWaitForAThousandOfTheirKind()
    {
        const int Each = SearchIndex.BatchCharacters / 4;
        using var indexed = _store.Statement("SELECT indexed FROM search_state");
        using var waiting = _store.Statement("SELECT coalesce(sum(length(text)), 0) FROM search_text, search_state WHERE id > indexed");
        for (int text = 100; text < 120; text++)
        {
            Put(text..(text + 1), i => $"{i} " + new string((char)('a' + (i % 20)), Each));
            if (text == 110) _index.Forget();
            Assert.InRange((long)_store.Ask(waiting)!, 0, SearchIndex.BatchCharacters);
        }
        Assert.InRange((long)_store.Ask(indexed)!, 16, 1000);
        Assert.Equal([105], Find("105", 5));
    }

    [Fact]
    public void AChangeThatWasTakenBackLeavesNothing()
    {
        Assert.Throws<InvalidOperationException>(() => _store.Change<int>(() =>
        {
            for (int i = 0; i < 2 * SearchIndex.Batch; i++) _index.Put(Log, Place(100 + i), "taken back");
            _index.Settle();
            throw new InvalidOperationException();
        }));
        _index.Forget();
        Assert.Empty(Find("taken", 5));
        Put(7000..7001, static _ => "taken at last");
        Assert.Equal([7000], Find("taken", 5));
        Assert.Equal("ok", _store.Check());
    }

    [Fact]
    public void APartThatWasTakenBackLeavesNothing()
    {
        _store.Change(() =>
        {
            Assert.Throws<InvalidOperationException>(() => _store.Part(() =>
            {
                _index.Put(Log, Place(100), "taken back");
                _index.Remove(Place(0));
                throw new InvalidOperationException();
            }));
            _index.Put(Log, Place(101), "not taken back");
            _index.Settle();
            return 0;
        });
        Assert.Equal([101], Find("taken", 5));
        Assert.Equal([11, 0], Find("clock", 5));
    }

    /// <summary>Indexed or still waiting to be.</summary>
    [Theory, InlineData(true), InlineData(false)]
    public void WhatIsRemovedIsNotFoundAndNotStored(bool isIndexed)
    {
        const string Sentinel = "xyzzyplugh";
        Put(500..501, static _ => $"the word {Sentinel} alone");
        if (isIndexed) Assert.Equal([500], Find("zyplu", 5));
        Assert.True(Traces() > (isIndexed ? 1 : 0));   // the search for traces finds them
        _store.Change(() => { _index.Remove(Place(500)); _index.Remove(Place(501)); return 0; });
        Assert.Empty(Find("zyplu", 5));
        Assert.Equal(0, Traces());
        Assert.Equal("ok", _store.Check());

        long Traces()
        {
            _store.Checkpoint();
            return Pages().Sum(static page => Count(page, "xyzzyplugh"u8) + Count(page, "zzy"u8));
        }
    }

    [Fact]
    public void AChangedTextIsFoundByWhatItSaysNow()
    {
        Assert.Equal([11, 0], Find("clock", 5));
        Put(0..1, static _ => "Meet me elsewhere");
        Assert.Equal([11], Find("clock", 5));
        Assert.Equal([0], Find("elsewhere", 5));
        Put(0..1, static _ => "");
        Assert.Empty(Find("elsewhere", 5));
    }

    [Fact]
    public void ATextThatIsStoredElsewhereIsFoundThere()
    {
        _store.Change(() => { _index.Move(Place(0), Place(77)); _index.Move(Place(78), Place(79)); return 0; });
        Assert.Equal([11, 77], Find("clock", 5));
    }

    [Fact]
    public void TheIndexIsThereAfterTheStoreIsOpenedAgain()
    {
        Assert.True(_index.IsNew);
        Put(100..101, static _ => "waits");
        _store.Dispose();
        using var store = SealedStore.Open(_disk, StoreStates.Path, _key, RandomSource.System, 2048);
        using var index = new SearchIndex(store);
        Assert.False(index.IsNew);
        Assert.Equal([11, 0], index.Find("clock", null, 0, 5).Select(static text => Number(text.Place)));
        Assert.Equal([100], index.Find("waits", null, 0, 5).Select(static text => Number(text.Place)));
    }

    /// <summary>No id is used again, or the next text would pass for one that is indexed.</summary>
    [Fact]
    public void ATextThatFollowsARemovedOneIsFound()
    {
        Put(100..101, static _ => "last");
        Assert.Equal([100], Find("last", 5));
        _store.Change(() => { _index.Remove(Place(100)); return 0; });
        _index.Forget();
        Put(101..102, static _ => "at last");
        Assert.Equal([101], Find("last", 5));
    }

    [Fact]
    public void NoTextIsTooMuchAndAQuestionThatIsTooLongIsRefused()
    {
        string longest = string.Concat(Enumerable.Repeat("long ", 50_000));
        Put(600..601, _ => longest);
        Put(601..602, static _ => new string('ü', 100_000));
        Assert.Equal([600], Find("long long longlong l", 5).Concat(Find("long", 5)).Distinct());
        Assert.Equal([601], Find(new string('ü', 200), 5));
        foreach (string typed in (string[])[new string('x', 513), new string('ü', 300), string.Join(' ', Enumerable.Range(0, 17))])
        {
            var refused = Assert.Throws<VaultException>(() => Find(typed, 5));
            Assert.Equal(Protocol.VaultError.Refused, refused.Error);
            Assert.Contains("search takes up to", refused.Message);
        }
        Assert.Empty(Find(new string('x', 512), 5));
        Assert.Empty(Find(string.Join(' ', Enumerable.Range(100, 16)), 5));
    }

    /// <summary>Every text is found by each of its words, by what each begins with, and by what is inside it; whatever it is made of.</summary>
    [Fact]
    public void EveryTextIsFoundByAnyPartOfIt()
    {
        var chance = new Random(3);
        for (int i = 1000; i < 1400; i++)
        {
            string text = string.Concat(Enumerable.Range(0, 2 + chance.Next(12)).Select(_ => char.ConvertFromUtf32(Scalar(chance))));
            Put(i..(i + 1), _ => text);
            foreach (string word in SearchText.Fold(text).Split(' ', StringSplitOptions.RemoveEmptyEntries))
            {
                string[] letters = [.. word.EnumerateRunes().Select(static rune => rune.ToString())];
                int from = chance.Next(letters.Length), to = chance.Next(from + 1, letters.Length + 1);
                if (to - from < 3) continue;
                Assert.Contains(i, Find(string.Concat(letters[from..to]), int.MaxValue));
                Assert.Contains(i, Find(word, int.MaxValue));
            }
            Find(text, 5);
        }
        Assert.Equal("ok", _store.Check());
    }

    /// <summary>Whatever the index is asked for: what is found are the texts that have all the words, the newest first, and no others.</summary>
    [Theory, InlineData(1), InlineData(2), InlineData(3)]
    public void WhatIsFoundIsWhatGoingThroughAllTextsFinds(int seed)
    {
        var chance = new Random(seed);
        string[] words = ["the", "they", "then", "a", "an", "and", "to", "tomorrow", "meeting", "meet", "in", "inn", "中国", "国", "中", "文", "ёж", "xyl"];
        string Words(int most) => string.Join(' ', Enumerable.Range(0, 1 + chance.Next(most)).Select(_ => words[(int)(words.Length * Math.Pow(chance.NextDouble(), 2))]));
        var said = new List<(byte[] Log, string Text)>();
        for (int i = 0; i < 3 * SearchSample.Size; i++) said.Add((chance.Next(5) == 0 ? Other : Log, Words(i < SearchSample.Size ? 3 : 30)));   // the newest are not like the others
        _store.Change(() =>
        {
            for (int i = 0; i < said.Count; i++) _index.Put(said[i].Log, Place(1000 + i), said[i].Text);
            return 0;
        });
        for (int i = 0; i < 200; i++)
        {
            string typed = Words(16);
            byte[]? log = chance.Next(2) == 0 ? null : Other;
            var patterns = SearchQuery.Of(typed).Patterns;
            var expected = Enumerable.Range(0, said.Count).Reverse().Where(number => (log is null || said[number].Log == log)
                && patterns.All(pattern => SearchText.Of(said[number].Text).Contains(pattern, StringComparison.Ordinal))).Select(static number => 1000L + number);
            Assert.Equal(expected, Find(typed, int.MaxValue, log).Where(static number => number >= 1000));
            Assert.Equal(expected.Take(3), Find(typed, 3, log).Where(static number => number >= 1000).Take(3));
        }
    }

    /// <summary>Sixteen frequent words: the index is asked for the rarest of them; of a rare one and frequent ones, for the rare one.</summary>
    [Fact]
    public void TheIndexIsAskedForWhatIsRare()
    {
        var sample = new SearchSample();
        for (int i = 0; i < SearchSample.Size; i++) sample.Add(Log, $"{(i % 2 == 0 ? "even" : "odd")} {(i % 10 == 0 ? "tenth" : "")}");
        Assert.Equal(["xyz"], sample.Choose(null, ["eve", "xyz"]));
        Assert.Equal(["ent", "eve"], sample.Choose(null, ["eve", "ent"]));
        Assert.Equal(["eve"], sample.Choose(null, ["eve"]));
        Assert.Equal([SearchText.Token(Log), "xyz"], sample.Choose(SearchText.Token(Log), ["eve", "xyz"]));
    }

    private static int Scalar(Random chance)
    {
        int value = chance.Next(4) switch { 0 => chance.Next(0x20, 0x7f), 1 => chance.Next(0x80, 0x3000), 2 => chance.Next(0x3000, 0x1ffff), _ => "ab c\"'*"[chance.Next(7)] };
        return value is >= 0xd800 and <= 0xdfff ? 'x' : value;
    }

    private static byte[] Place(int number) => SealedStore.Key([], (ulong)number);

    private static long Number(byte[] place) => (long)System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(place);

    private static int Count(ReadOnlySpan<byte> page, ReadOnlySpan<byte> wanted)
    {
        int count = 0;
        for (int at; (at = page.IndexOf(wanted)) >= 0; page = page[(at + 1)..]) count++;
        return count;
    }

    private void Put(Range numbers, Func<int, string> text) => _store.Change(() =>
    {
        for (int i = numbers.Start.Value; i < numbers.End.Value; i++) _index.Put(Log, Place(i), text(i));
        _index.Settle();
        return 0;
    });

    private IEnumerable<long> Find(string words, int limit, byte[]? log = null) => [.. _index.Find(words, log, 0, limit).Select(static text => Number(text.Place))];

    /// <summary>Every page of the database as it is under the seal, whoever uses it.</summary>
    private List<byte[]> Pages()
    {
        using var files = StoreFiles.Open(_disk.Copy(), StoreStates.Path, _key, RandomSource.System);
        var pages = new List<byte[]>();
        for (long at = 0; at < files.Main.Size; at += 4096)
        {
            pages.Add(new byte[4096]);
            files.Main.Read(pages[^1], at);
        }
        return pages;
    }
}
