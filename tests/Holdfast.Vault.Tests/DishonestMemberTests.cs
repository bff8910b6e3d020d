using Holdfast.Codec;
using Holdfast.Cryptography;
using Holdfast.Mls;
using Holdfast.Protocol;

namespace Holdfast.Vault.Tests;

/// <summary>What a member, a stranger or the server sends to mislead a vault or to stop it.</summary>
public sealed class DishonestMemberTests : IDisposable
{
    private readonly Organisation _organisation = new();
    private readonly Person _alice, _bob, _carol;

    public DishonestMemberTests() =>
        (_alice, _bob, _carol) = (_organisation.Join("Alice"), _organisation.Join("Bob"), _organisation.Join("Carol"));

    public void Dispose() => _organisation.Dispose();

    [Fact]
    public void AnOverlongTextOrMediaTypeDoesNotSpoilTheHistory()
    {
        var log = Team();
        var pointer = new AttachmentPointer(default, new byte[32], new byte[32], 1, new byte[32]);
        Send(log, Contents.Text(_alice.Vault, log, new string('x', ProtocolLimits.TextBytes + 1)));
        Send(log, Contents.Attachment(_alice.Vault, log, new AttachmentInfo("a.txt", new string('x', ProtocolLimits.NameBytes + 1), 1), pointer));
        Send(log, Contents.Text(_alice.Vault, log, "and now?"));
        _bob.Sync();
        Assert.Equal("Alice: and now?", Assert.Single(_bob.Texts(log)));
        Assert.Equal(2, _bob.History(log).Count(item => item.Kind == HistoryKind.Unreadable));
    }

    [Fact]
    public void ALongHistoryIsReadInPagesThatFitAFrame()
    {
        const int Count = 40;
        var log = Team();
        for (int i = 0; i < Count; i++) Send(log, Contents.Text(_alice.Vault, log, new string('x', ProtocolLimits.TextBytes)));
        _bob.Sync();
        var (seen, after) = (0, 0ul);
        while (_bob.Ask<Protocol.History>(new ReadHistory(log, after, 1000, false)) is { Items.Count: > 0 } page)
        {
            Assert.InRange(Tls.Encode<VaultReply>(page).Length, 1, ProtocolLimits.FrameBytes + (2 * ProtocolLimits.TextBytes));
            (seen, after) = (seen + page.Items.Count(item => item.Kind == HistoryKind.Text), page.Items[^1].Position);
        }
        Assert.Equal(Count, seen);
    }

    [Fact]
    public void NobodyIsAddedToAConversationOfTwo()
    {
        var log = _alice.Create(null, _bob);
        _bob.Sync();
        Inject(_alice, log, MessageId.Of(RandomSource.System.PublicBytes(16)), Adding(_carol));
        _bob.Sync();
        Assert.Equal(2, _bob.Ask<Members>(new ListAll(Listed.Members, log)).Items.Count);
        Assert.Single(_bob.History(log), item => item.Kind == HistoryKind.Unreadable);
        _bob.Say(log, "still only us");
        _alice.Sync();
        Assert.Equal("Bob: still only us", Assert.Single(_alice.Texts(log)));
    }

    /// <summary>A commit of our own is held to it like anyone's, however it came to be pending.</summary>
    [Fact]
    public void NobodyIsAddedToAConversationOfTwoByUsEither()
    {
        var log = _alice.Create(null, _bob);
        _bob.Sync();
        Pend(log, IntentKind.Add, Organisation.Claim(_carol).KeyPackages.Packages[0]);
        _alice.Sync();
        _bob.Sync();
        Assert.Equal(2, _alice.Ask<Members>(new ListAll(Listed.Members, log)).Items.Count);
        Assert.Single(_alice.History(log), item => item.Kind == HistoryKind.Unreadable);
        Assert.False(_alice.Vault.Groups.HasPending(log));
        _alice.Say(log, "still only us");
        _bob.Sync();
        Assert.Equal("Alice: still only us", Assert.Single(_bob.Texts(log)));
    }

    [Fact]
    public void WhoComesAndGoesInAConversationOfTwoIsShown()
    {
        var log = _alice.Create(null, _bob);
        Assert.Empty(_alice.History(log));
        Pend(log, IntentKind.Remove, Tls.Encode(_bob.Pin));
        _alice.Sync();
        Pend(log, IntentKind.Add, Organisation.Claim(_bob).KeyPackages.Packages[0]);
        _alice.Sync();
        Assert.Equal(["Alice removed Bob", "Alice added Bob"], _alice.History(log).Select(item => item.Text));
    }

