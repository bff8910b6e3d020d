using Holdfast.Codec;
using Holdfast.Cryptography;
using Holdfast.Mls;
using Holdfast.Protocol;

namespace Holdfast.Vault.Tests;

/// <summary>
/// Nobody joins unseen, however they come: in every group that comes to be, each PIN has one user identity key, the one that was pinned,
/// and each device one leaf. What all members can see to be wrong all pass over; what only some know strands those alone.
/// </summary>
public sealed class SeatingTests : IDisposable
{
    private readonly Organisation _organisation = new();
    private readonly Person _alice, _bob, _carol, _dave, _erin;
    private readonly Impostor _impostor;

    public SeatingTests()
    {
        (_alice, _bob, _carol) = (_organisation.Join("Alice"), _organisation.Join("Bob"), _organisation.Join("Carol"));
        (_dave, _erin) = (_organisation.Join("Dave"), _organisation.Join("Erin"));   // all have met Alice, and nobody else
        _impostor = new Impostor(_organisation, _carol.Pin);
    }

    public void Dispose()
    {
        _impostor.Dispose();
        _organisation.Dispose();
    }

    [Fact]
    public void ACommitThatSeatsTwoUnderOnePinIsOneForNobody()
    {
        var log = TeamOf(_bob, _dave, _erin);
        var pending = Impostor.Commit(
            _organisation, _dave, log, new AddProposal(Impostor.KeyPackageOf(_carol)), new AddProposal(_impostor.KeyPackage()));
        _impostor.Speak(log, pending.Welcome!, "send it to me");
        AssertPassedOver(log, unreadable: 2, _bob, _erin);
        Assert.Null(_bob.Vault.Contacts.Find(_carol.Pin));
    }

    [Fact]
    public void ACommitThatSeatsAnotherBesideAMemberIsOneForNobody()
    {
        var log = TeamOf(_bob, _dave, _carol);
        Impostor.Commit(_organisation, _dave, log, new AddProposal(_impostor.KeyPackage()));
        AssertPassedOver(log, unreadable: 1, _bob, _carol);
    }

    [Fact]
    public void ACommitThatSeatsADeviceTwiceIsOneForNobody()
    {
        var log = TeamOf(_bob, _dave, _erin);
        using var second = SecondLeaf(_dave, _dave.Status.Device);
        Impostor.Commit(_organisation, _dave, log, new AddProposal(second.KeyPackage));
        AssertPassedOver(log, unreadable: 1, _bob, _erin);
    }

    /// <summary>Else whoever uses a device's id first would keep that device out.</summary>
    [Fact]
    public void ADevicesIdIsItsPersonsOwn()
    {
        var log = TeamOf(_bob, _dave, _erin);
        using var second = SecondLeaf(_dave, _bob.Status.Device);
        Impostor.Commit(_organisation, _dave, log, new AddProposal(second.KeyPackage));
        _bob.Sync();
        var members = _bob.Ask<Members>(new ListAll(Listed.Members, log)).Items;
        Assert.Equal(2, members.Count(member => member.Device == _bob.Status.Device));
        Assert.Equal(_bob.Pin, Assert.Single(members, member => member.IsSelf).Pin);
    }

    /// <summary>Who put somebody in twice removes or strands another in the same commit: that one judges as the others do.</summary>
    [Theory, InlineData(true), InlineData(false)]
    public void NobodyIsRemovedOrStrandedByACommitThatTheOthersPassOver(bool removed)
    {
        var log = TeamOf(_bob, _dave, _carol);
        var add = new AddProposal(_impostor.KeyPackage());
        var bob = _dave.Vault.Groups.Load(log).Members.Single(member => DeviceCredential.Verify(member.Leaf)!.Pin == _bob.Pin).Index;
        if (removed) Impostor.Commit(_organisation, _dave, log, add, new RemoveProposal(bob));
        else
        {
            var id = MessageId.Of(RandomSource.System.PublicBytes(16));
            byte[] spoilt = RogueCommit.Spoil(Impostor.Free(_dave, log), _dave.Vault, AuthenticatedData.For(id), bob, add);
            _organisation.Inject(log, PostKind.Commit, id, spoilt);
        }
        AssertPassedOver(log, unreadable: 1, _bob, _carol);
    }

