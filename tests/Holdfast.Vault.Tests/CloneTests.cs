using Holdfast.Cryptography;
using Holdfast.Protocol;

namespace Holdfast.Vault.Tests;

/// <summary>
/// ATTACKS B-19: a profile is copied, or put back, and both go on. At most one of them sends, it comes back with fresh keys by itself, and of all
/// that leaves either no two ciphertexts are under one key.
/// </summary>
public sealed class CloneTests : IDisposable
{
    private readonly Organisation _organisation = new();
    private readonly List<Person> _copies = [];
    private readonly KeyWatch _keys;
    private readonly Person _alice, _bob;
    private readonly LogId _log;
    private readonly MessageId _forked = MessageId.Of(RandomSource.System.PublicBytes(16));

    public CloneTests()
    {
        _keys = new KeyWatch(_organisation);
        (_alice, _bob) = (_organisation.Join("Alice"), _organisation.Join("Bob"));
        _log = _alice.Create(null, _bob);
        _bob.Sync();
        Say(_alice, "before");
    }

    public void Dispose()
    {
        foreach (var copy in _copies) copy.Dispose();
        _keys.Dispose();
        _organisation.Dispose();
    }

    [Fact]
    public void NothingIsSealedBeforeTheServerHasTakenALogin()
    {
        var again = CopyOf(_alice);
        again.Open();
        again.Fails(new SealTexts(_log, ["too early"]), VaultError.Outdated);
        again.Fails(new RemoveMember(_log, null), VaultError.Outdated);
        again.Fails(new PerformDue(new DueWork(DueKind.Commit, _log, default)), VaultError.Outdated);
        again.Fails(new ReportLogin(LoginOutcome.Accepted), VaultError.WrongState);   // of no login that it has signed
        again.Ask<LoginSigned>(new SignLogin(_organisation.ServerKey, new byte[32]));
        again.Fails(new SealTexts(_log, ["too early"]), VaultError.Outdated);
        again.Ask<Ok>(new ReportLogin(LoginOutcome.Accepted));
        Say(again, "now");
        Assert.Equal(["Alice: before", "Alice: now"], Texts(_bob));
    }

    [Fact]
    public void WhatWasPutBackToBeforeTheLastLoginIsRefusedAndSendsNothing()
    {
        var old = CopyOf(_alice);
        _alice.Restart();
        Say(_alice, "meanwhile");
        old.Open();
        Assert.False(old.LogIn());
        Assert.True(old.Status.Cloned);
        old.Fails(new SealTexts(_log, ["from the copy"]), VaultError.Cloned);
        old.Fails(new SignLogin(_organisation.ServerKey, new byte[32]), VaultError.Cloned);
        Assert.Empty(old.Ask<Due>(new ListAll(Listed.Due)).Items);
        old.Restart();
        old.Fails(new SealTexts(_log, ["from the copy"]), VaultError.Cloned);
        Say(_alice, "goes on");
    }

    [Fact]
    public void ACopyThatIsRecoveredComesBackWithFreshKeysAndTheOtherSendsNothing()
    {
        var copy = CopyOf(_alice);
        _alice.Restart();
        Say(_alice, "meanwhile");
        Say(_bob, "and this");
        copy.Open();
        Assert.False(copy.LogIn());
        Recover(copy);
        copy.Sync();
        Assert.Equal(["Alice: before", "Alice: meanwhile", "Bob: and this"], Texts(copy));   // nothing is lost
        copy.Fails(new SealTexts(_log, ["not yet"]), VaultError.Outdated);
        ComeBack(copy);
        Say(copy, "back");
        Assert.Equal("Alice: back", Texts(_bob)[^1]);
        Assert.Single(_bob.History(_log), static line => line.Text == "Bob added Alice again");
        Assert.False(_alice.LogIn());
        _alice.Fails(new SealTexts(_log, ["from the other"]), VaultError.Cloned);
    }

    [Fact]
    public void WithoutAskingForThePasscodeAndWithoutACopyNothingIsRecovered()
    {
        _alice.Fails(new ChangeAccess("pass"u8.ToArray(), AccessChange.Recover, Empty, 0), VaultError.Refused);
        var copy = CopyOf(_alice);
        _alice.Restart();
        copy.Fails(new ChangeAccess("pass"u8.ToArray(), AccessChange.Recover, Empty, 0), VaultError.WrongState);
        copy.Open();
        copy.LogIn();
        copy.Fails(new ChangeAccess("wrong"u8.ToArray(), AccessChange.Recover, Empty, 0), VaultError.WrongPasscode);
        Assert.True(copy.Status.Cloned);
    }

