using Holdfast.Protocol;

namespace Holdfast.Vault.Tests;

/// <summary>What someone has typed does not vanish, whatever becomes of it.</summary>
public sealed class NotSentTests : IDisposable
{
    private readonly Organisation _organisation = new();
    private readonly Person _alice, _bob, _carol;

    public NotSentTests() =>
        (_alice, _bob, _carol) = (_organisation.Join("Alice"), _organisation.Join("Bob"), _organisation.Join("Carol"));

    public void Dispose() => _organisation.Dispose();

    [Fact]
    public void AMessageThatIsGivenUpStaysInTheHistoryWithTheReason()
    {
        var log = Team();
        _alice.Say(log, "before");
        foreach (var item in _alice.Ask<Sealed>(new SealTexts(log, ["one", "two"])).Items)
            _alice.Ask<Ok>(new LeaveOutbox(item.Post.Id, "The server refused it."));
        _alice.Say(log, "after");
        _alice.Restart();
        Assert.Empty(_alice.Ask<Outbox>(new GetOutbox(0)).Posts);
        Assert.Equal(["Alice: before", "Alice: one", "Alice: two", "Alice: after"], _alice.Texts(log));
        var given = _alice.History(log).Where(item => item.Status == HistoryStatus.Failed).ToList();
        Assert.Equal(2, given.Count);
        Assert.All(given, item => Assert.Equal("The server refused it.", item.Reason));
        _bob.Sync();
        Assert.Equal(["Alice: before", "Alice: after"], _bob.Texts(log));
    }

    [Theory, InlineData(1u), InlineData(2u), InlineData(3u)]
    public void PagesGoOverThemOnce(uint limit)
    {
        var log = Team();
        for (int round = 0; round < 3; round++)
        {
            foreach (var item in _alice.Ask<Sealed>(new SealTexts(log, [$"lost {round}", $"lost too {round}"])).Items)
                _alice.Ask<Ok>(new LeaveOutbox(item.Post.Id, "No."));
            _alice.Say(log, $"said {round}");
        }
        var (seen, after) = (new List<string>(), 0ul);
        while (_alice.Ask<Protocol.History>(new ReadHistory(log, after, limit, false)) is { Items: [.., var last] page })
        {
            seen.AddRange(page.Select(item => item.Text));
            after = last.Position;
        }
        Assert.Equal(_alice.History(log).Select(item => item.Text), seen);
        Assert.Equal(9, _alice.Texts(log).Count());
    }

    [Fact]
    public void WhatWaitedWhenWeWereRemovedIsKept()
    {
        var log = Team();
        _carol.Ask<Sealed>(new SealTexts(log, ["too late"]));
        _alice.Ask<Sealed>(new RemoveMember(log, _carol.Pin));
        _alice.Sync();
        _carol.Sync();
        var line = Assert.Single(_carol.History(log), item => item.Status == HistoryStatus.Failed);
        Assert.Equal("too late", line.Text);
        Assert.NotEmpty(line.Reason!);
        Assert.Empty(_carol.Ask<Outbox>(new GetOutbox(0)).Posts);
    }

    private LogId Team()
    {
        var log = _alice.Create("Team", _bob, _carol);
        foreach (var person in (Person[])[_bob, _carol, _alice]) person.Sync();
        return log;
    }
}