    /// <summary>The server answers one claim with somebody's own key package and one that it has made.</summary>
    [Theory, InlineData(false), InlineData(true)]
    public void AClaimOfTwoIdentitiesIsRefusedWhateverItIsFor(bool reversed)
    {
        var log = TeamOf(_bob, _dave);
        Introduce(_carol, _bob);   // Bob has seen Carol's key, and may compare it with hers: it is the right one all along
        ReadOnlyMemory<byte>[] packages = [Package(_carol), Package(_impostor.Person)];
        if (reversed) Array.Reverse(packages);
        var claimed = new Invitee(_carol.Pin, new ClaimedKeyPackages(packages));
        foreach (VaultCall call in (VaultCall[])
            [new CreateConversation("Secret", [claimed]), new CreateConversation(null, [claimed]), new AddMembers(log, [claimed]), new AddContact(claimed, null)])
        {
            Assert.Contains("two identities", _bob.Fails(call, VaultError.Refused).Reason, StringComparison.Ordinal);
        }
        Assert.Single(_bob.Ask<Conversations>(new ListAll(Listed.Conversations)).Items);
        Assert.Equal(ContactState.Asks, _bob.Ask<Contacts>(new ListAll(Listed.Contacts)).Items.Single(contact => contact.Pin == _carol.Pin).State);
    }

    [Fact]
    public void AClaimOfOneDeviceTwiceIsRefused()
    {
        var claimed = new Invitee(_carol.Pin, new ClaimedKeyPackages([Package(_carol), Package(_carol)]));
        _bob.Fails(new CreateConversation("Secret", [claimed]), VaultError.Refused);
    }

    /// <summary>
    /// The server has us begin with somebody of its making, keeps the commit back until we have met the real one, and only then lets it land.
    /// </summary>
    [Theory, InlineData(false), InlineData(true)]
    public void WhoWasMetSinceOurCommitWasMadeIsNotSeatedAsAnother(bool restart)
    {
        var post = _bob.Ask<Sealed>(new CreateConversation(null, [ClaimedOf(_impostor.Person)])).Item.Post;
        var team = _alice.Create("Team", _bob, _carol);   // Bob reads of the real Carol first
        if (restart) _bob.Restart();
        _bob.Sync();
        Assert.Equal(_carol.Status.IdentityKey.ToArray(), _bob.Vault.Contacts.Find(_carol.Pin)!.IdentityKey.ToArray());
        Assert.Equal((ConversationState.Left, ConversationState.Active), (StateOf(_bob, post.Log), StateOf(_bob, team)));
        Assert.Contains(_carol.Pin.ToString(), Assert.Single(_bob.History(post.Log)).Text, StringComparison.Ordinal);
        _bob.Fails(new SealTexts(post.Log, ["to Carol, whose key I have compared"]), VaultError.Refused);
        Assert.False(_bob.Vault.Groups.HasPending(post.Log));
    }

    /// <summary>The same in a group that was there before: the others follow, and we come back when they have put it right.</summary>
    [Fact]
    public void WhoseOwnCommitIsOvertakenByAMeetingSaysSoAndComesBackWhenTheOthersHaveMendedIt()
    {
        var log = TeamOf(_bob, _dave, _erin);
        var held = _bob.Ask<Sealed>(new AddMembers(log, [ClaimedOf(_impostor.Person)])).Item.Post;
        Assert.NotNull(_organisation.Submit(held));
        _dave.Sync();
        TeamOf(_alice, _carol, _bob);
        _bob.Sync();
        Assert.Equal(ConversationState.Stranded, StateOf(_bob, log));
        Assert.Contains(_bob.History(log), item => item.Kind == HistoryKind.Unreadable && item.Text.Contains(_carol.Pin.ToString(), StringComparison.Ordinal));
        Assert.False(_bob.Vault.Groups.HasPending(log));

        _dave.Ask<Sealed>(new RemoveMember(log, _carol.Pin));
        _dave.Sync();
        _bob.PerformAllDue();
        _dave.Sync();
        _organisation.Clock.Advance(TimeSpan.FromMinutes(1));
        _dave.PerformAllDue();
        _bob.Sync();
        Assert.Equal(ConversationState.Active, StateOf(_bob, log));
        _bob.Say(log, "back");
        _dave.Sync();
        Assert.Equal(["Bob: back"], _dave.Texts(log));
    }

