using Holdfast.Protocol;

namespace Holdfast.Vault.Tests;

/// <summary>Search through the vault's own call: what was said, received, waits or was given up.</summary>
public sealed class SearchTests : IDisposable
{
    private readonly Organisation _organisation = new();
    private readonly Person _alice, _bob;
    private readonly LogId _log;

    public SearchTests()
    {
        (_alice, _bob) = (_organisation.Join("Alice"), _organisation.Join("Bob"));
        _log = _alice.Create(null, _bob);
        _bob.Sync();
    }

    public void Dispose() => _organisation.Dispose();

    [Fact]
    public void WhatWasSentIsFoundOnBothSides()
    {
        _alice.Say(_log, "Meet me under the clock");
        _bob.Sync();
        _bob.Say(_log, "Which clock?");
        _alice.Sync();
        foreach (var person in (Person[])[_alice, _bob])
        {
            Assert.Equal(["Which clock?", "Meet me under the clock"], Found(person, "clock"));
            Assert.Equal(["Meet me under the clock"], Found(person, "CLOCK meet"));
            Assert.Empty(Found(person, "noon"));
        }
        Assert.Equal(_alice.History(_log).Where(item => item.Kind == HistoryKind.Text).Reverse(), Ask(_alice, "clock").Items);
    }

    [Fact]
    public void WhatWaitsIsFoundAndStaysSoWhenItIsSentOrGivenUp()
    {
        var waiting = _alice.Ask<Sealed>(new SealTexts(_log, ["the first clock", "the second clock", "the third clock"])).Items;
        Assert.Equal([HistoryStatus.Pending, HistoryStatus.Pending, HistoryStatus.Pending], Ask(_alice, "clock").Items.Select(item => item.Status));
        _alice.Ask<Ok>(new LeaveOutbox(waiting[1].Post.Id, "No."));
        _alice.Sync();
        _alice.Restart();
        var found = Ask(_alice, "clock").Items;
        Assert.Equal(["the third clock", "the second clock", "the first clock"], found.Select(item => item.Text));
        Assert.Equal([HistoryStatus.Sent, HistoryStatus.Failed, HistoryStatus.Sent], found.Select(item => item.Status));
        Assert.Equal("No.", found[1].Reason);
    }

    [Fact]
    public void WhatIsSealedAgainIsFoundOnce()
    {
        var team = _alice.Create("Team", _bob);
        var carol = _organisation.Join("Carol");
        _bob.Sync();
        var waiting = _alice.Ask<Sealed>(new SealTexts(team, ["the clock"])).Item;
        _bob.Ask<Sealed>(new AddMembers(team, [Organisation.Claim(carol)]));
        _bob.Sync();
        Assert.Null(_organisation.Submit(waiting.Post));
        _alice.Sync();
        Assert.Equal([HistoryStatus.Sent], Ask(_alice, "clock").Items.Select(item => item.Status));
        _bob.Sync();
        Assert.Equal(["the clock"], Found(_bob, "clock"));
    }

    [Fact]
    public void AFileIsFoundByItsName()
    {
        var prepared = _alice.Ask<AttachmentPrepared>(new NewAttachment());
        var pointer = new AttachmentPointer(prepared.Blob, prepared.Key, new byte[32], 100, prepared.DeleteToken);
        _alice.Ask<Sealed>(new SealAttachment(_log, new AttachmentInfo("Übersicht 2026.pdf", "application/pdf", 90), pointer));
        _alice.Sync();
        _bob.Sync();
        Assert.Equal(["Übersicht 2026.pdf"], Found(_bob, "ubersicht pdf"));
        Assert.NotNull(Ask(_alice, "2026").Items[0].Attachment);
    }

    /// <summary>What nobody has written is in the words of today's names, which are put together when it is read.</summary>
    [Fact]
    public void NoticesAreNotSearched()
    {
        _organisation.Inject(_log, PostKind.Application, [1, 2, 3]);
        _alice.Sync();
        Assert.Contains(_alice.History(_log), item => item.Kind == HistoryKind.Unreadable);
        foreach (string word in (string[])["Alice", "added", "could", "Bob"]) Assert.Empty(Found(_alice, word));
    }

