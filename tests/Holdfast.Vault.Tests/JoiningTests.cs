using Holdfast.Cryptography;
using Holdfast.Protocol;

namespace Holdfast.Vault.Tests;

/// <summary>How a device comes into a conversation: seen by all, and into the one that the log is of.</summary>
public sealed class JoiningTests : IDisposable
{
    private readonly Organisation _organisation = new();
    private readonly Person _alice, _bob, _carol;

    public JoiningTests() =>
        (_alice, _bob, _carol) = (_organisation.Join("Alice"), _organisation.Join("Bob"), _organisation.Join("Carol"));

    public void Dispose() => _organisation.Dispose();

    [Fact]
    public void TheHistoryOfAJoinerBeginsWithWhoAddedItAndWhoWasThere()
    {
        var log = _alice.Create("Team", _bob);
        _bob.Sync();
        _alice.Say(log, "one");
        var commit = _alice.Ask<Sealed>(new AddMembers(log, [Organisation.Claim(_carol)])).Item.Post.Id;
        Everyone();
        var first = _carol.History(log)[0];
        Assert.Equal("Alice added you. In it were Alice, Bob, Carol", first.Text);
        Assert.Equal((_alice.Pin, commit, HistoryKind.Members), (first.From, first.Id, first.Kind));
        Assert.Equal("Alice added you. In it were Alice, Bob", _bob.History(log)[0].Text);
        Assert.Equal("Alice added Carol", _bob.History(log)[^1].Text);
        _carol.Restart();
        Assert.Equal(first.Text, _carol.History(log)[0].Text);
    }

    [Fact]
    public void AConversationOfTwoBeginsSoToo()
    {
        var log = _alice.Create(null, _bob);
        _bob.Sync();
        Assert.Equal("Alice added you. In it were Alice, Bob", Assert.Single(_bob.History(log)).Text);
        Assert.Empty(_alice.History(log));
    }

    [Fact]
    public void NothingIsSaidBeforeTheChangeThatAddedUsIsSeen()
    {
        var log = _alice.Create("Team", _bob);
        _bob.Ask<InboxOpened>(new OpenInbox(_organisation.InboxOf(_bob.Status.Device)));
        _bob.Fails(new SealTexts(log, ["to whom?"]), VaultError.Refused);
        _organisation.Clock.Advance(TimeSpan.FromDays(2));
        Assert.Empty(_bob.Ask<Due>(new ListAll(Listed.Due)).Items);
        _bob.Sync();
        _bob.Say(log, "to you");
        Assert.Equal(["Bob: to you"], _bob.Texts(log));
    }

    /// <summary>ATTACKS A-11: what cannot be read is shown as such, also to who has just come.</summary>
    [Fact]
    public void WhatCannotBeReadIsHiddenBeforeTheCommitThatAddedUsAndShownBehindIt()
    {
        var log = _alice.Create("Team", _bob);
        _bob.Sync();
        var adding = _alice.Ask<Sealed>(new AddMembers(log, [Organisation.Claim(_carol)])).Item.Post;
        _organisation.Inject(log, PostKind.Application, [1]);
        _alice.Sync();
        _organisation.Inject(log, PostKind.Application, [2]);
        _carol.Sync();
        var entries = _organisation.Read(log, 0);
        Assert.InRange(entries.Single(entry => entry.Id == adding.Id).Position, 1ul, entries[^1].Position - 1);
        Assert.Equal(entries[^1].Position, Assert.Single(_carol.History(log), item => item.Kind == HistoryKind.Unreadable).Position);
    }

    [Fact]
    public void WhereRetentionHasRemovedTheCommitTheFirstThingThatOpensEndsTheHiding()
    {
        var log = _alice.Create("Team", _bob);
        var adding = _alice.Ask<Sealed>(new AddMembers(log, [Organisation.Claim(_carol)])).Item.Post;
        _alice.Sync();
        _alice.Say(log, "hello");
        _organisation.Inject(log, PostKind.Application, [1]);
        _organisation.Forget(log, adding.Id);
        _carol.Sync();
        Assert.Equal([HistoryKind.Members, HistoryKind.Text, HistoryKind.Unreadable], _carol.History(log).Select(item => item.Kind));
        Assert.StartsWith("Alice added you.", _carol.History(log)[0].Text, StringComparison.Ordinal);
        Assert.EndsWith("The log no longer has the change itself.", _carol.History(log)[0].Text, StringComparison.Ordinal);
    }