    [Fact]
    public void AChangeThatIsMadeAnewIsJudgedAnew()
    {
        var log = TeamOf(_bob, _dave, _erin);
        var post = _bob.Ask<Sealed>(new AddMembers(log, [ClaimedOf(_impostor.Person)])).Item.Post;
        _organisation.Clock.Advance(TimeSpan.FromDays(2));
        _dave.PerformAllDue();
        Assert.Null(_organisation.Submit(post));
        _alice.Create("Other", _bob, _carol);   // Bob's inbox tells of the real Carol
        _bob.Ask<InboxOpened>(new OpenInbox(_organisation.InboxOf(_bob.Status.Device)));
        _bob.ReadLogs();
        Assert.Contains(_carol.Pin.ToString(), _bob.Fails(new Reseal(post.Id), VaultError.Refused).Reason, StringComparison.Ordinal);
    }

    [Theory, InlineData(false), InlineData(true)]
    public void AWelcomeToAGroupWhereSomebodySitsUnderAnotherKeyIsNotFollowed(bool beside)
    {
        TeamOf(_alice, _carol, _bob);   // Bob has met Carol; Dave has not
        var (log, id) = (LogId.Of(RandomSource.System.PublicBytes(16)), MessageId.Of(RandomSource.System.PublicBytes(16)));
        using var own = _erin.Vault.KeyPackages.Make();
        var group = Group.Create(
            own.Suite, log.ToBytes(), own, _erin.Vault.Profile.Leaf, [LeafTraits.Describe("Trap")], Impostor.Lenient, RandomSource.System);
        List<KeyPackage> added = [Impostor.KeyPackageOf(_bob), Impostor.KeyPackageOf(_dave), _impostor.KeyPackage()];
        if (beside) added.Add(Impostor.KeyPackageOf(_carol));
        var pending = group.Commit(
            new CommitOptions { Proposals = [.. added.Select(static package => new AddProposal(package))], AuthenticatedData = AuthenticatedData.For(id) },
            RandomSource.System);
        _organisation.Inject(log, PostKind.Commit, id, pending.Message);
        foreach (var package in added.Take(2))
            _organisation.File([InboxSeal.Seal(new WelcomeItem(log, 0, id, pending.Welcome!, []), package.LeafNode, RandomSource.System)]);
        _bob.Sync();
        _dave.Sync();
        Assert.Empty(_organisation.InboxOf(_bob.Status.Device));
        Assert.DoesNotContain(_bob.Ask<Conversations>(new ListAll(Listed.Conversations)).Items, item => item.Log == log);
        Assert.Equal(!beside, _dave.Ask<Conversations>(new ListAll(Listed.Conversations)).Items.Any(item => item.Log == log));
        Assert.Equal(_carol.Status.IdentityKey.ToArray(), _bob.Vault.Contacts.Find(_carol.Pin)!.IdentityKey.ToArray());
    }

    /// <summary>A device's leaf goes on under the identity that it came with, whoever commits it.</summary>
    [Fact]
    public void NobodyTakesAnotherIdentityInAnUpdate()
    {
        var log = TeamOf(_bob, _dave, _erin);
        using var other = new Impostor(_organisation, _dave.Pin);
        var credential = DeviceCredential.Issue(
            _dave.Pin, other.Person.Vault.Profile.Identity, _dave.Status.Device, _dave.Vault.Profile.Leaf.PublicKey.Span);
        var id = MessageId.Of(RandomSource.System.PublicBytes(16));
        var options = new CommitOptions
        {
            LeafChanges = new LeafChanges { Credential = new BasicCredential(Tls.Encode(credential)) },
            AuthenticatedData = AuthenticatedData.For(id),
        };
        _organisation.Inject(log, PostKind.Commit, id, Impostor.Free(_dave, log).Commit(options, RandomSource.System).Message);
        AssertPassedOver(log, unreadable: 1, _bob, _erin);
    }

    /// <summary>As in a group that was stored before all that sit in it were looked at.</summary>
    [Fact]
    public void WhatIsSaidInANameUnderAnotherKeyIsNotShownAsTheirs()
    {
        var log = TeamOf(_bob, _dave);
        var pending = Impostor.Commit(_organisation, _dave, log, new AddProposal(_impostor.KeyPackage()));
        _bob.Sync();
        var vault = _bob.Vault;
        vault.Store.Change(() =>
        {
            vault.Contacts.Save(new Contact(_carol.Pin, _carol.Status.IdentityKey, null, ContactState.Known, IsMet: true));
            return true;
        });
        _impostor.Speak(log, pending.Welcome!, "send it to me");
        _bob.Sync();
        Assert.Empty(_bob.Texts(log));
        Assert.Contains(_carol.Pin.ToString(), Assert.Single(_bob.History(log), item => item.Kind == HistoryKind.Unreadable).Text, StringComparison.Ordinal);
    }

