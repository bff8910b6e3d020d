using Holdfast.Codec;
using Holdfast.Cryptography;
using Holdfast.Mls;
using Holdfast.Protocol;

namespace Holdfast.Vault.Tests;

/// <summary>One item or entry that somebody made to be stumbled over stops neither an inbox nor a conversation.</summary>
public sealed class PoisonTests : IDisposable
{
    /// <summary>A PublicMessage with a proposal of a type that nobody knows.</summary>
    private static readonly byte[] UnknownProposal = [0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 2, 0xff, 0xff];

    private readonly Organisation _organisation = new();
    private readonly Person _alice, _bob, _carol;

    public PoisonTests() =>
        (_alice, _bob, _carol) = (_organisation.Join("Alice"), _organisation.Join("Bob"), _organisation.Join("Carol"));

    public void Dispose() => _organisation.Dispose();

    [Fact]
    public void AWelcomeThatIsSomethingUnreadableIsFinishedWith()
    {
        File(_bob, new WelcomeItem(LogId.Of(new byte[16]), 0, default, UnknownProposal, []));
        var log = _alice.Create("Team", _bob);   // this one lies behind it
        _bob.Sync();
        Assert.Contains(_bob.Ask<Conversations>(new ListAll(Listed.Conversations)).Items, item => item.Log == log);
    }

    [Fact]
    public void ARequestToBeAddedAgainWithAnUnreadableKeyPackageIsFinishedWith()
    {
        var log = Team();
        var package = Impostor.KeyPackageOf(_carol) with { Extensions = [LeafTraits.LastResort, LeafTraits.LastResort] };
        File(_bob, new RejoinItem(log, new byte[32], 0, Tls.Encode(package), new byte[64]));
        _bob.Sync();
        Assert.Empty(_organisation.InboxOf(_bob.Status.Device));
    }

    [Fact]
    public void AnUnreadableEntryStopsNobodyWhoHasAGap()
    {
        var log = Team();
        var gone = _alice.Ask<Sealed>(new SealTexts(log, ["gone"])).Items[0].Post.Id;
        _alice.Sync();
        _organisation.Forget(log, gone);
        _organisation.Inject(log, PostKind.Application, UnknownProposal);
        _alice.Say(log, "do you hear me?");
        _bob.Sync();
        Assert.Equal(["Alice: do you hear me?"], _bob.Texts(log));
        Assert.Single(_bob.History(log), item => item.Kind == HistoryKind.Unreadable);
    }

    [Fact]
    public void TheCommitThatAWelcomeNamesIsOfNoEpochThatCannotBeCounted()
    {
        var log = _alice.Create("Team", _bob);
        _bob.Sync();
        var id = MessageId.Of(RandomSource.System.PublicBytes(16));
        var package = Impostor.KeyPackageOf(_carol);
        var options = new CommitOptions { Proposals = [new AddProposal(package)], AuthenticatedData = AuthenticatedData.For(id), Now = _organisation.Clock.GetUtcNow() };
        var pending = _alice.Vault.Groups.Load(log).Commit(options, RandomSource.System);
        ulong position = _alice.Vault.Conversations.Require(log).Position;
        File(_carol, new WelcomeItem(log, position, id, pending.Welcome!, []));
        var outside = Tls.Decode<MlsMessage>(pending.Message).PrivateMessage! with { Epoch = ulong.MaxValue };
        _organisation.Inject(log, PostKind.Commit, id, Tls.Encode(new MlsMessage(outside)));
        _carol.Sync();
        Assert.Equal(ConversationState.Left, Assert.Single(_carol.Ask<Conversations>(new ListAll(Listed.Conversations)).Items).State);
        Assert.Contains("does not fit", Assert.Single(_carol.History(log)).Text, StringComparison.Ordinal);
    }