    [Fact]
    public void ASearchIsInOneConversationOrInAll()
    {
        var team = _alice.Create("Team", _bob);
        _alice.Say(_log, "a clock for two");
        _alice.Say(team, "a clock for all");
        Assert.Equal(["a clock for all", "a clock for two"], Found(_alice, "clock"));
        Assert.Equal(["a clock for two"], Found(_alice, "clock", _log));
        Assert.Equal(["a clock for all"], Found(_alice, "clock", team));
        _alice.Fails(new ReadHistory(new LogId(7), 0, 5, true, "clock"), VaultError.NotFound);
        _alice.Fails(new ReadHistory(null, 0, 5, true), VaultError.Malformed);
    }

    [Fact]
    public void LongMessagesComeInPagesThatFitThePipe()
    {
        string[] texts = [.. Enumerable.Range(0, 60).Select(number => $"clock {number} {new string('x', 200 << 10)}")];
        foreach (string[] batch in texts.Chunk(10)) _alice.Ask<Sealed>(new SealTexts(_log, batch));
        var (seen, mark, pages) = (new List<string>(), 0ul, 0);
        do
        {
            var page = _alice.Ask<Protocol.History>(new ReadHistory(null, mark, 1000, true, "clock"));
            seen.AddRange(page.Items.Select(item => item.Text));
            (mark, pages) = (page.Mark, pages + 1);
        }
        while (mark > 0);
        Assert.Equal(texts.Reverse(), seen);
        Assert.InRange(pages, 2, 10);
    }

    [Fact]
    public void ASearchThatIsTooLongIsRefusedWithTheLimit()
    {
        Assert.Contains("16 words", _alice.Fails(new ReadHistory(null, 0, 5, true, string.Join(' ', Enumerable.Range(0, 17))), VaultError.Refused).Reason);
        Assert.Contains("512 bytes", SearchLimits.Problem(new string('x', 513)));
        Assert.Null(SearchLimits.Problem(new string('x', 512)));
        _alice.Fails(new ReadHistory(null, 0, 5, true, new string('x', 513)), VaultError.Malformed);   // the pipe takes no more
    }

    [Fact]
    public void SearchingIsReadingBackAndHasItsQuota()
    {
        foreach (string[] batch in Enumerable.Range(0, 1200).Select(number => $"clock {number}").Chunk(100)) _alice.Ask<Sealed>(new SealTexts(_log, batch));
        _organisation.Clock.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(1000, Ask(_alice, "clock", 1000).Items.Count);
        Assert.Equal(1000, Ask(_alice, "clock", 1000).Items.Count);
        _alice.Fails(new ReadHistory(_log, 0, 1, true), VaultError.QuotaReached);
        _alice.Fails(new ReadHistory(null, 0, 1, true, "clock"), VaultError.QuotaReached);
        _organisation.Clock.Advance(TimeSpan.FromMinutes(1));
        for (int question = 0; question < ReadQuota.Messages; question++) Assert.Empty(Ask(_alice, "no").Items);   // what is not there is an answer, too
        _alice.Fails(new ReadHistory(null, 0, 1, true, "no"), VaultError.QuotaReached);
    }

    [Fact]
    public void AProfileFromBeforeTheSearchIsIndexedWhenItIsOpened()
    {
        _bob.Say(_log, "received clock");
        _alice.Say(_log, "sent clock");
        _alice.Ask<Sealed>(new SealTexts(_log, ["waiting clock", "given up clock"]));
        _alice.Ask<Ok>(new LeaveOutbox(_alice.Ask<Outbox>(new GetOutbox(0)).Posts[1].Post.Id, "No."));
        Execute("DROP TABLE search_part", "DROP TABLE search_text", "DROP TABLE search_state");
        _alice.Restart();
        Assert.Equal(["given up clock", "received clock", "sent clock", "waiting clock"], Found(_alice, "clock").Order(StringComparer.Ordinal));
        _alice.Sync();
        Assert.Equal(4, Found(_alice, "clock").Count());
    }

    private void Execute(params string[] statements) => _alice.Vault.Store.Change(() =>
    {
        foreach (string statement in statements)
        {
            using var command = _alice.Vault.Store.Statement(statement);
            _alice.Vault.Store.Execute(command);
        }
        return 0;
    });

    private static Protocol.History Ask(Person person, string words, uint limit = 100) =>
        person.Ask<Protocol.History>(new ReadHistory(null, 0, limit, true, words));

    private static IEnumerable<string> Found(Person person, string words, LogId? log = null) =>
        person.Ask<Protocol.History>(new ReadHistory(log, 0, 100, true, words)).Items.Select(item => item.Text);
}