    public enum Lie
    {
        /// <summary>The named post is no commit of MLS.</summary>
        Garbage,

        /// <summary>The named post declares itself to be something else.</summary>
        AnotherKind,

        /// <summary>The named post is a commit of another epoch.</summary>
        AnotherEpoch,

        /// <summary>The named post is a commit of another group.</summary>
        AnotherGroup,

        /// <summary>Another commit comes where the named one should.</summary>
        AnotherCommit,

        /// <summary>Something is said in the fork, and no commit comes before it.</summary>
        NoCommit,
    }

    [Theory]
    [InlineData(Lie.Garbage), InlineData(Lie.AnotherKind), InlineData(Lie.AnotherEpoch), InlineData(Lie.AnotherGroup), InlineData(Lie.AnotherCommit), InlineData(Lie.NoCommit)]
    public void AWelcomeThatDoesNotFitTheLogIsNotFollowedAndThisIsSaid(Lie lie)
    {
        var log = RemoveCarol();
        var before = _carol.History(log);
        var id = MessageId.Of(RandomSource.System.PublicBytes(16));
        var fork = new Fork(_bob, log, id, _organisation.Clock, "Team");
        var foreign = new Fork(_bob, LogId.Of(RandomSource.System.PublicBytes(16)), id, _organisation.Clock, "Team");
        var first = fork.Add(_carol);
        var said = fork.Say("come in");
        byte[] second = fork.Next(id);
        ulong position = (ulong)_organisation.Read(log, 0).Count;
        switch (lie)
        {
            case Lie.Garbage: _organisation.Inject(log, PostKind.Commit, id, [1, 2, 3]); break;
            case Lie.AnotherKind: _organisation.Inject(log, PostKind.Application, id, first.Message); break;
            case Lie.AnotherEpoch: _organisation.Inject(log, PostKind.Commit, id, second); break;
            case Lie.AnotherGroup: _organisation.Inject(log, PostKind.Commit, id, foreign.Add(_alice).Message); break;
            case Lie.AnotherCommit: _organisation.Inject(log, PostKind.Commit, [1, 2, 3]); break;
            default: _organisation.Inject(log, PostKind.Application, said.Id, said.Message); break;
        }
        _organisation.File([fork.Seal(first.Welcome, _carol, position)]);
        _carol.Sync();
        Assert.Equal(ConversationState.Left, Assert.Single(_carol.Ask<Conversations>(new ListAll(Listed.Conversations)).Items).State);
        var after = _carol.History(log);
        Assert.Equal(before.Select(item => item.Text), after.Take(before.Count).Select(item => item.Text));
        Assert.Contains("does not fit", Assert.Single(after.Skip(before.Count)).Text, StringComparison.Ordinal);
        _carol.Fails(new SealTexts(log, ["to whom?"]), VaultError.Refused);
    }

    [Fact]
    public void AWelcomeFromBeforeWeWentLeavesTheHistoryAsItWas()
    {
        var log = RemoveCarol();
        var before = _carol.History(log).Select(item => (item.Position, item.Text)).ToList();
        var id = MessageId.Of(RandomSource.System.PublicBytes(16));
        var fork = new Fork(_bob, log, id, _organisation.Clock, "Team");
        var (message, welcome) = fork.Add(_carol);
        _organisation.Inject(log, PostKind.Commit, id, message);
        _organisation.File([fork.Seal(welcome, _carol, 0)]);
        _carol.Sync();
        Assert.Equal(before, _carol.History(log).Select(item => (item.Position, item.Text)));
        Assert.Equal(ConversationState.Left, Assert.Single(_carol.Ask<Conversations>(new ListAll(Listed.Conversations)).Items).State);
    }

    [Fact]
    public void AWelcomeDoesNotRenameAConversationThatWeKnow()
    {
        var log = RemoveCarol();
        var id = MessageId.Of(RandomSource.System.PublicBytes(16));
        var fork = new Fork(_bob, log, id, _organisation.Clock, "Board");
        var (message, welcome) = fork.Add(_carol);
        ulong position = (ulong)_organisation.Read(log, 0).Count;
        _organisation.Inject(log, PostKind.Commit, id, message);
        _organisation.File([fork.Seal(welcome, _carol, position)]);
        _carol.Sync();
        Assert.Equal(("Team", ConversationState.Left), _carol.Ask<Conversations>(new ListAll(Listed.Conversations)).Items.Select(item => (item.Name, item.State)).Single());
    }