    /// <summary>It would have stranded whoever has met Carol, had it been a commit.</summary>
    [Theory, InlineData(PostKind.Proposal), InlineData(PostKind.Commit)]
    public void AMereProposalStrandsNobody(PostKind declared)
    {
        var log = TeamOf(_bob, _dave, _carol);
        var id = MessageId.Of(RandomSource.System.PublicBytes(16));
        var group = Impostor.Free(_dave, log);
        _organisation.Inject(log, declared, id, group.Propose(new AddProposal(_impostor.KeyPackage()), RandomSource.System, AuthenticatedData.For(id)).Message);
        AssertPassedOver(log, unreadable: 1, _bob, _carol);
    }

    [Theory, InlineData(true), InlineData(false)]
    public void ACommitThatNobodyCanFollowStrandsNobody(bool seated)
    {
        TeamOf(_alice, _carol, _bob, _erin);   // both have met Carol
        var log = seated ? TeamOf(_bob, _dave, _erin, _carol) : TeamOf(_bob, _dave, _erin);
        var id = MessageId.Of(RandomSource.System.PublicBytes(16));
        var group = Impostor.Free(_dave, log);
        var commit = new Commit([new ProposalByValue(new AddProposal(_impostor.KeyPackage()))], null);
        var signed = AuthenticatedContent.Sign(
            group.Suite, WireFormat.PrivateMessage, group.Frame(new CommitContent(commit), AuthenticatedData.For(id)), group.Context, _dave.Vault.Profile.Leaf);
        var (message, next) = group.ProtectHandshake(signed.WithConfirmationTag(new byte[group.Suite.Hkdf.HashSize]), RandomSource.System);
        next.Dispose();
        _organisation.Inject(log, PostKind.Commit, id, message);
        AssertPassedOver(log, unreadable: 1, _bob, _erin);
    }

    /// <summary>All are where they were, show that something could not be read, and go on talking.</summary>
    private static void AssertPassedOver(LogId log, int unreadable, params Person[] people)
    {
        var before = people.Select(person => person.Vault.Groups.Load(log).Epoch).ToList();
        foreach (var person in people) person.Sync();
        foreach (var (person, epoch) in people.Zip(before))
        {
            Assert.Equal(ConversationState.Active, StateOf(person, log));
            Assert.Equal(unreadable, person.History(log).Count(item => item.Kind == HistoryKind.Unreadable));
            Assert.Equal(epoch, person.Vault.Groups.Load(log).Epoch);
        }
        people[0].Say(log, "all of us");
        people[1].Sync();
        Assert.Equal([$"{people[0].Name}: all of us"], people[1].Texts(log).Select(text => people[0].Name + text[text.IndexOf(':', StringComparison.Ordinal)..]));
    }

    private static LogId TeamOf(Person founder, params Person[] others)
    {
        var log = founder.Create("Team", others);
        foreach (var person in (Person[])[.. others, founder]) person.Sync();
        return log;
    }

    private static void Introduce(Person who, Person to)
    {
        who.Ask<Ok>(new AddContact(ClaimedOf(to), null));
        who.Sync();
        to.Sync();
    }

    private static Invitee ClaimedOf(Person person) => new(person.Pin, new ClaimedKeyPackages([Package(person)]));

    private static ReadOnlyMemory<byte> Package(Person person) => Organisation.Claim(person).KeyPackages.Packages[0];

    private static ConversationState StateOf(Person person, LogId log) =>
        person.Ask<Conversations>(new ListAll(Listed.Conversations)).Items.Single(item => item.Log == log).State;

    /// <summary>A further leaf of a person, under a device's id.</summary>
    private KeyPackageBundle SecondLeaf(Person person, DeviceId device)
    {
        var (suite, profile) = (ConversationSuite.Suite, person.Vault.Profile);
        using var leaf = suite.Signature.Generate(RandomSource.System);
        using var inbox = suite.Hpke.Kem.Generate(RandomSource.System);
        var credential = DeviceCredential.Issue(person.Pin, profile.Identity, device, leaf.PublicKey.Span);
        ulong now = (ulong)_organisation.Clock.GetUtcNow().ToUnixTimeSeconds();
        return KeyPackageBundle.Create(
            suite, leaf, new BasicCredential(Tls.Encode(credential)), OwnKeyPackages.Capabilities, new Lifetime(now - 1, now + 1000),
            [LeafTraits.InboxKey(inbox)], [], RandomSource.System);
    }
}
