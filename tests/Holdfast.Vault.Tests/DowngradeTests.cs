using Holdfast.Codec;
using Holdfast.Cryptography;
using Holdfast.Mls;
using Holdfast.Protocol;

namespace Holdfast.Vault.Tests;

/// <summary>Conversations have the hybrid cipher suite, and nobody talks a vault down to another.</summary>
public sealed class DowngradeTests : IDisposable
{
    private const ushort Classical = 0x0001;

    private readonly Organisation _organisation = new();
    private readonly Person _alice, _bob;

    public DowngradeTests() => (_alice, _bob) = (_organisation.Join("Alice"), _organisation.Join("Bob"));

    public void Dispose() => _organisation.Dispose();

    [Fact]
    public void EverythingThatIsEncryptedToAKeyIsHybrid()
    {
        var package = Tls.Decode<KeyPackage>(Organisation.Claim(_bob).KeyPackages.Packages[0].Span);
        var log = _alice.Create("Team", _bob);
        _bob.Sync();
        var kem = CipherSuite.Hybrid.Hpke.Kem;
        Assert.Equal(0x647a, kem.Id);
        Assert.Equal(CipherSuite.HybridCodePoint, package.CipherSuite);
        Assert.Equal([kem.PublicKeySize, kem.PublicKeySize, kem.PublicKeySize],
            [package.InitKey.Length, package.LeafNode.EncryptionKey.Length, LeafTraits.InboxKeyOf(package.LeafNode)!.Value.Length]);
        foreach (var person in (Person[])[_alice, _bob])
        {
            Assert.Equal(CipherSuite.Hybrid.Name, person.Ask<Members>(new ListAll(Listed.Members, log)).Suite);
            Assert.Equal(CipherSuite.Hybrid.Name, Assert.Single(person.Ask<Conversations>(new ListAll(Listed.Conversations)).Items).Suite);
        }
    }

    [Fact]
    public void AKeyPackageOfAnotherSuiteIsRefusedAndThisIsSaid()
    {
        var refused = _alice.Fails(new CreateConversation(null, [BobsIn(CipherSuite.Find(Classical)!)]), VaultError.Refused);
        Assert.Contains("another cipher suite (0x0001)", refused.Reason, StringComparison.Ordinal);
        _alice.Ask<Sealed>(new CreateConversation(null, [BobsIn(CipherSuite.Hybrid)]));   // nothing else is wrong with it
    }

