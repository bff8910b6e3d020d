using Holdfast.Codec;
using Holdfast.Cryptography;
using Holdfast.Mls;
using Holdfast.Protocol;

namespace Holdfast.Vault.Tests;

/// <summary>A standalone proposal is only ever "I leave": nobody has another make a change for it that the other did not want.</summary>
public sealed class ProposalTests : IDisposable
{
    private readonly Organisation _organisation = new();
    private readonly Person _alice, _bob, _carol;

    public ProposalTests() =>
        (_alice, _bob, _carol) = (_organisation.Join("Alice"), _organisation.Join("Bob"), _organisation.Join("Carol"));

    public void Dispose() => _organisation.Dispose();

    [Fact]
    public void NobodyIsProposedIntoAConversationOfTwo()
    {
        var log = _alice.Create(null, _bob);
        _bob.Sync();
        Propose(_bob, log, Adding(_carol));
        _alice.Sync();
        CommitByAlice(log);
        Assert.Equal(2, _alice.Ask<Members>(new ListAll(Listed.Members, log)).Items.Count);
        Assert.Single(_alice.History(log), item => item.Kind == HistoryKind.Unreadable);
        _alice.Say(log, "only us");
        _bob.Sync();
        Assert.Equal("Alice: only us", Assert.Single(_bob.Texts(log)));
    }

    [Theory, InlineData(true), InlineData(false)]
    public void NobodyHasAnotherAddOrRemoveSomeone(bool add)
    {
        var dave = _organisation.Join("Dave");
        var log = Team();
        Propose(_bob, log, add ? Adding(dave) : new RemoveProposal(LeafOf(_carol, log)));
        _alice.Sync();
        CommitByAlice(log);
        Assert.Equal(3, _alice.Ask<Members>(new ListAll(Listed.Members, log)).Items.Count);
        Assert.Single(_alice.History(log), item => item.Kind == HistoryKind.Members);   // that it began
        Assert.Single(_alice.History(log), item => item.Kind == HistoryKind.Unreadable);
        _carol.Sync();
        _alice.Say(log, "all of us");
        _carol.Sync();
        Assert.Equal("Alice: all of us", Assert.Single(_carol.Texts(log)));
    }

    /// <summary>It would be pending for those alone who have taken it, and a commit that names it a commit for them alone.</summary>
    [Fact]
    public void ACommitThatNamesSuchAProposalIsNoneForAnyone()
    {
        var log = Team();
        var id = MessageId.Of(RandomSource.System.PublicBytes(16));
        Propose(_bob, log, new RemoveProposal(LeafOf(_carol, log)));
        var (vault, group) = (_bob.Vault, _bob.Vault.Groups.Load(log));
        byte[] commit = group.Commit(new CommitOptions { AuthenticatedData = AuthenticatedData.For(id), Now = _organisation.Clock.GetUtcNow() }, vault.Random).Message;
        _organisation.Inject(log, PostKind.Commit, id, commit);
        foreach (var person in (Person[])[_alice, _carol])
        {
            person.Sync();
            Assert.Equal(3, person.Ask<Members>(new ListAll(Listed.Members, log)).Items.Count);
        }
        Assert.Equal(_alice.Vault.Groups.Load(log).Epoch, _carol.Vault.Groups.Load(log).Epoch);
    }

    private LogId Team()
    {
        var log = _alice.Create("Team", _bob, _carol);
        foreach (var person in (Person[])[_bob, _carol, _alice]) person.Sync();
        return log;
    }

    private void CommitByAlice(LogId log)
    {
        _alice.Ask(new PerformDue(new DueWork(DueKind.Commit, log, default)));   // as Client asks before it says something
        _alice.Sync();
    }

    private static AddProposal Adding(Person person) => new(Tls.Decode<KeyPackage>(Organisation.Claim(person).KeyPackages.Packages[0].Span));

    private LeafIndex LeafOf(Person person, LogId log) =>
        _alice.Vault.Groups.Load(log).Members.Single(member => DeviceCredential.Verify(member.Leaf)!.Pin == person.Pin).Index;

    /// <summary>A member proposes what its vault would not.</summary>
    private void Propose(Person person, LogId log, Proposal proposal)
    {
        var id = MessageId.Of(RandomSource.System.PublicBytes(16));
        _organisation.Inject(log, PostKind.Proposal, id, person.Vault.Store.Change(() =>
        {
            var proposed = person.Vault.Groups.Load(log).Propose(proposal, person.Vault.Random, AuthenticatedData.For(id));
            person.Vault.Groups.Save(log, proposed.Next);
            return proposed.Message;
        }));
    }
}
