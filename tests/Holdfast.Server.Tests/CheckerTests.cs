using Holdfast.Server.Bench.Checking;

namespace Holdfast.Server.Tests;

/// <summary>The checker that judges every load: on histories with one fault planted it says which, and on clean ones nothing.</summary>
public sealed class CheckerTests
{
    private const int Log = 7;

    private readonly Recording _recording = new();
    private readonly Submissions _alice, _bob;
    private readonly View _first, _second;

    /// <summary>Alice posts a1, a2, Bob b1; the log is a1, b1, a2; both have all of it, and a last post of Alice's has no answer.</summary>
    public CheckerTests()
    {
        (_alice, _bob) = (_recording.AddSubmissions(Log), _recording.AddSubmissions(Log));
        (_first, _second) = (_recording.AddView(Log), _recording.AddView(Log));
        _alice.Posts.AddRange([Post(0xa1), Post(0xa2), Post(0xa3)]);
        _bob.Posts.Add(Post(0xb1));
        _alice.Acknowledged.AddRange([new(0, 1), new(1, 3)]);
        _bob.Acknowledged.Add(new(0, 2));
        foreach (var view in _recording.Views)
        {
            view.Entries.AddRange([Pushed(1, 0xa1), Pushed(2, 0xb1), Pushed(3, 0xa2)]);
            view.IsComplete = true;
        }
    }

    [Fact]
    public void ACleanHistoryIsClean()
    {
        var verdict = Checker.Check(_recording);
        Assert.True(verdict.IsClean);
        Assert.Equal((4, 1, 6), (verdict.Posts, verdict.Unknown, verdict.Deliveries));
    }

    [Fact]
    public void WhatWasNotAcknowledgedMayBeThere()
    {
        _first.Entries.Add(Pushed(4, 0xa3));
        _second.Entries.Add(Pushed(4, 0xa3));
        Assert.True(Checker.Check(_recording).IsClean);
    }

    [Fact]
    public void WhatComesAgainAfterAReconnectOrInAnAnswerIsNoFault()
    {
        _first.Entries.AddRange([Pushed(2, 0xb1, connection: 1), Pushed(3, 0xa2, connection: 1), Pushed(1, 0xa1) with { Answer = 9 }]);
        _alice.Acknowledged.Add(new(0, 1));
        Assert.True(Checker.Check(_recording).IsClean);
    }

    [Fact]
    public void WhoSubscribedLaterNeedsWhatCameBehindItOnly()
    {
        var late = _recording.AddView(Log, from: 2);
        late.Entries.Add(Pushed(3, 0xa2));
        late.IsComplete = true;
        Assert.True(Checker.Check(_recording).IsClean);
        late.Entries.Clear();
        Assert.Equal(1, Checker.Check(_recording).Lost);
    }

    [Fact]
    public void AnAcknowledgedPostThatNobodyHasIsLost()
    {
        foreach (var view in _recording.Views) view.Entries.RemoveAt(2);
        Assert.Equal(None with { Lost = 1 }, Faults());
    }

    [Fact]
    public void AnAcknowledgedPostThatOneClientMissesIsLost()
    {
        _second.Entries.RemoveAt(1);
        Assert.Equal(None with { Lost = 1 }, Faults());
    }

    [Fact]
    public void AnUnacknowledgedPostThatOnlyOneClientHasIsLost()
    {
        _second.Entries.Add(Pushed(4, 0xa3));
        Assert.Equal(None with { Lost = 1 }, Faults());
    }

    [Fact]
    public void AClientThatStoppedReadingLosesNothing()
    {
        _second.Entries.Clear();
        _second.IsComplete = false;
        Assert.True(Checker.Check(_recording).IsClean);
    }

    [Fact]
    public void OnePostAtTwoPositionsIsDoubled()
    {
        foreach (var view in _recording.Views) view.Entries.Add(Pushed(4, 0xb1));
        Assert.Equal(None with { Doubled = 1 }, Faults());
    }

    [Fact]
    public void OnePostAcknowledgedAtTwoPositionsIsDoubled()
    {
        _bob.Acknowledged.Add(new(0, 4));
        Assert.Equal(None with { Doubled = 1 }, Faults());
    }

