using Holdfast.Protocol;

namespace Holdfast.Vault.Tests;

/// <summary>What is kept for others to use, until it is used or its time is over.</summary>
public sealed class LifetimeTests : IDisposable
{
    private readonly Organisation _organisation = new();
    private readonly Person _alice, _bob, _carol;

    public LifetimeTests() =>
        (_alice, _bob, _carol) = (_organisation.Join("Alice"), _organisation.Join("Bob"), _organisation.Join("Carol"));

    public void Dispose() => _organisation.Dispose();

    [Fact]
    public void TheLastResortKeyPackageIsRenewedInTime()
    {
        _bob.Ask<KeyPackagesMade>(new MakeKeyPackages(0));
        _organisation.Clock.Advance(TimeSpan.FromDays(59));
        Assert.False(_bob.Status.LastResortDue);
        Assert.True(_bob.Ask<KeyPackagesMade>(new MakeKeyPackages(0)).Upload.LastResort.IsEmpty);
        _organisation.Clock.Advance(TimeSpan.FromDays(2));
        Assert.True(_bob.Status.LastResortDue);
        Assert.False(_bob.Ask<KeyPackagesMade>(new MakeKeyPackages(0)).Upload.LastResort.IsEmpty);
        Assert.False(_bob.Status.LastResortDue);
        _bob.Restart();
        Assert.False(_bob.Status.LastResortDue);
    }

    [Fact]
    public void AnOldKeyPackageOpensWelcomesUntilItsTimeAndGraceAreOver()
    {
        _organisation.Clock.Advance(TimeSpan.FromDays(61));
        var old = _bob.Ask<KeyPackagesMade>(new MakeKeyPackages(0)).Upload.LastResort;
        _organisation.Clock.Advance(TimeSpan.FromDays(61));
        _bob.Ask<KeyPackagesMade>(new MakeKeyPackages(0));
        _organisation.Clock.Advance(TimeSpan.FromDays(28));   // its 89th day
        var early = CreateWith(old);
        var late = CreateWith(old, "Late");
        var waiting = _organisation.InboxOf(_bob.Status.Device).ToList();
        _organisation.InboxOf(_bob.Status.Device).RemoveAt(1);
        _organisation.Clock.Advance(TimeSpan.FromDays(30));
        LogIn(_bob);
        _bob.Sync();
        Assert.Equal(early, Assert.Single(_bob.Ask<Conversations>(new ListAll(Listed.Conversations)).Items).Log);
        _organisation.Clock.Advance(TimeSpan.FromDays(7));
        LogIn(_bob);
        _organisation.InboxOf(_bob.Status.Device).Add(waiting[1]);
        _bob.Sync();
        Assert.DoesNotContain(_bob.Ask<Conversations>(new ListAll(Listed.Conversations)).Items, item => item.Log == late);
    }

    /// <summary>ATTACKS B-24: the private half goes with the first Welcome, so that a second one to the same key package opens nothing.</summary>
    [Fact]
    public void AOneTimeKeyPackageOpensOneWelcome()
    {
        var upload = _bob.Ask<KeyPackagesMade>(new MakeKeyPackages(1)).Upload;
        int before = _bob.Vault.Store.ScanAll(RecordKind.KeyPackage).Count;
        CreateWith(upload.OneTime[0], "First");
        _bob.Sync();
        Assert.Equal(before - 1, _bob.Vault.Store.ScanAll(RecordKind.KeyPackage).Count);
        CreateWith(upload.OneTime[0], "Second");
        _bob.Sync();
        Assert.Empty(_organisation.InboxOf(_bob.Status.Device));   // finished with
        Assert.Equal("First", Assert.Single(_bob.Ask<Conversations>(new ListAll(Listed.Conversations)).Items).Name);
        Assert.Equal(before - 1, _bob.Vault.Store.ScanAll(RecordKind.KeyPackage).Count);
    }

    [Fact]
    public void AnInviteIntroducesOnePersonAndIsForgottenThen()
    {
        var dave = _organisation.Join("Dave");
        string link = _bob.Ask<InviteMade>(new MakeInvite("https://127.0.0.1:1", _organisation.ServerKey, 7)).Link;
        Introduce(_carol, link);
        Introduce(dave, link);
        Assert.Equal(ContactState.Known, StateOf(_carol));
        Assert.Equal(ContactState.Asks, StateOf(dave));
        Assert.Empty(_bob.Vault.Store.ScanAll(RecordKind.GivenInvite));
    }

    [Fact]
    public void AnInviteIsForgottenWhenItExpires()
    {
        string link = _bob.Ask<InviteMade>(new MakeInvite("https://127.0.0.1:1", _organisation.ServerKey, 7)).Link;
        _organisation.Clock.Advance(TimeSpan.FromDays(7));
        LogIn(_bob);
        Assert.Single(_bob.Vault.Store.ScanAll(RecordKind.GivenInvite));
        _organisation.Clock.Advance(TimeSpan.FromDays(1));
        Introduce(_carol, link);
        Assert.Equal(ContactState.Asks, StateOf(_carol));
        LogIn(_bob);
        Assert.Empty(_bob.Vault.Store.ScanAll(RecordKind.GivenInvite));
    }

    private LogId CreateWith(ReadOnlyMemory<byte> package, string title = "Early")
    {
        var item = _alice.Ask<Sealed>(new CreateConversation(title, [new Invitee(_bob.Pin, new ClaimedKeyPackages([package]))])).Item;
        _alice.Sync();
        return item.Post.Log;
    }

    private void LogIn(Person person) => person.Ask<LoginSigned>(new SignLogin(_organisation.ServerKey, new byte[ProtocolLimits.NonceBytes]));

    private void Introduce(Person person, string link)
    {
        person.Ask<Ok>(new AddContact(Organisation.Claim(_bob), link));
        person.Sync();
        _bob.Sync();
    }

    private ContactState StateOf(Person person) => _bob.Ask<Contacts>(new ListAll(Listed.Contacts)).Items.Single(contact => contact.Pin == person.Pin).State;
}
