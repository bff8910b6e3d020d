using Holdfast.Codec;
using Holdfast.Cryptography;
using Holdfast.Protocol;

namespace Holdfast.Vault.Tests;

/// <summary>The insider attack that RFC 9420 §16.12 leaves open: a commit that is good for some and cannot be followed by others.</summary>
public sealed class StrandedTests : IDisposable
{
    private readonly Organisation _organisation = new();
    private readonly Person _alice, _bob, _carol;

    public StrandedTests() =>
        (_alice, _bob, _carol) = (_organisation.Join("Alice"), _organisation.Join("Bob"), _organisation.Join("Carol"));

    public void Dispose() => _organisation.Dispose();

    [Fact]
    public void TheVictimSaysSoAsksToBeAddedAgainAndTalksOn()
    {
        var log = Prepare();
        CommitWithBadSecrets(log);
        _carol.Sync();
        Assert.Equal(ConversationState.Stranded, Assert.Single(_carol.Ask<Conversations>(new ListAll(Listed.Conversations)).Items).State);
        Assert.Single(_carol.History(log), item => item.Kind == HistoryKind.Unreadable);
        _carol.Fails(new SealTexts(log, ["into the void"]), VaultError.Refused);

        _carol.PerformAllDue();
        _bob.Sync();
        _organisation.Clock.Advance(TimeSpan.FromMinutes(1));
        _bob.PerformAllDue();
        _carol.Sync();
        _carol.Say(log, "back again");
        _bob.Sync();
        Assert.Equal("Carol: back again", _bob.Texts(log).Last());
        Assert.Equal(3, _bob.Ask<Members>(new ListAll(Listed.Members, log)).Items.Count);
    }

    /// <summary>DESIGN §3: a long-absent device asks to be added again.</summary>
    [Fact]
    public void WhoMissedACommitThatTheLogNoLongerHasAsksToBeAddedAgain()
    {
        var log = Prepare();
        _organisation.Clock.Advance(TimeSpan.FromDays(2));
        var missed = _bob.Ask<Sealed>(new PerformDue(new DueWork(DueKind.Commit, log, default))).Item.Post.Id;
        _bob.Sync();
        _organisation.Forget(log, missed);
        _bob.Say(log, "anyone?");
        _carol.Sync();
        Assert.Equal(ConversationState.Stranded, Assert.Single(_carol.Ask<Conversations>(new ListAll(Listed.Conversations)).Items).State);
        _carol.PerformAllDue();
        ComeBack(log);
    }

    /// <summary>Only a change is missed for good: what else retention has removed strands nobody.</summary>
    [Fact]
    public void WhoMissedNothingButMessagesReadsOn()
    {
        var log = Prepare();
        var missed = _bob.Ask<Sealed>(new SealTexts(log, ["gone"])).Items[0].Post.Id;
        _bob.Sync();
        _organisation.Forget(log, missed);
        _bob.Say(log, "anyone?");
        _carol.Sync();
        Assert.Equal(["Bob: anyone?"], _carol.Texts(log));
    }

    [Fact]
    public void AnEntryThatOnlySaysItIsOfALaterEpochStrandsNobodyWhoMissedNothing()
    {
        var log = Prepare();
        var fork = new Fork(_bob, log, MessageId.Of(RandomSource.System.PublicBytes(16)), _organisation.Clock, "Team");
        for (int i = 0; i < 4; i++) fork.Next(MessageId.Of(RandomSource.System.PublicBytes(16)));
        var said = fork.Say("from afar");
        _organisation.Inject(log, PostKind.Application, said.Id, said.Message);
        _carol.Sync();
        Assert.Equal(ConversationState.Active, Assert.Single(_carol.Ask<Conversations>(new ListAll(Listed.Conversations)).Items).State);
        Assert.Single(_carol.History(log), item => item.Kind == HistoryKind.Unreadable);
    }

    /// <summary>A Welcome to nowhere must not silence who asks to be added again.</summary>
    [Fact]
    public void WhoFollowedAWelcomeToNowhereGoesOnAsking()
    {
        var log = Prepare();
        CommitWithBadSecrets(log);
        _carol.Sync();
        var fork = new Fork(_alice, log, MessageId.Of(RandomSource.System.PublicBytes(16)), _organisation.Clock, "Team");
        _organisation.File([fork.Seal(fork.Add(_carol).Welcome, _carol, long.MaxValue)]);
        _carol.Sync();
        Assert.Equal(ConversationState.Active, Assert.Single(_carol.Ask<Conversations>(new ListAll(Listed.Conversations)).Items).State);
        _organisation.Clock.Advance(TimeSpan.FromMinutes(11));
        _carol.PerformAllDue();
        ComeBack(log);
        _organisation.Clock.Advance(TimeSpan.FromMinutes(11));
        Assert.Empty(_carol.Ask<Due>(new ListAll(Listed.Due)).Items);
    }

