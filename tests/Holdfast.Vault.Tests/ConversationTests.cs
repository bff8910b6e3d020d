using Holdfast.Codec;
using Holdfast.Protocol;

namespace Holdfast.Vault.Tests;

public sealed class ConversationTests : IDisposable
{
    private readonly Organisation _organisation = new();
    private readonly Person _alice, _bob, _carol;

    public ConversationTests() =>
        (_alice, _bob, _carol) = (_organisation.Join("Alice"), _organisation.Join("Bob"), _organisation.Join("Carol"));

    public void Dispose() => _organisation.Dispose();

    [Fact]
    public void TwoPeopleTalkAndSeeTheSameHistory()
    {
        var log = _alice.Create(null, _bob);
        _alice.Say(log, "hello");
        _bob.Sync();
        _bob.Say(log, "hello yourself");
        _alice.Sync();
        Assert.Equal(["Alice: hello", "Bob: hello yourself"], _bob.Texts(log));
        Assert.Equal(_alice.Texts(log).Select(line => line), _bob.Texts(log));
        Assert.Equal("Bob", Assert.Single(_alice.Ask<Conversations>(new ListAll(Listed.Conversations)).Items).Name);
    }

    /// <summary>Long messages that the server has not taken: several senders may each have many on the way.</summary>
    [Fact]
    public void WhatWaitsIsReadInPagesThatFitAFrame()
    {
        var log = _alice.Create(null, _bob);
        string text = new('x', ProtocolLimits.TextBytes);
        var said = Enumerable.Range(0, 128).Select(_ => Assert.Single(_alice.Ask<Sealed>(new SealTexts(log, [text])).Items).Post.Id).ToList();
        var waiting = new List<MessageId>();
        ulong after = 0;
        do
        {
            var page = _alice.Ask<Outbox>(new GetOutbox(after));
            Assert.InRange(Tls.Encode<VaultReply>(page).Length, 1, ProtocolLimits.VaultFrameBytes);
            waiting.AddRange(page.Posts.Select(static item => item.Post.Id));
            after = page.Last;
        }
        while (after != 0);
        Assert.Equal(said, waiting);
    }

    [Fact]
    public void InviterAndInvitedKnowEachOtherByName()
    {
        Assert.Equal(["Bob", "Carol"], _alice.Ask<Contacts>(new ListAll(Listed.Contacts)).Items.Select(contact => contact.Name));
        Assert.All(_alice.Ask<Contacts>(new ListAll(Listed.Contacts)).Items, contact => Assert.Equal(ContactState.Known, contact.State));
        Assert.Equal("Alice", Assert.Single(_bob.Ask<Contacts>(new ListAll(Listed.Contacts)).Items).Name);
    }

    [Fact]
    public void MembersWhoNeverMetLearnEachOthersNames()
    {
        var log = _alice.Create("Team", _bob);
        _bob.Sync();
        _alice.Ask<Sealed>(new AddMembers(log, [Organisation.Claim(_carol)]));
        _alice.Sync();
        _bob.Sync();
        _carol.Sync();
        Assert.Equal(["Alice", "Bob", "Carol"], _bob.Ask<Members>(new ListAll(Listed.Members, log)).Items.Select(member => member.Name));
        Assert.Equal(["Alice", "Bob", "Carol"], _carol.Ask<Members>(new ListAll(Listed.Members, log)).Items.Select(member => member.Name));
    }

    [Fact]
    public void ARemovedMemberHasNothingAfterItsRemoval()
    {
        var log = _alice.Create("Team", _bob, _carol);
        Everyone(person => person.Sync());
        _alice.Say(log, "before");
        _alice.Ask<Sealed>(new RemoveMember(log, _carol.Pin));
        _alice.Sync();
        _alice.Say(log, "after");
        Everyone(person => person.Sync());
        Assert.Equal(["Alice: before", "Alice: after"], _bob.Texts(log));
        Assert.Equal(["Alice: before"], _carol.Texts(log));
        Assert.Equal(ConversationState.Left, Assert.Single(_carol.Ask<Conversations>(new ListAll(Listed.Conversations)).Items).State);
        _carol.Fails(new SealTexts(log, ["still here?"]), VaultError.Refused);
        Assert.Contains(_bob.History(log), item => item.Text == "Alice removed Carol");
    }