    /// <summary>
    /// A step that fails in the middle, as only a bug of ours would have it, leaves nothing: neither what it stored nor what it had in
    /// memory. What is before and behind it in the batch is read, and what was missed by it is noticed.
    /// </summary>
    [Theory, InlineData(true), InlineData(false)]
    public void AnEntryThatFailsAsNobodyHasForeseenStandsAsUnreadable(bool first)
    {
        var log = Team();
        if (!first) _alice.Say(log, "before");
        var leave = _carol.Ask<Sealed>(new RemoveMember(log, null)).Item.Post;   // when we hear of it, a time is chosen to carry it out
        Assert.NotNull(_organisation.Submit(leave));
        var after = _alice.Ask<Sealed>(new SealTexts(log, ["after"])).Items[0].Post;
        Assert.NotNull(_organisation.Submit(after));
        _bob.Random.FailsFor = 4;
        Assert.Single(_bob.Ask<Conversations>(new ListAll(Listed.Conversations)).Items);
        _bob.ReadLogs();
        _bob.Random.FailsFor = 0;
        string[] heard = first ? ["Alice: after"] : ["Alice: before", "Alice: after"];
        Assert.Equal(heard, _bob.Texts(log));
        Assert.Equal(leave.Id, Assert.Single(_bob.History(log), item => item.Kind == HistoryKind.Unreadable).Id);
        Assert.Empty(_bob.Vault.Groups.Load(log).PendingProposals);
        Assert.Empty(_bob.Vault.Conversations.Require(log).Leaving);
        _bob.Restart();
        Assert.Equal(heard, _bob.Texts(log));

        _alice.Sync();
        _organisation.Clock.Advance(TimeSpan.FromMinutes(1));
        _alice.PerformAllDue();   // she carries it out, with a proposal that Bob does not have
        _alice.Say(log, "she has gone");
        _bob.Sync();
        Assert.Equal(ConversationState.Stranded, Assert.Single(_bob.Ask<Conversations>(new ListAll(Listed.Conversations)).Items).State);
        _bob.PerformAllDue();
        _alice.Sync();
        _organisation.Clock.Advance(TimeSpan.FromMinutes(1));
        _alice.PerformAllDue();
        _bob.Sync();
        _bob.Say(log, "back again");
        _alice.Sync();
        Assert.Equal("Bob: back again", _alice.Texts(log).Last());
    }

    [Fact]
    public void AnItemThatFailsAsNobodyHasForeseenIsFinishedWithAndLeavesNothing()
    {
        var dave = _organisation.Join("Dave");
        var log = _alice.Create("Team", _bob, dave);
        Assert.Single(_organisation.InboxOf(_bob.Status.Device));   // following a Welcome, a time is chosen for a fresh key
        _carol.Ask<Ok>(new AddContact(Organisation.Claim(_bob), null));
        _carol.Sync();
        var inbox = _organisation.InboxOf(_bob.Status.Device).ToList();
        _bob.Random.FailsFor = 4;
        var opened = _bob.Ask<InboxOpened>(new OpenInbox(inbox));
        _bob.Random.FailsFor = 0;
        Assert.Equal(2, opened.Finished.Count);
        Assert.Empty(opened.Joined);
        Assert.Equal([_carol.Pin], opened.Met);
        Assert.Null(_bob.Vault.Conversations.Find(log));
        Assert.Null(_bob.Vault.Contacts.Find(dave.Pin));
        Assert.Equal(ContactState.Asks, _bob.Ask<Contacts>(new ListAll(Listed.Contacts)).Items.Single(contact => contact.Pin == _carol.Pin).State);

        Assert.Equal([log], _bob.Ask<InboxOpened>(new OpenInbox(inbox)).Joined);   // it would have been good: what is in memory is as if it had never come
        _bob.Restart();
        _bob.Sync();
        _bob.Say(log, "there after all");
        _alice.Sync();
        Assert.Equal(["Bob: there after all"], _alice.Texts(log));
    }

    [Fact]
    public void ARequestThatCannotBeFulfilledIsSpent()
    {
        var log = Team();
        var leaf = _carol.Vault.Groups.Load(log).Members.Single(member => DeviceCredential.Verify(member.Leaf)!.Pin == _carol.Pin).Leaf;
        byte[] package = Organisation.Claim(_carol).KeyPackages.Packages[0].ToArray(), key = leaf.EncryptionKey.ToArray();
        File(_bob, new RejoinItem(log, key, 0, package, _carol.Vault.Profile.Leaf.Sign(RejoinItem.ToBeSigned(log, key, 0, package))));
        _bob.Sync();
        _organisation.Clock.Advance(TimeSpan.FromDays(100));   // the key package has expired
        var work = _bob.Ask<Due>(new ListAll(Listed.Due)).Items.Single(item => item.Kind == DueKind.Readmit);
        _bob.Ask<Ok>(new PerformDue(work));
        Assert.DoesNotContain(_bob.Ask<Due>(new ListAll(Listed.Due)).Items, item => item.Kind == DueKind.Readmit);
    }

    private LogId Team()
    {
        var log = _alice.Create("Team", _bob, _carol);
        foreach (var person in (Person[])[_bob, _carol, _alice]) person.Sync();
        return log;
    }

    private void File(Person person, SealedItem item) =>
        _organisation.File([InboxSeal.Seal(item, Impostor.KeyPackageOf(person).LeafNode, RandomSource.System)]);
}