    /// <summary>A request that comes due while a commit of ours is on its way waits for that.</summary>
    [Fact]
    public void ARequestIsNotLostBehindACommitOfOurOwn()
    {
        var log = Prepare();
        CommitWithBadSecrets(log);
        _carol.Sync();
        _carol.PerformAllDue();
        _bob.Sync();
        _organisation.Clock.Advance(TimeSpan.FromMinutes(1));
        var asked = Assert.Single(_bob.Ask<Due>(new ListAll(Listed.Due)).Items, work => work.Kind == DueKind.Readmit);
        _bob.Ask(new PerformDue(new DueWork(DueKind.Commit, log, default)));
        _bob.Ask(new PerformDue(asked));
        _bob.Sync();
        Assert.Contains(asked, _bob.Ask<Due>(new ListAll(Listed.Due)).Items);
        Readmit(log);
        _carol.Say(log, "back again");
    }

    [Fact]
    public void WhoAsksAgainAndAgainIsKeptOnce()
    {
        var log = Prepare();
        CommitWithBadSecrets(log);
        _carol.Sync();
        for (int i = 0; i < 3; i++)
        {
            _carol.PerformAllDue();
            _organisation.Clock.Advance(TimeSpan.FromMinutes(11));
        }
        _bob.Sync();
        _organisation.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Single(_bob.Ask<Due>(new ListAll(Listed.Due)).Items, work => work.Kind == DueKind.Readmit);
        ComeBack(log);
    }

    [Fact]
    public void WhoIsNotInTheConversationCannotHaveItselfAdded()
    {
        var log = Prepare();
        var mallory = _organisation.Join("Mallory");
        using var bundle = mallory.Vault.KeyPackages.Make();
        byte[] package = Tls.Encode(bundle.KeyPackage);
        var bobsLeaf = _bob.Vault.Groups.Load(log).Members.Single(member => DeviceCredential.Verify(member.Leaf)!.Pin == _bob.Pin).Leaf;
        var key = bobsLeaf.EncryptionKey;
        var item = new RejoinItem(log, key, 0, package, mallory.Vault.Profile.Leaf.Sign(RejoinItem.ToBeSigned(log, key.Span, 0, package)));
        _organisation.File([InboxSeal.Seal(item, bobsLeaf, RandomSource.System)]);
        _bob.Sync();
        _organisation.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Empty(_bob.Ask<Due>(new ListAll(Listed.Due)).Items);
    }

    [Fact]
    public void ARequestIsSpentOnceItIsFulfilled()
    {
        var log = Prepare();
        CommitWithBadSecrets(log);
        _carol.Sync();
        _carol.PerformAllDue();
        var requests = _organisation.InboxOf(_bob.Status.Device).Select(item => new Delivery(_bob.Status.Device, item.Bytes)).ToList();
        Readmit(log);
        _organisation.Clock.Advance(TimeSpan.FromDays(2));
        _carol.PerformAllDue();   // a fresh key of hers: the leaf is no longer the one of the request's key package

        _organisation.File(requests);   // as the server may, or a fellow member, or chance where Bob was away
        Readmit(log);
        Assert.Equal(ConversationState.Active, Assert.Single(_carol.Ask<Conversations>(new ListAll(Listed.Conversations)).Items).State);
        _carol.Say(log, "still here");
        _bob.Sync();
        Assert.Equal("Carol: still here", _bob.Texts(log).Last());
    }

    [Fact]
    public void WhatIsPassedOverBeforeTheWelcomeIsReadIsNotLost()
    {
        var log = Prepare();
        CommitWithBadSecrets(log);
        _carol.Sync();
        _carol.PerformAllDue();
        _bob.Sync();
        _organisation.Clock.Advance(TimeSpan.FromMinutes(1));
        _bob.PerformAllDue();
        _bob.Say(log, "there you are");
        _carol.ReadLogs();   // the log comes faster than the inbox
        _carol.Sync();
        Assert.Contains("Bob: there you are", _carol.Texts(log));
    }