    [Fact]
    public void WhoLeavesIsLetGoByAnother()
    {
        var log = _alice.Create("Team", _bob, _carol);
        Everyone(person => person.Sync());
        _carol.Ask<Sealed>(new RemoveMember(log, null));
        _carol.Sync();
        Everyone(person => person.Sync());
        _organisation.Clock.Advance(TimeSpan.FromMinutes(1));
        _bob.PerformAllDue();
        _alice.PerformAllDue();
        Everyone(person => person.Sync());
        Assert.Equal(ConversationState.Left, Assert.Single(_carol.Ask<Conversations>(new ListAll(Listed.Conversations)).Items).State);
        foreach (var person in (Person[])[_alice, _bob, _carol])
        {
            var line = Assert.Single(person.History(log), item => item.Text == "Carol left");
            Assert.Equal((_carol.Pin, _carol.Status.Device), (line.From, line.Device));
        }
    }

    [Fact]
    public void WhatMembersHaveProposedIsCommittedBeforeAnythingIsSaid()
    {
        var log = _alice.Create("Team", _bob, _carol);
        Everyone(person => person.Sync());
        _carol.Ask<Sealed>(new RemoveMember(log, null));
        _carol.Sync();
        _bob.Sync();
        _bob.Fails(new SealTexts(log, ["too early"]), VaultError.CommitFirst);
        _bob.Ask<Sealed>(new PerformDue(new DueWork(DueKind.Commit, log, default)));
        _bob.Sync();
        _bob.Say(log, "now");
        _alice.Sync();
        Assert.Equal(["Bob: now"], _alice.Texts(log));
    }

    [Fact]
    public void WhoIsAddedWhileAnotherLeavesIsStillIntroduced()
    {
        var log = _alice.Create("Team", _bob, _carol);
        Everyone(person => person.Sync());
        var dave = _organisation.Join("Dave");
        var adding = _alice.Ask<Sealed>(new AddMembers(log, [Organisation.Claim(dave)])).Item.Post;
        Assert.NotNull(_organisation.Submit(adding));
        _carol.Sync();
        _carol.Ask<Sealed>(new RemoveMember(log, null));
        _carol.Sync();   // the commit and the wish to leave reach Alice together
        _alice.Sync();
        _organisation.Clock.Advance(TimeSpan.FromMinutes(1));
        _alice.PerformAllDue();
        _bob.Sync();
        Assert.Contains(_bob.Ask<Members>(new ListAll(Listed.Members, log)).Items, member => member.Name == "Dave");
    }

    [Fact]
    public void WhoJoinsMidwaySeesWhatComesAfter()
    {
        var log = _alice.Create("Team", _bob);
        _alice.Say(log, "one");
        _alice.Ask<Sealed>(new AddMembers(log, [Organisation.Claim(_carol)]));
        _bob.Sync();
        _bob.Say(log, "two");
        _alice.Sync();
        _alice.Say(log, "three");
        Everyone(person => person.Sync());
        Assert.Equal("Alice: three", _carol.Texts(log).Last());
        Assert.DoesNotContain(_carol.History(log), item => item.Kind == HistoryKind.Unreadable);
    }

    [Fact]
    public void TextsSealedTogetherArriveInOrder()
    {
        var log = _alice.Create("Team", _bob, _carol);
        Everyone(person => person.Sync());
        string[] texts = [.. Enumerable.Range(0, 100).Select(number => $"line {number}")];
        var posts = _alice.Ask<Sealed>(new SealTexts(log, texts)).Items;
        Assert.Equal(texts.Length, posts.Select(item => item.Post.Id).Distinct().Count());
        _alice.Restart();   // they were on disk before the answer
        Everyone(person => person.Sync());
        Assert.Equal(texts.Select(text => $"Alice: {text}"), _bob.Texts(log));
        Assert.Equal(texts.Select(text => $"Alice: {text}"), _alice.Texts(log));
    }