    [Fact]
    public void AnInboxKeyOfX25519AloneIsNone()
    {
        var refused = _alice.Fails(new CreateConversation(null, [BobsIn(CipherSuite.Hybrid, CipherSuite.Find(Classical))]), VaultError.Refused);
        Assert.Contains("does not prove to be theirs", refused.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void AWelcomeOfAnotherSuiteIsNotFollowed()
    {
        var (log, id) = (LogId.Of(RandomSource.System.PublicBytes(16)), MessageId.Of(RandomSource.System.PublicBytes(16)));
        var fork = new Fork(_alice, log, id, _organisation.Clock, "Team");
        byte[] welcome = fork.Add(_bob).Welcome, altered = [.. welcome];
        int place = altered.AsSpan().IndexOf([(byte)(CipherSuite.HybridCodePoint >> 8), (byte)(CipherSuite.HybridCodePoint & 0xff)]);
        (altered[place], altered[place + 1]) = (Classical >> 8, Classical & 0xff);
        Assert.Equal(Classical, Tls.Decode<MlsMessage>(altered).Welcome!.CipherSuite);
        Assert.Empty(Deliver(fork.Seal(altered, _bob, 0)).Joined);
        Assert.Empty(_bob.Ask<Conversations>(new ListAll(Listed.Conversations)).Items);
        Assert.Equal([log], Deliver(fork.Seal(welcome, _bob, 0)).Joined);   // as it was made
    }

    [Fact]
    public void NobodyHasTheGroupBeginAnewInAnotherSuite()
    {
        var log = _alice.Create("Team", _bob);
        _bob.Sync();
        var id = MessageId.Of(RandomSource.System.PublicBytes(16));
        var reinit = new ReInitProposal(RandomSource.System.PublicBytes(16), ProtocolVersion.Mls10, Classical, []);
        byte[] message = Lawless(_alice, log).Propose(reinit, _alice.Vault.Random, AuthenticatedData.For(id)).Message;
        ulong epoch = _bob.Vault.Groups.Load(log).Epoch;
        _organisation.Inject(log, PostKind.Proposal, id, message);
        _bob.Sync();
        Assert.Single(_bob.History(log), item => item.Kind == HistoryKind.Unreadable);
        Assert.Equal(epoch, _bob.Vault.Groups.Load(log).Epoch);
        Assert.Empty(_bob.Vault.Groups.Load(log).PendingProposals);
        _bob.Say(log, "as before");
        Assert.Equal(CipherSuite.Hybrid.Name, _bob.Ask<Members>(new ListAll(Listed.Members, log)).Suite);
    }

    [Fact]
    public void ACommitThatHasTheGroupBeginAnewIsNoneForAnybody()
    {
        var log = _alice.Create("Team", _bob);
        _bob.Sync();
        var id = MessageId.Of(RandomSource.System.PublicBytes(16));
        var reinit = new ReInitProposal(RandomSource.System.PublicBytes(16), ProtocolVersion.Mls10, Classical, []);
        var options = new CommitOptions
        {
            Proposals = [reinit],
            AuthenticatedData = AuthenticatedData.For(id),
            Now = _organisation.Clock.GetUtcNow(),
        };
        byte[] message = Lawless(_alice, log).Commit(options, _alice.Vault.Random).Message;
        ulong epoch = _bob.Vault.Groups.Load(log).Epoch;
        _organisation.Inject(log, PostKind.Commit, id, message);
        _bob.Sync();
        Assert.Single(_bob.History(log), item => item.Kind == HistoryKind.Unreadable);
        Assert.Equal(epoch, _bob.Vault.Groups.Load(log).Epoch);
        Assert.Null(_bob.Vault.Groups.Load(log).ReInit);
        _bob.Say(log, "as before");
    }

    [Fact]
    public void AStoredGroupOfAnotherSuiteIsNotOpened()
    {
        var log = _alice.Create("Team", _bob);
        var suite = CipherSuite.Find(Classical)!;
        using var own = Bundle(_alice, suite, suite);
        var group = Group.Create(
            suite, log.ToBytes(), own, _alice.Vault.Profile.Leaf, [LeafTraits.Describe("Team")], _alice.Vault.Policy with { AcceptLeaf = (_, _) => true }, RandomSource.System);
        _alice.Vault.Store.Change(() =>
        {
            _alice.Vault.Groups.Delete(log);
            _alice.Vault.Groups.Save(log, group);
            return true;
        });
        _alice.Restart();
        Assert.Contains("cipher suite", _alice.Fails(new ListAll(Listed.Members, log), VaultError.StoreFailed).Reason, StringComparison.Ordinal);
    }

    /// <summary>Its inbox key was of X25519 alone, and it was not sealed under its page.</summary>
    [Theory, InlineData(true), InlineData(false)]
    public void AProfileOfBeforeIsNotOpenedAndThisIsSaid(bool isSealed)
    {
        var store = _alice.Vault.Store;
        using var record = store.GetSecret(RecordKind.Profile, [0])!;
        byte[] before = [2, .. record.Reveal()[1..]];
        store.Change(() =>
        {
            if (isSealed) store.PutSecret(RecordKind.Profile, [0], before);
            else store.Put(RecordKind.Profile, [0], before);
            return true;
        });
        _alice.Dispose();
        using var monitor = new Monitor(_alice.Folder, RandomSource.System, _organisation.Clock, PasscodeCost.Least);
        var failed = Assert.IsType<Failed>(monitor.Answer(Tls.Encode<VaultCall>(new Unlock("pass"u8.ToArray()))));
        Assert.Equal(VaultError.StoreFailed, failed.Error);
        Assert.Contains("another version of Holdfast", failed.Reason, StringComparison.Ordinal);
    }

    private InboxOpened Deliver(Delivery delivery)
    {
        var item = new InboxItem(InboxItemId.Of(RandomSource.System.PublicBytes(16)), delivery.Bytes);
        var opened = _bob.Ask<InboxOpened>(new OpenInbox([item]));
        Assert.Equal([item.Id], opened.Finished);
        return opened;
    }

    /// <summary>A member's group under rules that let anything pass.</summary>
    private static Group Lawless(Person person, LogId log)
    {
        var (vault, group) = (person.Vault, person.Vault.Groups.Load(log));
        using var state = group.Serialize();
        return Group.Restore(state.Reveal(), vault.Profile.Leaf, vault.Policy with { AcceptProposal = static (_, _) => true });
    }

    private Invitee BobsIn(CipherSuite suite, CipherSuite? inboxSuite = null)
    {
        using var bundle = Bundle(_bob, suite, inboxSuite ?? CipherSuite.Hybrid);
        return new Invitee(_bob.Pin, new ClaimedKeyPackages([Tls.Encode(bundle.KeyPackage)]));
    }

    /// <summary>A person's genuine key package, but for its suite and that of its inbox key.</summary>
    private KeyPackageBundle Bundle(Person person, CipherSuite suite, CipherSuite inboxSuite)
    {
        var profile = person.Vault.Profile;
        using var inbox = inboxSuite.Hpke.Kem.Generate(RandomSource.System);
        var credential = DeviceCredential.Issue(person.Pin, profile.Identity, profile.Device, profile.Leaf.PublicKey.Span);
        ulong now = (ulong)_organisation.Clock.GetUtcNow().ToUnixTimeSeconds();
        return KeyPackageBundle.Create(
            suite, profile.Leaf, new BasicCredential(Tls.Encode(credential)), OwnKeyPackages.Capabilities with { CipherSuites = [suite.Id] },
            new Lifetime(now - 1, now + 1000), [LeafTraits.InboxKey(inbox)], [], RandomSource.System);
    }
}