    [Fact]
    public void WhatFollowsInTheBatchIsNotForTheStranded()
    {
        var log = Prepare();
        CommitWithBadSecrets(log);
        ulong epoch = _carol.Vault.Groups.Load(log).Epoch;
        CommitWithBadSecrets(log, victim: _bob);
        _carol.Sync();
        Assert.Equal(epoch, _carol.Vault.Groups.Load(log).Epoch);
        Assert.Equal(3, _carol.Ask<Members>(new ListAll(Listed.Members, log)).Items.Count);
    }

    [Fact]
    public void AReadmissionIsShownToTheOthersAndToTheDeviceItself()
    {
        var log = Prepare();
        CommitWithBadSecrets(log);
        _carol.Sync();
        _carol.PerformAllDue();
        Readmit(log);
        Assert.Contains(_bob.History(log), item => item.Text == "Bob added Carol again" && item.From == _bob.Pin);
        var line = _carol.History(log).Last(item => item.Kind == HistoryKind.Members);
        Assert.Equal("Bob added you again. In it were Alice, Bob, Carol", line.Text);
        Assert.Equal(_organisation.Read(log, 0).Last(entry => entry.Kind == PostKind.Commit).Position, line.Position);
    }

    [Fact]
    public void WhatTheStrandedHadTypedIsNotForgotten()
    {
        var log = Prepare();
        var waiting = _carol.Ask<Sealed>(new SealTexts(log, ["mind the gap"])).Items[0].Post;
        CommitWithBadSecrets(log);
        Assert.Null(_organisation.Submit(waiting));
        _carol.ReadLogs();
        var refused = _carol.Fails(new Reseal(waiting.Id), VaultError.Refused);
        Assert.Single(_carol.Ask<Outbox>(new GetOutbox(0)).Posts);
        _carol.Ask<Ok>(new LeaveOutbox(waiting.Id, refused.Reason));
        var line = Assert.Single(_carol.History(log), item => item.Status == HistoryStatus.Failed);
        Assert.Equal(("mind the gap", refused.Reason), (line.Text, line.Reason));
    }

    [Fact]
    public void ACommitWithAWrongTagStrandsNobody()
    {
        var log = Prepare();
        var id = MessageId.Of(RandomSource.System.PublicBytes(16));
        _organisation.Inject(log, PostKind.Commit, id, RogueCommit.WrongTag(_alice.Vault.Groups.Load(log), _alice.Vault, AuthenticatedData.For(id)));
        _bob.Sync();
        _carol.Sync();
        _bob.Say(log, "we stay where we are");
        _carol.Sync();
        Assert.Equal("Bob: we stay where we are", _carol.Texts(log).Last());
        foreach (var person in (Person[])[_bob, _carol])
        {
            Assert.Equal(ConversationState.Active, Assert.Single(person.Ask<Conversations>(new ListAll(Listed.Conversations)).Items).State);
            Assert.Single(person.History(log), item => item.Kind == HistoryKind.Unreadable);
        }
    }

    /// <summary>Carol is let in again by Bob, and heard by him.</summary>
    private void ComeBack(LogId log)
    {
        Readmit(log);
        _carol.Say(log, "back again");
        _bob.Sync();
        Assert.Equal("Carol: back again", _bob.Texts(log).Last());
    }

    private void Readmit(LogId log)
    {
        _bob.Sync();
        _organisation.Clock.Advance(TimeSpan.FromMinutes(1));
        _bob.PerformAllDue();   // where its own update is due in the same moment, that comes first
        _bob.PerformAllDue();
        _carol.Sync();
        _bob.Sync();
        Assert.Equal(3, _bob.Ask<Members>(new ListAll(Listed.Members, log)).Items.Count);
    }

    private LogId Prepare()
    {
        var log = _alice.Create("Team", _bob, _carol);
        foreach (var person in (Person[])[_bob, _carol, _alice]) person.Sync();
        return log;
    }

    /// <summary>Alice commits, and every path secret for the victim is noise.</summary>
    private void CommitWithBadSecrets(LogId log, Person? victim = null)
    {
        var id = MessageId.Of(RandomSource.System.PublicBytes(16));
        var vault = _alice.Vault;
        var carolsLeaf = vault.Groups.Load(log).Members.Single(member => DeviceCredential.Verify(member.Leaf)!.Pin == (victim ?? _carol).Pin).Index;
        _organisation.Inject(log, PostKind.Commit, id, RogueCommit.Spoil(vault.Groups.Load(log), vault, AuthenticatedData.For(id), carolsLeaf));
    }
}
