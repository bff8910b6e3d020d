using Holdfast.Codec;
using Holdfast.Cryptography;
using Holdfast.Mls;
using Holdfast.Protocol;
using Holdfast.Tests;

namespace Holdfast.Vault.Tests;

/// <summary>
/// A conversation of a thousand fits every limit: public keys of the hybrid suite have 1,216 bytes, encapsulations 1,120. The usual run
/// has fewer members and judges them for a thousand.
/// </summary>
public sealed class ThousandMembersTests : IDisposable
{
    private const int Thousand = 1000;

    /// <summary>An encoded parent node: key, parent hash, and the length of its list of unmerged leaves.</summary>
    private const int ParentBytes = 1216 + 2 + 48 + 1 + 4 + 2;

    private readonly Organisation _organisation = new();
    private readonly Person _alice, _bob;

    public ThousandMembersTests() => (_alice, _bob) = (_organisation.Join("Alice"), _organisation.Join("Bob"));

    public void Dispose() => _organisation.Dispose();

    private static int People => LongRun.IsWanted ? Thousand : 100;

    [Fact]
    public void OneMoreIsAddedAndEveryoneRenewsWithinTheLimits()
    {
        var log = _alice.Create("Team", _bob);
        _bob.Sync();
        Crowd(log);
        _alice.Ask<Sealed>(new AddMembers(log, [Invite(People)]));
        var added = _alice.Ask<Outbox>(new GetOutbox(0)).Posts[0].Post;
        int welcome = Assert.Single(added.Deliveries).Bytes.Length;
        Assert.InRange(ForAThousand(welcome) + ((Thousand - 1) * ParentBytes), 1, ProtocolLimits.InboxItemBytes);   // were every node filled
        AssertFits(added);
        _alice.Sync();

        _organisation.Clock.Advance(TimeSpan.FromDays(8));
        var work = _alice.Ask<Due>(new ListAll(Listed.Due)).Items.Single(item => item.Kind == DueKind.Commit && item.Log == log);
        var renewed = _alice.Ask<Sealed>(new PerformDue(work)).Item.Post;   // a path secret for each leaf
        AssertFits(renewed);
        Assert.InRange(ForAThousand(renewed.Bytes.Length), 900 * 1190, ProtocolLimits.EntryBytes);
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{People} members: welcome {welcome}, commit that adds one {added.Bytes.Length}, commit that renews {renewed.Bytes.Length}");
    }

    [Fact]
    public void TooManyAtOnceAreRefusedAndNothingIsChanged()
    {
        var log = _alice.Create("Team", _bob);
        var many = Enumerable.Range(0, 90).Select(Invite).ToList();
        var refused = _alice.Fails(new AddMembers(log, many), VaultError.Refused);
        Assert.Contains("too many to be added at once", refused.Reason, StringComparison.Ordinal);
        Assert.False(_alice.Vault.Groups.HasPending(log));
        AssertFits(_alice.Ask<Sealed>(new AddMembers(log, many[..40])).Item.Post);
    }

    private static int ForAThousand(int bytes) => (int)((long)bytes * Thousand / People);

    private static void AssertFits(Post post)
    {
        Assert.InRange(post.Bytes.Length, 1, ProtocolLimits.EntryBytes);
        Assert.InRange(Tls.Encode<ClientFrame>(new SubmitPost(1, post)).Length, 1, ProtocolLimits.FrameBytes);
        Tls.Decode<Post>(Tls.Encode(post));   // with every limit of its own
    }

    /// <summary>So many strangers are in the conversation, by one commit that no post could carry.</summary>
    private void Crowd(LogId log)
    {
        var vault = _alice.Vault;
        var adds = Enumerable.Range(0, People - 3).Select(number => (Proposal)new AddProposal(Stranger(number, out _))).ToList();
        var pending = vault.Groups.Load(log).Commit(new CommitOptions { Proposals = adds, Now = _organisation.Clock.GetUtcNow() }, vault.Random);
        vault.Store.Change(() =>
        {
            vault.Groups.Save(log, pending.Next);
            return true;
        });
    }

    private Invitee Invite(int number)
    {
        var package = Stranger(number, out var pin);
        return new Invitee(pin, new ClaimedKeyPackages([Tls.Encode(package)]));
    }

    private KeyPackage Stranger(int number, out Pin pin)
    {
        var suite = ConversationSuite.Suite;
        using SignatureKey identity = suite.Signature.Generate(RandomSource.System), leaf = suite.Signature.Generate(RandomSource.System);
        using var inbox = suite.Hpke.Kem.Generate(RandomSource.System);
        pin = Pin.FromRandom([(byte)(number & 31), (byte)(number >> 5), 0, 0, 0, 0, 1]);   // five bits of each
        var credential = DeviceCredential.Issue(pin, identity, DeviceId.Of(RandomSource.System.PublicBytes(16)), leaf.PublicKey.Span);
        ulong now = (ulong)_organisation.Clock.GetUtcNow().ToUnixTimeSeconds();
        using var bundle = KeyPackageBundle.Create(
            suite, leaf, new BasicCredential(Tls.Encode(credential)), OwnKeyPackages.Capabilities, new Lifetime(now - 1, now + 10_000_000),
            [LeafTraits.InboxKey(inbox)], [], RandomSource.System);
        return bundle.KeyPackage;
    }
}