    [Fact]
    public void WhatNamesATakenIdIsJudgedAlikeByOldMembersAndNew()
    {
        var log = _alice.Create("Team", _bob);
        _bob.Sync();
        _alice.Say(log, "before Carol");
        _alice.Ask<Sealed>(new AddMembers(log, [Organisation.Claim(_carol)]));
        _alice.Sync();
        _bob.Sync();
        _carol.Sync();
        Inject(_alice, log, _alice.History(log).Single(item => item.Kind == HistoryKind.Text).Id, []);
        _bob.Sync();
        _carol.Sync();
        Assert.Equal(_bob.Vault.Groups.Load(log).Epoch, _carol.Vault.Groups.Load(log).Epoch);
    }

    [Fact]
    public void AStaleCommitOfOursShownAgainStopsNothing()
    {
        var log = Team();
        var stale = _alice.Ask<Sealed>(new AddMembers(log, [Organisation.Claim(_organisation.Join("Dave"))])).Item.Post;
        _organisation.Clock.Advance(TimeSpan.FromDays(2));
        _bob.PerformAllDue();
        _organisation.Inject(log, PostKind.Commit, stale.Id, stale.Bytes.ToArray());
        _alice.Sync();
        _bob.Say(log, "still here");
        _alice.Sync();
        Assert.Contains("Bob: still here", _alice.Texts(log));
    }

    [Fact]
    public void AStrangersClaimToAPinDoesNotKeepItsOwnerOut()
    {
        var mallory = _organisation.Join("Mallory");
        var identity = mallory.Vault.Profile.Identity;
        var claim = new Card(_carol.Pin, identity.PublicKey, "Carol", identity.Sign(Card.ToBeSigned(_carol.Pin, identity.PublicKey.Span, "Carol")));
        var leaf = Tls.Decode<KeyPackage>(Organisation.Claim(_bob).KeyPackages.Packages[0].Span).LeafNode;
        _organisation.File([InboxSeal.Seal(new IntroductionItem(claim, default, default), leaf, RandomSource.System)]);
        _bob.Sync();
        var log = Team();
        Assert.Equal(3, _bob.Ask<Members>(new ListAll(Listed.Members, log)).Items.Count);
        _bob.Ask<Ok>(new AddContact(Organisation.Claim(_carol), null));
        Assert.Equal(_carol.Status.IdentityKey.ToArray(), _bob.Ask<Contacts>(new ListAll(Listed.Contacts)).Items.Single(contact => contact.Pin == _carol.Pin).IdentityKey.ToArray());
    }

    [Fact]
    public void WhoIsAddedUnderAKnownPinWithAnotherKeyIsNotFollowedAndThisIsSaid()
    {
        Team();   // Bob meets Carol
        var dave = _organisation.Join("Dave");
        var log = _alice.Create("Other", _bob, dave);
        _bob.Sync();
        dave.Sync();
        using var impostor = new Person(_organisation, "Carol again");
        impostor.Ask<Ok>(new CreateProfile("pass"u8.ToArray(), "Carol"));
        impostor.Ask<RegistrationReady>(new BeginRegistration(new Invite("https://127.0.0.1:1", _organisation.ServerKey, new byte[16], null).ToLink()));
        impostor.Ask<Ok>(new CompleteRegistration(_carol.Pin));
        var package = impostor.Ask<KeyPackagesMade>(new MakeKeyPackages(1)).Upload.OneTime[0];
        Inject(dave, log, MessageId.Of(RandomSource.System.PublicBytes(16)), [new AddProposal(Tls.Decode<KeyPackage>(package.Span))]);
        _bob.Sync();
        Assert.Equal(ConversationState.Stranded, _bob.Ask<Conversations>(new ListAll(Listed.Conversations)).Items.Single(item => item.Log == log).State);
        Assert.Contains(_carol.Pin.ToString(), _bob.History(log).Single(item => item.Kind == HistoryKind.Unreadable).Text);
        _bob.Fails(new SealTexts(log, ["to whom?"]), VaultError.Refused);
    }

    [Fact]
    public void WelcomesThatWaitDoNotFillTheInbox()
    {
        var log = Team();
        var package = Tls.Decode<KeyPackage>(Organisation.Claim(_bob).KeyPackages.Packages[0].Span);
        var items = Enumerable.Range(0, 6).Select(_ => Waiting(log, package)).ToList();
        var opened = _bob.Ask<InboxOpened>(new OpenInbox(items));
        Assert.InRange(opened.Finished.Count, 4, 5);
    }