    /// <summary>The counter does not show what was copied since the last login: the log does.</summary>
    [Fact]
    public void ACopyOfTheSameSessionFindsItsOwnPostsInTheLogBeforeItSends()
    {
        var copy = CopyOf(_alice);
        for (int i = 0; i < 3; i++) Say(_alice, $"unknown to the copy {i}");
        copy.Open();
        Assert.True(copy.LogIn());
        copy.Sync();
        Assert.Equal(Texts(_bob), Texts(copy));   // what we have said ourselves is ours again
        Assert.All(copy.History(_log).Where(static line => line.Kind == HistoryKind.Text), static line => Assert.Equal(HistoryStatus.Sent, line.Status));
        Assert.Single(copy.History(_log), static line => line.Text == QuarantineReason.Behind);
        copy.Fails(new SealTexts(_log, ["not yet"]), VaultError.Outdated);
        copy.Fails(new RemoveMember(_log, null), VaultError.Outdated);
        ComeBack(copy);
        Say(copy, "back");
        Assert.False(_alice.LogIn());
    }

    /// <summary>What the other has sealed and the server never took is in no log.</summary>
    [Fact]
    public void KeysOfWhatWasSealedAndNeverTakenAreNotUsedAgain()
    {
        var copy = CopyOf(_alice);
        for (int i = 0; i < ProtocolLimits.UnacknowledgedPosts; i++) Watch(_alice.Ask<Sealed>(new SealTexts(_log, [$"on the wire {i}"])).Items[0].Post);
        copy.Open();
        Assert.True(copy.LogIn());
        copy.Sync();
        Say(copy, "from the copy");
        Watch(copy.Ask<Sealed>(new PerformDue(new DueWork(DueKind.Commit, _log, default))).Item.Post);
        copy.Sync();
        Say(copy, "and again");
        Assert.Equal(["Alice: before", "Alice: from the copy", "Alice: and again"], Texts(_bob));
    }

    /// <summary>After the end in order there is nothing to pass over: whoever had sealed since would have logged in.</summary>
    [Fact]
    public void AProfileThatWasLockedInOrderPassesOverNothing()
    {
        uint first = _keys.LastGeneration;
        _alice.Lock();
        _alice.Restart();
        Say(_alice, "after the end in order");
        Assert.Equal(first + 1, _keys.LastGeneration);
        _alice.Restart();
        Say(_alice, "after a death");
        Assert.Equal(first + 2 + ProtocolLimits.UnacknowledgedPosts, _keys.LastGeneration);
    }

    /// <summary>
    /// Keys are passed over once, however many calls fail since: else what is sealed and given up between them would soon have led further than
    /// the others follow.
    /// </summary>
    [Fact]
    public void ACallThatFailsHasNoKeysPassedOverAnew()
    {
        _alice.Restart();
        Say(_alice, "after a death");
        uint first = _keys.LastGeneration;
        const int Times = 12;
        for (int i = 0; i < Times; i++)
        {
            _alice.Fails(new SealTexts(_log, [""]), VaultError.Refused);
            var post = _alice.Ask<Sealed>(new SealTexts(_log, [$"given up {i}"])).Items[0].Post;
            Watch(post);
            _alice.Ask<Ok>(new LeaveOutbox(post.Id, "given up"));
        }
        Say(_alice, "and read");
        Assert.Equal(first + Times + 1, _keys.LastGeneration);
        Assert.Equal("Alice: and read", Texts(_bob)[^1]);
    }

    /// <summary>And what a failed call itself has passed over is taken back with it, so it is passed over by the next.</summary>
    [Fact]
    public void WhatAFailedCallHasPassedOverIsPassedOverByTheNext()
    {
        uint first = _keys.LastGeneration;
        _alice.Restart();
        _alice.Random.FailsFor = 4;   // what is drawn for each message (RFC 9420 §6.3.1), once it is known from which group
        Assert.Throws<InvalidOperationException>(() => _alice.Ask(new SealTexts(_log, ["fails"])));
        _alice.Random.FailsFor = 0;
        Say(_alice, "again");
        Assert.Equal(first + 1 + ProtocolLimits.UnacknowledgedPosts, _keys.LastGeneration);
    }