    [Fact]
    public void OfTextsSealedTogetherAllAreRefusedOrNone()
    {
        var log = _alice.Create("Team", _bob);
        _alice.Fails(new SealTexts(log, ["one", "", "three"]), VaultError.Refused);
        Assert.Empty(_alice.Ask<Outbox>(new GetOutbox(0)).Posts);
        _alice.Say(log, "four");
        _bob.Sync();
        Assert.Equal(["Alice: four"], _bob.Texts(log));
    }

    [Fact]
    public void APostOvertakenByACommitIsSealedAnewAndArrivesOnce()
    {
        var log = _alice.Create("Team", _bob, _carol);
        Everyone(person => person.Sync());
        var overtaken = _bob.Ask<Sealed>(new SealTexts(log, ["slow"])).Items[0].Post;
        _alice.Ask<Sealed>(new RemoveMember(log, _carol.Pin));
        _alice.Sync();
        Assert.Null(_organisation.Submit(overtaken));
        _bob.Sync();
        _alice.Sync();
        Assert.Equal(["Bob: slow"], _alice.Texts(log));
        Assert.Equal(["Bob: slow"], _bob.Texts(log));
    }

    [Fact]
    public void OfTwoCommitsAtOnceOneWinsAndTheOtherIsRedone()
    {
        var log = _alice.Create("Team", _bob);
        Everyone(person => person.Sync());
        var dave = _organisation.Join("Dave");
        _bob.Ask<Ok>(new AddContact(Organisation.Claim(_carol), null));
        _alice.Ask<Sealed>(new AddMembers(log, [Organisation.Claim(dave)]));
        _bob.Ask<Sealed>(new AddMembers(log, [Organisation.Claim(_carol)]));
        _alice.Sync();
        _bob.Sync();
        _alice.Sync();
        Assert.Equal(4, _alice.Ask<Members>(new ListAll(Listed.Members, log)).Items.Count);
        Assert.Equal(4, _bob.Ask<Members>(new ListAll(Listed.Members, log)).Items.Count);
    }

    [Theory, InlineData(PostKind.Application), InlineData(PostKind.Proposal), InlineData(PostKind.Commit)]
    public void GarbageIsShownAsSuchAndStopsNothing(PostKind kind)
    {
        var log = _alice.Create(null, _bob);
        Everyone(person => person.Sync());
        _organisation.Inject(log, kind, [1, 2, 3]);
        _bob.Sync();
        _bob.Say(log, "still here");
        _alice.Sync();
        Assert.Equal(["Bob: still here"], _alice.Texts(log));
        Assert.Single(_alice.History(log), item => item.Kind == HistoryKind.Unreadable);
    }

    [Fact]
    public void AMessageShownTwiceByTheServerIsReadOnce()
    {
        var log = _alice.Create(null, _bob);
        _alice.Say(log, "once");
        var entry = _organisation.Read(log, 0)[^1];
        _organisation.Inject(log, entry.Kind, entry.Bytes.ToArray());
        _bob.Sync();
        _alice.Sync();
        Assert.Equal(["Alice: once"], _bob.Texts(log));
        Assert.Single(_bob.History(log), item => item.Kind == HistoryKind.Unreadable);
        _bob.Say(log, "and on");
        _alice.Sync();
        Assert.Equal(["Alice: once", "Bob: and on"], _alice.Texts(log));
    }