    [Fact]
    public void OnePositionPushedTwiceOnOneConnectionIsDoubled()
    {
        _first.Entries.Add(Pushed(3, 0xa2));
        Assert.Equal(None with { Doubled = 1 }, Faults());
    }

    [Fact]
    public void OnePositionTwiceInOneAnswerIsDoubled()
    {
        _first.Entries.AddRange([Pushed(3, 0xa2) with { Answer = 5 }, Pushed(3, 0xa2) with { Answer = 5 }]);
        Assert.Equal(None with { Doubled = 1 }, Faults());
    }

    [Fact]
    public void APushBehindALaterOneIsReordered()
    {
        (_first.Entries[1], _first.Entries[2]) = (_first.Entries[2], _first.Entries[1]);
        Assert.Equal(None with { Reordered = 1 }, Faults());
    }

    [Fact]
    public void APostBeforeAnEarlierOneOfItsSenderIsReordered()
    {
        _alice.Acknowledged.Clear();
        _alice.Acknowledged.AddRange([new(0, 3), new(1, 1)]);
        foreach (var view in _recording.Views) (view.Entries[0], view.Entries[2]) = (Pushed(1, 0xa2), Pushed(3, 0xa1));
        Assert.Equal(None with { Reordered = 1 }, Faults());
    }

    [Fact]
    public void TheSendersOrderHoldsForWhatWasNotAcknowledged()
    {
        _alice.Acknowledged.RemoveAt(1);
        _alice.Acknowledged.Add(new(2, 4));
        foreach (var view in _recording.Views)
        {
            view.Entries.RemoveAt(2);
            view.Entries.AddRange([Pushed(4, 0xa3), Pushed(5, 0xa2)]);
        }
        Assert.Equal(None with { Reordered = 1 }, Faults());
    }

    [Fact]
    public void TwoClientsThatSawDifferentEntriesAtOnePositionAreForked()
    {
        _second.Entries[2] = Pushed(3, 0xa3);
        Assert.Equal(None with { Forked = 1, Lost = 2 }, Faults());   // and each misses what the other has
    }

    [Fact]
    public void AnAcknowledgementOfAPositionAtWhichOthersSeeAnotherEntryIsForked()
    {
        foreach (var view in _recording.Views) view.Entries[2] = Pushed(3, 0xa3);
        Assert.Equal(None with { Forked = 1, Lost = 1 }, Faults());
    }

    [Fact]
    public void OtherBytesThanWereSentAreForkedAndStrange()
    {
        _first.Entries[1] = Pushed(2, 0xb1) with { Digest = 1 };
        Assert.Equal(None with { Forked = 1, Strange = 1 }, Faults());
    }

    [Fact]
    public void AnEntryThatNobodySentIsStrange()
    {
        foreach (var view in _recording.Views) view.Entries.Add(Pushed(4, 0xcc));
        Assert.Equal(None with { Strange = 2 }, Faults());
    }

    [Fact]
    public void LogsDoNotMix()
    {
        _recording.AddSubmissions(Log + 1).Posts.Add(Post(0xd1));
        var other = _recording.AddView(Log + 1);
        other.Entries.Add(Pushed(1, 0xd1));
        Assert.True(Checker.Check(_recording).IsClean);
    }

    [Fact]
    public void WithoutAViewToTheEndNothingCanBeSaid()
    {
        foreach (var view in _recording.Views) view.IsComplete = false;
        Assert.Throws<ArgumentException>(() => Checker.Check(_recording));
    }

    [Fact]
    public void OneIdSentTwiceCannotBeJudged()
    {
        _bob.Posts.Add(Post(0xa1));
        Assert.Throws<ArgumentException>(() => Checker.Check(_recording));
    }

    private static Verdict None { get; } = new(0, 0, 0, 0, 0, 0, 0, 0);

    private static Sent Post(uint id) => new(id, 100 + id);

    private static Received Pushed(ulong position, uint id, int connection = 0) => new(position, id, 100 + id, connection, 0);

    private Verdict Faults() => Checker.Check(_recording) with { Posts = 0, Unknown = 0, Deliveries = 0 };
}