    /// <summary>A commit of the lost state leads where we cannot follow: nobody else has the path's secrets for us.</summary>
    [Theory, InlineData(1), InlineData(3)]
    public void ACopyComesBackHoweverOftenTheOtherHasRenewedItsLeaf(int renewals)
    {
        var copy = CopyOf(_alice);
        for (int i = 0; i < renewals; i++)
        {
            _organisation.Clock.Advance(TimeSpan.FromDays(8));
            Watch(_alice.Ask<Sealed>(new PerformDue(new DueWork(DueKind.Commit, _log, default))).Item.Post);
            _alice.Sync();
            _bob.Sync();
            Say(_alice, $"renewed {i}");
        }
        copy.Open();
        Assert.True(copy.LogIn());
        copy.Sync();
        copy.Fails(new SealTexts(_log, ["not yet"]), VaultError.Outdated);
        ComeBack(copy);
        Say(copy, "back");
        Assert.Equal("Alice: back", Texts(_bob)[^1]);
    }

    [Fact]
    public void BothCanBeRecoveredInTurnAndNeverBothSend()
    {
        var copy = CopyOf(_alice);
        _alice.Restart();
        copy.Open();
        Assert.False(copy.LogIn());
        Recover(copy);
        ComeBack(copy);
        Say(copy, "the copy");
        Assert.False(_alice.LogIn());
        Recover(_alice);
        _alice.Sync();
        ComeBack(_alice);
        Say(_alice, "the first");
        Assert.False(copy.LogIn());
        copy.Fails(new SealTexts(_log, ["the copy"]), VaultError.Cloned);
        Assert.Equal(["Alice: before", "Alice: the copy", "Alice: the first"], Texts(_bob));
    }

    [Fact]
    public void WhatWaitedToBeSentGoesOutOnceTheCopyIsBack()
    {
        _alice.Ask<Sealed>(new SealTexts(_log, ["waits"]));
        var copy = CopyOf(_alice);
        Say(_bob, "a change comes first");
        _organisation.Clock.Advance(TimeSpan.FromDays(2));
        _bob.Ask<Sealed>(new PerformDue(new DueWork(DueKind.Commit, _log, default)));
        _bob.Sync();
        _alice.Restart();
        copy.Open();
        Assert.False(copy.LogIn());
        Recover(copy);
        copy.Sync();
        Assert.DoesNotContain("Alice: waits", Texts(_bob));
        ComeBack(copy);
        copy.Sync();
        _bob.Sync();
        Assert.Equal("Alice: waits", Texts(_bob)[^1]);
    }

    /// <summary>The server may show a request again: it must not have the device put out for a leaf whose keys are gone.</summary>
    [Fact]
    public void ARequestThatWasServedIsSpent()
    {
        var copy = CopyOf(_alice);
        Say(_alice, "meanwhile");
        copy.Open();
        copy.LogIn();
        copy.Sync();
        copy.PerformAllDue();
        var request = _organisation.InboxOf(_bob.Status.Device)[^1];
        Readmit(copy);
        Say(copy, "back");
        _organisation.InboxOf(_bob.Status.Device).Add(request);
        _bob.Sync();
        _organisation.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.DoesNotContain(_bob.Ask<Due>(new ListAll(Listed.Due)).Items, static work => work.Kind == DueKind.Readmit);
    }

    /// <summary>Only what opens under a key that was never used proves anything: a server can show old posts again.</summary>
    [Fact]
    public void OurOwnOldPostsShownAgainProveNothing()
    {
        foreach (var entry in _organisation.Read(_log, 0).ToList()) _organisation.Inject(_log, entry.Kind, MessageId.Of(RandomSource.System.PublicBytes(16)), entry.Bytes.ToArray());
        _alice.Sync();
        Say(_alice, "as ever");
        Assert.DoesNotContain(_alice.History(_log), static line => line.Text == QuarantineReason.Behind);
    }

