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
        Assert.Equal(ConversationState.Stranded, Assert.Single(_carol.Ask<Conversations>(new ListConversations()).Items).State);
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
        Assert.Equal(3, _bob.Ask<Members>(new ListMembers(log)).Items.Count);
    }

    [Fact]
    public void WhoIsNotInTheConversationCannotHaveItselfAdded()
    {
        var log = Prepare();
        var mallory = _organisation.Join("Mallory");
        using var bundle = mallory.Vault.KeyPackages.Make();
        byte[] package = Tls.Encode(bundle.KeyPackage);
        var item = new RejoinItem(log, package, mallory.Vault.Profile.Leaf.Sign(RejoinItem.ToBeSigned(log, package)));
        var bobsLeaf = _bob.Vault.Groups.Load(log).Members.Single(member => DeviceCredential.Verify(member.Leaf)!.Pin == _bob.Pin).Leaf;
        _organisation.File([InboxSeal.Seal(item, bobsLeaf, RandomSource.System)]);
        _bob.Sync();
        _organisation.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Empty(_bob.Ask<Due>(new ListDue()).Items);
    }

    private LogId Prepare()
    {
        var log = _alice.Create("Team", _bob, _carol);
        foreach (var person in (Person[])[_bob, _carol, _alice]) person.Sync();
        return log;
    }

    /// <summary>Alice commits, and every path secret that is not Bob's is noise.</summary>
    private void CommitWithBadSecrets(LogId log)
    {
        var id = MessageId.Of(RandomSource.System.PublicBytes(16));
        var vault = _alice.Vault;
        var carolsLeaf = vault.Groups.Load(log).Members.Single(member => DeviceCredential.Verify(member.Leaf)!.Pin == _carol.Pin).Index;
        _organisation.Inject(log, PostKind.Commit, id, RogueCommit.Spoil(vault.Groups.Load(log), vault, AuthenticatedData.For(id), carolsLeaf));
    }
}