    [Fact]
    public void WhoIsCalledOtherwiseThanBeforeIsShownToBe()
    {
        var log = Team();
        var identity = _bob.Vault.Profile.Identity;
        var card = new Card(_bob.Pin, identity.PublicKey, "Alicia", identity.Sign(Card.ToBeSigned(_bob.Pin, identity.PublicKey.Span, "Alicia")));
        Send(log, Contents.Cards(_alice.Vault, log, [card]));
        _carol.Sync();
        Assert.Equal("Bob is now called Alicia", _carol.History(log)[^1].Text);
        Assert.Equal(_bob.Pin, _carol.History(log)[^1].From);
        Send(log, Contents.Cards(_alice.Vault, log, [card]));   // no news
        _carol.Sync();
        Assert.Single(_carol.History(log), item => item.Text.Contains("is now called", StringComparison.Ordinal));
    }

    [Fact]
    public void ADeviceThatIsAddedToAMemberIsShown()
    {
        var log = Team();
        var (suite, profile) = (ConversationSuite.Suite, _bob.Vault.Profile);
        using var leaf = suite.Signature.Generate(RandomSource.System);
        using var inbox = suite.Hpke.Kem.Generate(RandomSource.System);
        var credential = DeviceCredential.Issue(_bob.Pin, profile.Identity, DeviceId.Of(RandomSource.System.PublicBytes(16)), leaf.PublicKey.Span);
        var now = (ulong)_organisation.Clock.GetUtcNow().ToUnixTimeSeconds();
        using var bundle = KeyPackageBundle.Create(
            suite, leaf, new BasicCredential(Tls.Encode(credential)), OwnKeyPackages.Capabilities, new Lifetime(now - 1, now + 1000),
            [LeafTraits.InboxKey(inbox)], [], RandomSource.System);
        Inject(_alice, log, MessageId.Of(RandomSource.System.PublicBytes(16)), [new AddProposal(bundle.KeyPackage)]);
        _carol.Sync();
        Assert.Equal("Alice added another device of Bob", _carol.History(log)[^1].Text);
    }

    /// <summary>A change of Alice's that her vault's own commands would not make.</summary>
    private void Pend(LogId log, IntentKind intent, ReadOnlyMemory<byte> payload)
    {
        var (vault, sending) = (_alice.Vault, new Sending(_alice.Vault));
        vault.Store.Change(() => new Changing(vault, sending).Begin(vault.Conversations.Require(log), intent, [payload], ""));
    }

    private static InboxItem Waiting(LogId log, KeyPackage package)
    {
        var secrets = new EncryptedGroupSecrets(ConversationSuite.Suite.RefHash(Labels.KeyPackageReference, Tls.Encode(package)), new HpkeCiphertext(new byte[32], new byte[32]));
        byte[] welcome = Tls.Encode(new MlsMessage(new Welcome(ConversationSuite.Suite.Id, [secrets], new byte[600 << 10])));
        var sealedItem = InboxSeal.Seal(new WelcomeItem(log, 0, default, welcome, []), package.LeafNode, RandomSource.System);
        return new InboxItem(InboxItemId.Of(RandomSource.System.PublicBytes(16)), sealedItem.Bytes);
    }

    private static List<Proposal> Adding(Person person) =>
        [new AddProposal(Tls.Decode<KeyPackage>(Organisation.Claim(person).KeyPackages.Packages[0].Span))];

    private LogId Team()
    {
        var log = _alice.Create("Team", _bob, _carol);
        foreach (var person in (Person[])[_bob, _carol, _alice]) person.Sync();
        return log;
    }

    /// <summary>Alice says something that her vault would not.</summary>
    private void Send(LogId log, MimiContent content)
    {
        var (vault, id) = (_alice.Vault, _alice.Vault.NewMessageId());
        _organisation.Inject(log, PostKind.Application, id, vault.Store.Change(() =>
        {
            var sealing = vault.Groups.Load(log).Protect(Envelope.Pad(content), AuthenticatedData.For(id), vault.Random);
            vault.Groups.Save(log, sealing.Next);
            return sealing.Message;
        }));
    }

    /// <summary>A member commits what its vault would not.</summary>
    private void Inject(Person person, LogId log, MessageId id, IReadOnlyList<Proposal> proposals)
    {
        var vault = person.Vault;
        var options = new CommitOptions { Proposals = proposals, AuthenticatedData = AuthenticatedData.For(id), Now = _organisation.Clock.GetUtcNow() };
        _organisation.Inject(log, PostKind.Commit, id, vault.Groups.Load(log).Commit(options, vault.Random).Message);
    }
}
