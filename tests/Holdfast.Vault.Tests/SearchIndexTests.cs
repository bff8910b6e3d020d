using Holdfast.Cryptography;
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
    ];

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
            for (int i = 0; i < Texts.Length; i++) _index.Add(i, Texts[i]);
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
    [InlineData("στ", new long[] { 7 })]
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
    [InlineData("", new long[0])]
    [InlineData(" \t\n", new long[0])]
    [InlineData("*", new long[0])]
    [InlineData("\"", new long[0])]
    [InlineData("()", new long[0])]
    public void WordsAreFoundInAnyScriptNewestFirst(string words, long[] ids) => Assert.Equal(ids, _index.Find(words, 10));

    [Fact]
    public void TheNewestComeFirstAndNoMoreThanAskedFor()
    {
        _store.Change(() =>
        {
            for (int i = 100; i < 300; i++) _index.Add(i, $"noon number {i}");
            return 0;
        });
        Assert.Equal([299, 298, 297], _index.Find("noon", 3));
        Assert.Equal([299, 298], _index.Find("no", 2));
        Assert.Empty(_index.Find("noon", 0));
    }

    [Fact]
    public void WhatIsRemovedIsNotFoundAndNotStored()
    {
        const string Sentinel = "xyzzyplugh";
        _store.Change(() => { _index.Add(500, $"the word {Sentinel} alone"); return 0; });
        Assert.Equal([500], _index.Find("zyplu", 5));
        Assert.True(Traces(Sentinel[..5]) > 0);   // the search for traces finds them
        _store.Change(() => { _index.Remove(500); _index.Remove(501); return 0; });
        Assert.Empty(_index.Find("zyplu", 5));
        Assert.Equal(0, Traces(Sentinel[..5]));
        Assert.Equal("ok", _store.Check());
    }

    [Fact]
    public void AChangedTextIsFoundByWhatItSaysNow()
    {
        _store.Change(() => { _index.Add(0, "Meet me elsewhere"); return 0; });
        Assert.Equal([11], _index.Find("clock", 5));
        Assert.Equal([0], _index.Find("elsewhere", 5));
    }

    [Fact]
    public void TheIndexIsThereAfterTheStoreIsOpenedAgain()
    {
        _store.Dispose();
        using var store = SealedStore.Open(_disk, StoreStates.Path, _key, RandomSource.System, 2048);
        using var index = new SearchIndex(store);
        Assert.Equal([11, 0], index.Find("clock", 5));
    }

    [Fact]
    public void NoTextAndNoQuestionIsTooMuch()
    {
        string longest = string.Concat(Enumerable.Repeat("long ", 20_000));
        _store.Change(() => { _index.Add(600, longest); _index.Add(601, new string('ü', 50_000)); return 0; });
        Assert.Equal([600], _index.Find(longest, 5));
        Assert.Equal([601], _index.Find(new string('ü', 1000), 5));
        var chance = new Random(3);
        for (int i = 0; i < 2000; i++)
        {
            string anything = string.Concat(Enumerable.Range(0, chance.Next(12)).Select(_ => char.ConvertFromUtf32(Scalar(chance))));
            _store.Change(() => { _index.Add(1000 + i, anything); return 0; });
            _index.Find(anything, 5);
        }
        Assert.Equal("ok", _store.Check());
    }

    private static int Scalar(Random chance)
    {
        int value = chance.Next(3) switch { 0 => chance.Next(0x20, 0x7f), 1 => chance.Next(0x80, 0x3000), _ => chance.Next(0x3000, 0x1ffff) };
        return value is >= 0xd800 and <= 0xdfff ? 'x' : value;
    }

    /// <summary>How many rows of the index's own tables hold these letters.</summary>
    private long Traces(string letters)
    {
        long traces = 0;
        foreach (string table in (string[])["search_word_data", "search_part_data"])
        {
            using var command = _store.Statement($"SELECT block FROM {table}");
            _store.Read(command, reader => traces += ((byte[])reader.GetValue(0)).AsSpan().IndexOf(System.Text.Encoding.UTF8.GetBytes(letters)) >= 0 ? 1 : 0);
        }
        using var text = _store.Statement("SELECT count(*) FROM search_text WHERE text LIKE $text", "$text");
        return traces + (long)_store.Ask(text, $"%{letters}%")!;
    }
}