    [Fact]
    public void TheSameEntriesAgainChangeNothingAndReadNothingBack()
    {
        var log = _alice.Create(null, _bob);
        _bob.Sync();
        _alice.Say(log, "once");
        _bob.Ask<Sealed>(new SealTexts(log, ["mine"]));
        _bob.Send();
        var entries = _organisation.Read(log, 0);
        var first = _bob.Ask<Opened>(new OpenEntries(log, entries));
        var second = _bob.Ask<Opened>(new OpenEntries(log, entries));
        Assert.Contains(first.Items, item => item.Text == "once");
        Assert.Equal(first.Position, second.Position);
        Assert.Equal([entries[^1].Id], second.Landed);
        Assert.Equal(2, _bob.Texts(log).Count());
        // Whoever asks the vault can make up entries of all positions, and would have all that was ever said, beside the quota and the trail.
        IReadOnlyList<LogEntry> madeUp = [.. Enumerable.Range(1, (int)first.Position).Select(position => new LogEntry((ulong)position, default, PostKind.Application, new byte[1]))];
        Assert.Empty(_bob.Ask<Opened>(new OpenEntries(log, madeUp)).Items);
        Assert.Empty(second.Items);
    }

    [Fact]
    public void EverythingGoesOnAfterTheVaultDiesAtAnyStep()
    {
        var log = _alice.Create("Team", _bob, _carol);
        for (int round = 0; round < 5; round++)
        {
            Everyone(person => person.Restart());
            _bob.Sync();
            _bob.Ask<Sealed>(new SealTexts(log, [$"sealed {round}"]));
            _bob.Restart();
            _bob.Sync();
            _alice.Ask<Sealed>(new AddMembers(log, [Organisation.Claim(_organisation.Join($"Guest {round}"))]));
            _alice.Restart();
            _alice.Sync();
        }
        Everyone(person => person.Sync());
        Assert.Equal(Enumerable.Range(0, 5).Select(round => $"Bob: sealed {round}"), _carol.Texts(log));
        Assert.Equal(_alice.Texts(log), _bob.Texts(log));
        Assert.Equal(8, _carol.Ask<Members>(new ListAll(Listed.Members, log)).Items.Count);
    }

    [Fact]
    public void EveryDeviceRenewsItsKeyWithinADayOfJoiningAndThenWeekly()
    {
        var log = _alice.Create(null, _bob);
        Everyone(person => person.Sync());
        Assert.Empty(_bob.Ask<Due>(new ListAll(Listed.Due)).Items);
        _organisation.Clock.Advance(TimeSpan.FromDays(1));
        Assert.Equal(DueKind.Commit, Assert.Single(_bob.Ask<Due>(new ListAll(Listed.Due)).Items).Kind);
        int before = _organisation.Read(log, 0).Count(entry => entry.Kind == PostKind.Commit);
        _bob.PerformAllDue();
        Assert.Equal(before + 1, _organisation.Read(log, 0).Count(entry => entry.Kind == PostKind.Commit));
        Assert.Empty(_bob.Ask<Due>(new ListAll(Listed.Due)).Items);
        _organisation.Clock.Advance(TimeSpan.FromDays(7));
        Assert.Single(_bob.Ask<Due>(new ListAll(Listed.Due)).Items);
        _alice.Sync();
        _alice.Say(log, "still in step");
        _bob.Sync();
        Assert.Equal(["Alice: still in step"], _bob.Texts(log));
    }

    [Fact]
    public void AnAttachmentsKeyTravelsInsideTheMessage()
    {
        var log = _alice.Create(null, _bob);
        var prepared = _alice.Ask<AttachmentPrepared>(new NewAttachment());
        var pointer = new AttachmentPointer(prepared.Blob, prepared.Key, new byte[32], 12345, prepared.DeleteToken);
        var id = _alice.Ask<Sealed>(new SealAttachment(log, new AttachmentInfo("plan.pdf", "application/pdf", 9999), pointer)).Item.Post.Id;
        _alice.Sync();
        _bob.Sync();
        var found = _bob.Ask<AttachmentFound>(new FindAttachment(id));
        Assert.Equal("plan.pdf", found.Info.FileName);
        Assert.Equal(prepared.Key.ToArray(), found.Pointer.Key.ToArray());
        Assert.Equal(12345UL, found.Pointer.BlobSize);
    }

    private void Everyone(Action<Person> act)
    {
        foreach (var person in (Person[])[_alice, _bob, _carol]) act(person);
    }
}