    /// <summary>A member and the server together would have what was read long ago read anew, at once or in two steps.</summary>
    [Theory, InlineData(false), InlineData(true)]
    public void WhoIsBehindFollowsNoWelcomeFromBeforeTheLastCommit(bool inTwoSteps)
    {
        var (copy, log) = Behind();
        var known = copy.Vault.Conversations.Find(log)!;
        Assert.True(known is { IsBehind: true, EpochAt: > 2 });
        ulong[] positions = inTwoSteps ? [known.Position, known.EpochAt - 1] : [known.EpochAt - 1];
        foreach (ulong position in positions) File(NewFork(log), copy, position);
        var before = copy.History(log);
        copy.Sync();
        Assert.Equal(known.Position, copy.Vault.Conversations.Find(log)!.Position);
        Assert.Equal(!inTwoSteps, copy.Vault.Conversations.Find(log)!.IsBehind);   // the first step alone is one to wait for
        Assert.Equal(before, copy.History(log));
    }

    /// <summary>From that commit on a Welcome may be true; and where it is not, what was read stays.</summary>
    [Fact]
    public void WhatWasReadIsNotTakenForUnreadableWhenItIsShownAgain()
    {
        var (copy, log) = Behind();
        ulong epochAt = copy.Vault.Conversations.Find(log)!.EpochAt;
        var texts = copy.Texts(log).ToList();
        var fork = NewFork(log);
        byte[] commit = File(fork, copy, epochAt);
        Assert.Single(copy.Ask<InboxOpened>(new OpenInbox(_organisation.InboxOf(copy.Status.Device))).Joined);
        var again = _organisation.Read(log, epochAt + 1);
        Assert.True(again.Count > 1);
        copy.Ask<Opened>(new OpenEntries(log, [new LogEntry(epochAt + 1, _forked, PostKind.Commit, commit), .. again]));
        Assert.Null(copy.Vault.Conversations.Find(log)!.Joining);   // the server has borne it out
        Assert.Equal(texts, copy.Texts(log));
    }

    private static ReadOnlyMemory<byte> Empty => ReadOnlyMemory<byte>.Empty;

    private List<string> Texts(Person person)
    {
        person.Sync();
        return [.. person.Texts(_log)];
    }

    private Person CopyOf(Person person)
    {
        var copy = person.Copy($"copy {_copies.Count}");
        _copies.Add(copy);
        return copy;
    }

    private void Say(Person person, string text)
    {
        Watch(person.Ask<Sealed>(new SealTexts(_log, [text])).Items[0].Post);
        person.Sync();
        _bob.Sync();
    }

    private void Watch(Post post)
    {
        _keys.Learn([_bob], _log);
        _keys.AssertFresh(post, _log);
    }

    /// <summary>A copy of Alice's profile that is behind in a team, whose last commit is not its first; what she has said in it since is known to it.</summary>
    private (Person Copy, LogId Log) Behind()
    {
        var log = _alice.Create("Team", _bob);
        _bob.Sync();
        _alice.Say(log, "of the first epoch");
        _organisation.Clock.Advance(TimeSpan.FromDays(8));
        _bob.PerformAllDue();
        _alice.Sync();
        _alice.PerformAllDue();
        _bob.Sync();
        var copy = CopyOf(_alice);
        _bob.Ask<Sealed>(new SealTexts(log, ["the first of the last epoch"]));
        _bob.Sync();
        for (int i = 0; i < 3; i++) _alice.Say(log, $"unknown to the copy {i}");
        copy.Open();
        Assert.True(copy.LogIn());
        copy.Sync();
        return (copy, log);
    }

    private Fork NewFork(LogId log) => new(_bob, log, _forked, _organisation.Clock, "Team");

    /// <summary>Sends a Welcome to the fork; the commit that goes with it.</summary>
    private byte[] File(Fork fork, Person to, ulong position)
    {
        var (commit, welcome) = fork.Add(to);
        _organisation.File([fork.Seal(welcome, to, position)]);
        return commit;
    }

    private static void Recover(Person person)
    {
        person.Ask<Ok>(new ChangeAccess("pass"u8.ToArray(), AccessChange.Recover, Empty, 0));
        Assert.True(person.LogIn());
    }

    private void ComeBack(Person person)
    {
        person.Sync();
        _organisation.Clock.Advance(TimeSpan.FromMinutes(11));
        person.PerformAllDue();
        Readmit(person);
    }

    private void Readmit(Person person)
    {
        _bob.Sync();
        _organisation.Clock.Advance(TimeSpan.FromMinutes(1));
        for (int i = 0; i < 2; i++) _bob.PerformAllDue();   // a commit of his own may come first
        person.Sync();
    }
}