    [Fact]
    public void WhoWasRemovedIsAddedAgainAndSeesSo()
    {
        var log = RemoveCarol();
        _alice.Ask<Sealed>(new AddMembers(log, [Organisation.Claim(_carol)]));
        Everyone();
        Assert.Equal("Alice added you again. In it were Alice, Bob, Carol", _carol.History(log)[^1].Text);
        _carol.Say(log, "back");
        _bob.Sync();
        Assert.Equal("Carol: back", _bob.Texts(log).Last());
    }

    [Fact]
    public void WhoIsNewDoesNotFollowAWelcomeWithoutACommitEither()
    {
        var log = _alice.Create("Team", _bob);
        _bob.Sync();
        var fork = new Fork(_bob, log, MessageId.Of(RandomSource.System.PublicBytes(16)), _organisation.Clock, "Team");
        var (_, welcome) = fork.Add(_carol);
        var said = fork.Say("come in");
        ulong position = (ulong)_organisation.Read(log, 0).Count;
        _organisation.Inject(log, PostKind.Application, said.Id, said.Message);
        _organisation.File([fork.Seal(welcome, _carol, position)]);
        _carol.Sync();
        Assert.Equal(ConversationState.Left, Assert.Single(_carol.Ask<Conversations>(new ListAll(Listed.Conversations)).Items).State);
        Assert.Contains("does not fit", Assert.Single(_carol.History(log)).Text, StringComparison.Ordinal);
    }

    [Theory, InlineData(false), InlineData(true)]
    public void AWelcomeToAPlaceThatTheLogNeverReachesKeepsNobodyOut(bool wasThere)
    {
        var log = wasThere ? RemoveCarol() : _alice.Create("Team", _bob);
        Everyone();
        var fork = new Fork(_bob, log, MessageId.Of(RandomSource.System.PublicBytes(16)), _organisation.Clock, "Team");
        _organisation.File([fork.Seal(fork.Add(_carol).Welcome, _carol, long.MaxValue)]);
        _carol.Sync();
        _alice.Ask<Sealed>(new AddMembers(log, [Organisation.Claim(_carol)]));
        Everyone();
        _organisation.Clock.Advance(TimeSpan.FromDays(3));
        Everyone();
        _alice.Say(log, "welcome");
        _carol.Sync();
        Assert.Equal("Alice: welcome", _carol.Texts(log).Last());
    }

    [Fact]
    public void WhoWaitsInVainToBeInMayLeave()
    {
        var log = _alice.Create("Team", _bob);
        _bob.Sync();
        Mislead(log, "Team");
        _carol.Ask<Sealed>(new RemoveMember(log, null));
        Assert.Equal(ConversationState.Leaving, Assert.Single(_carol.Ask<Conversations>(new ListAll(Listed.Conversations)).Items).State);
    }

    /// <summary>What a Welcome says that the log has never borne out binds nobody.</summary>
    [Theory, InlineData(long.MaxValue), InlineData(0L)]
    public void AFalseTitleDoesNotKeepTheRealOneOut(long position)
    {
        var log = _alice.Create("Team", _bob);
        Everyone();
        Mislead(log, "Board", (ulong)position);
        _alice.Ask<Sealed>(new AddMembers(log, [Organisation.Claim(_carol)]));
        Everyone();
        _alice.Say(log, "welcome");
        _carol.Sync();
        Assert.Equal(("Team", ConversationState.Active), _carol.Ask<Conversations>(new ListAll(Listed.Conversations)).Items.Select(item => (item.Name, item.State)).Single());
        Assert.Equal("Alice: welcome", _carol.Texts(log).Last());
        Assert.Contains(_carol.History(log), item => item.Text == "Alice added you. In it were Alice, Bob, Carol");
    }

    private void Mislead(LogId log, string title, ulong position = long.MaxValue)
    {
        var fork = new Fork(_bob, log, MessageId.Of(RandomSource.System.PublicBytes(16)), _organisation.Clock, title);
        _organisation.File([fork.Seal(fork.Add(_carol).Welcome, _carol, position)]);
        _carol.Sync();
    }

    private LogId RemoveCarol()
    {
        var log = _alice.Create("Team", _bob, _carol);
        Everyone();
        _alice.Say(log, "all of us");
        _carol.Sync();
        _alice.Ask<Sealed>(new RemoveMember(log, _carol.Pin));
        Everyone();
        return log;
    }

    private void Everyone()
    {
        foreach (var person in (Person[])[_alice, _bob, _carol]) person.Sync();
    }
}
