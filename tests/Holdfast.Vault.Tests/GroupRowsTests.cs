using Holdfast.Mls;
using Holdfast.Protocol;

namespace Holdfast.Vault.Tests;

/// <summary>A group in the store: its records are rows, a step writes what it changed, and nothing stays of a group that is left.</summary>
public sealed class GroupRowsTests : IDisposable
{
    private readonly Organisation _organisation = new();
    private readonly Person _alice, _bob, _carol;

    public GroupRowsTests() =>
        (_alice, _bob, _carol) = (_organisation.Join("Alice"), _organisation.Join("Bob"), _organisation.Join("Carol"));

    public void Dispose() => _organisation.Dispose();

    [Fact]
    public void AMessageRewritesItsRatchetAndTheRoot()
    {
        var log = Team();
        _bob.Say(log, "opens the way to this sender");
        _alice.Sync();
        _bob.Say(log, "and on");
        var before = Rows(_alice, RecordKind.Group);
        _alice.Sync();
        var after = Rows(_alice, RecordKind.Group);
        Assert.Equal(before.Keys, after.Keys);
        Assert.Equal(2, after.Count(row => !before[row.Key].AsSpan().SequenceEqual(row.Value)));
    }

    [Fact]
    public void WhatIsStoredIsAlwaysWhatIsInMemory()
    {
        var log = Team();
        AssertStored(log);
        _alice.Say(log, "a message");
        AssertStored(log);
        _bob.Ask<Sealed>(new RemoveMember(log, null));
        _bob.Sync();
        AssertStored(log);
        _alice.Ask<Sealed>(new PerformDue(new DueWork(DueKind.Commit, log, default)));
        AssertStored(log);
        _alice.Sync();
        AssertStored(log);
    }

    /// <summary>What is stored of a commit under way are the changes it will make to a group that goes on meanwhile.</summary>
    [Theory, InlineData(false), InlineData(true)]
    public void ACommitUnderWaySurvivesMessagesAndRestarts(bool restarts)
    {
        var log = Team();
        var commit = _alice.Ask<Sealed>(new PerformDue(new DueWork(DueKind.Commit, log, default))).Item.Post;
        Assert.NotEmpty(Rows(_alice, RecordKind.PendingGroup));
        if (restarts) _alice.Restart();
        foreach (string text in (string[])["one", "two", "three"])
        {
            Seal(_bob, log, text);
            _alice.ReadLogs();
            if (restarts) _alice.Restart();
            AssertStored(log);
        }
        _organisation.Inject(log, PostKind.Commit, commit.Id, commit.Bytes.ToArray());
        foreach (var person in (Person[])[_alice, _bob, _carol]) person.ReadLogs();
        Assert.Empty(Rows(_alice, RecordKind.PendingGroup));
        Assert.Equal(_bob.Vault.Groups.Load(log).EpochAuthenticator.ToArray(), _alice.Vault.Groups.Load(log).EpochAuthenticator.ToArray());
        AssertStored(log);
        _alice.Say(log, "four");
        _bob.Sync();
        Assert.Equal(["Bob: one", "Bob: two", "Bob: three", "Alice: four"], _bob.Texts(log));
    }

    /// <summary>ATTACKS B-29.</summary>
    [Fact]
    public void NothingStaysOfAGroupThatIsLeft()
    {
        var log = Team();
        _carol.Say(log, "soon gone");
        _bob.Ask<Sealed>(new PerformDue(new DueWork(DueKind.Commit, log, default)));   // a commit that is on its way when we are let go
        Assert.NotEmpty(Rows(_bob, RecordKind.PendingGroup));
        Assert.NotEmpty(Rows(_bob, RecordKind.Group));
        _alice.Ask<Sealed>(new RemoveMember(log, _bob.Pin));
        _alice.Sync();
        _bob.ReadLogs();
        Assert.Equal(ConversationState.Left, Assert.Single(_bob.Ask<Conversations>(new ListAll(Listed.Conversations)).Items).State);
        Assert.Empty(Rows(_bob, RecordKind.Group));
        Assert.Empty(Rows(_bob, RecordKind.PendingGroup));
        Assert.Throws<VaultException>(() => _bob.Vault.Groups.Load(log));
    }

    /// <summary>ATTACKS B-29: coming and going leaves the number of rows as it was.</summary>
    [Fact]
    public void ComingAndGoingLeavesNoRows()
    {
        var log = Team();
        int rows = 0;
        for (int i = 0; i < 5; i++)
        {
            _alice.Ask<Sealed>(new RemoveMember(log, _bob.Pin));
            Everyone();
            Assert.Empty(Rows(_bob, RecordKind.Group));
            _alice.Ask<Sealed>(new AddMembers(log, [Organisation.Claim(_bob)]));
            Everyone();
            if (i == 0) rows = Rows(_bob, RecordKind.Group).Count;
            Assert.InRange(Rows(_bob, RecordKind.Group).Count, rows - 6, rows + 6);
        }
    }

    private LogId Team()
    {
        var log = _alice.Create("Team", _bob, _carol);
        Everyone();
        return log;
    }

    private void Everyone()
    {
        foreach (var person in (Person[])[_bob, _carol, _alice, _bob, _carol]) person.Sync();
    }

    /// <summary>Says something without noticing that others have spoken.</summary>
    private void Seal(Person person, LogId log, string text)
    {
        var post = Assert.Single(person.Ask<Sealed>(new SealTexts(log, [text])).Items).Post;
        _organisation.Inject(log, PostKind.Application, post.Id, post.Bytes.ToArray());
        person.ReadLogs();
    }

    private void AssertStored(LogId log)
    {
        using var vault = new GroupStates(_alice.Vault.Store, _alice.Vault.Profile.Leaf, _alice.Vault.Policy);
        AssertSame(_alice.Vault.Groups.Load(log), vault.Load(log));
        Assert.Equal(_alice.Vault.Groups.HasPending(log), vault.HasPending(log));
        if (_alice.Vault.Groups.LoadPending(log) is { } pending) AssertSame(pending, vault.LoadPending(log)!);
    }

    private static void AssertSame(Group expected, Group actual)
    {
        using var first = expected.Serialize();
        using var second = actual.Serialize();
        Assert.Equal(Convert.ToHexString(first.Reveal()), Convert.ToHexString(second.Reveal()));
    }

    private static SortedDictionary<string, byte[]> Rows(Person person, RecordKind kind)
    {
        var rows = new SortedDictionary<string, byte[]>(StringComparer.Ordinal);
        foreach (var (key, value) in person.Vault.Store.ScanAll(kind)) rows.Add(Convert.ToHexString(key), value);
        return rows;
    }
}
