using Holdfast.Codec;
using Holdfast.Cryptography;
using Xunit;

namespace Holdfast.Mls.Tests;

/// <summary>RFC 9420 §12.4.3.1, step by step: a Welcome whose maker is a member, and who lies in one thing.</summary>
public sealed class ForgedWelcomeTests : IDisposable
{
    private readonly Room _room = Room.Of(3);
    private readonly Client _newcomer;
    private readonly KeyPackageBundle _self;
    private readonly DroppedCommit _pending;

    public ForgedWelcomeTests()
    {
        _newcomer = _room.NewClient("new");
        _self = _newcomer.NewKeyPackage();
        _pending = new DroppedCommit(
            Maker.Group.Commit(new CommitOptions { Proposals = [new AddProposal(_self.KeyPackage)] }, _room.Random));
    }

    private Client Maker => _room[1];

    private byte[] Genuine => _pending.Commit.Welcome!;

    public void Dispose()
    {
        _pending.Dispose();
        _self.Dispose();
        _room.Dispose();
    }

    [Fact]
    public void OneMadeAnewWithoutALieIsAccepted() => _newcomer.Join(Forged(info => info), _self);

    [Fact]
    public void AnotherVersionOrSuiteOfTheGroupIsRefused()
    {
        Refused(
            MlsError.Unsupported,
            "version",
            Forged(info => info with { GroupContext = info.GroupContext with { Version = (ProtocolVersion)2 } }));
        Refused(
            MlsError.Unsupported, "cipher suite", Forged(info => info with { GroupContext = info.GroupContext with { CipherSuite = 3 } }));
        var other = Tls.Decode<MlsMessage>(Genuine).Welcome! with { CipherSuite = 3 };
        Refused(MlsError.Unsupported, "the Welcome's cipher suite", Tls.Encode(new MlsMessage(other)));
    }

    [Theory]
    [InlineData(4u), InlineData(7u), InlineData(8u), InlineData(1u << 24)]
    [InlineData((1u << 31) - 1), InlineData(1u << 31), InlineData(uint.MaxValue)]
    public void ASignerOutsideTheTreeIsRefused(uint leaf) =>
        Refused(MlsError.UnknownSender, "a blank leaf", Forged(info => info with { Signer = new LeafIndex(leaf) }));

    [Fact]
    public void ASignatureOfAnotherOrOverSomethingElseIsRefused()
    {
        Refused(MlsError.InvalidSignature, "GroupInfo's signature", Forgery.Welcome(Genuine, _self, _room[2].SignatureKey));
        Refused(MlsError.InvalidSignature, "GroupInfo's signature", Forged(info => info with { Signer = _room[2].Group.OwnLeaf }));
        var extended = Forgery.Welcome(
            Genuine, _self, null, info => info with { Extensions = [.. info.Extensions, new Extension(0xF0F1, default)] });
        Refused(MlsError.InvalidSignature, "GroupInfo's signature", extended);
    }

    [Fact]
    public void AnotherTreeIsRefused()
    {
        Refused(
            MlsError.InvalidTree,
            "tree_hash",
            Forged(info => info with { GroupContext = info.GroupContext with { TreeHash = new byte[32] } }));
        var before = new Extension(ExtensionType.RatchetTree, _room[0].Group.EncodeTree());
        Refused(MlsError.InvalidTree, "tree_hash", Forged(info => info with { Extensions = [before] }));
    }

    [Fact]
    public void AnotherEpochTranscriptOrTagIsRefused()
    {
        Refused(MlsError.InvalidConfirmationTag, "confirmation tag", Forged(info => info with { ConfirmationTag = new byte[32] }));
        Refused(MlsError.InvalidConfirmationTag, "confirmation tag", Forged(info => info with { ConfirmationTag = default }));
        Refused(
            MlsError.InvalidConfirmationTag,
            "confirmation tag",
            Forged(info => info with { GroupContext = info.GroupContext with { Epoch = 77 } }));
        Refused(
            MlsError.InvalidConfirmationTag,
            "confirmation tag",
            Forged(info => info with { GroupContext = info.GroupContext with { ConfirmedTranscriptHash = new byte[32] } }));
    }

    [Fact]
    public void AnExtensionOfTheGroupThatTheJoinerDoesNotSupportIsRefused() => Refused(
        MlsError.InvalidLeafNode,
        "does not support an extension of the group",
        Forged(info => info with { GroupContext = info.GroupContext with { Extensions = [new Extension(0xF0FF, default)] } }));

    [Fact]
    public void TwoExtensionsOfOneTypeAreRefused()
    {
        Extension[] twice = [new(0xF0F1, default), new(0xF0F1, default)];
        Refused(
            MlsError.Malformed, "two extensions of one type", Forged(info => info with { Extensions = [.. info.Extensions, .. twice] }));
        Refused(
            MlsError.Malformed,
            "two extensions of one type",
            Forged(info => info with { GroupContext = info.GroupContext with { Extensions = twice } }));
    }

    [Fact]
    public void AGroupWithoutOurLeafIsRefused()
    {
        using var another = _newcomer.NewKeyPackage();
        byte[] welcome = Forgery.Welcome(Genuine, _self, Maker.SignatureKey, target: another);
        Refused(MlsError.NotForUs, "no leaf of the tree", welcome, another);
    }

    [Fact]
    public void APathSecretOfNoNodeOfTheTreeIsRefused()
    {
        using var wrong = Secret.Random(32, _room.Random);
        Refused(
            MlsError.InvalidPathSecret,
            "does not give the public key",
            ForgedSecrets(secrets => new GroupSecrets(secrets.JoinerSecret, wrong, [])));
        using var small = Secret.Random(31, _room.Random);
        Refused(MlsError.InvalidPathSecret, "the hash's size", ForgedSecrets(secrets => new GroupSecrets(secrets.JoinerSecret, small, [])));
        using var pathless = new DroppedCommit(_room[2].Group.Commit(   // whose parent, and the newcomer's, is blank
            new CommitOptions { Proposals = [new AddProposal(_self.KeyPackage)], ForcePath = false }, _room.Random));
        byte[] welcome = Forgery.Welcome(
            pathless.Commit.Welcome!, _self, _room[2].SignatureKey, secrets: secrets => new GroupSecrets(secrets.JoinerSecret, wrong, []));
        Refused(MlsError.InvalidPathSecret, "a node that is blank", welcome);
    }

    /// <summary>A joiner cannot tell that a path secret was kept from it; it is stranded where it would need what comes from it.</summary>
    [Fact]
    public void WhoWasDeniedItsPathSecretIsStrandedLater()
    {
        var (maker, other) = (_room[2], _room[0]);
        var pending = maker.Group.Commit(new CommitOptions { Proposals = [new AddProposal(_self.KeyPackage)] }, _room.Random);
        foreach (var member in _room.Others(maker)) member.TakeCommit(pending.Message);
        maker.Adopt(pending.Next);
        pending.Current.Dispose();
        _newcomer.Join(
            Forgery.Welcome(
                pending.Welcome!, _self, maker.SignatureKey, secrets: secrets => new GroupSecrets(secrets.JoinerSecret, null, [])), _self);
        Assert.Equal("hello", _newcomer.HearText(other.Say("hello")));
        using var next = new DroppedCommit(other.Group.Commit(new CommitOptions(), _room.Random));
        var stranded = Assert.IsType<Handled.Stranded>(_newcomer.Group.Handle(next.Commit.Message));
        Assert.Contains("no private key", stranded.Rule, StringComparison.Ordinal);
    }

    [Fact]
    public void OnePreSharedKeyTwiceIsRefused()
    {
        var psk = _room.ShareKey("door");
        Refused(
            MlsError.Malformed,
            "two of one PSK",
            ForgedSecrets(secrets => new GroupSecrets(secrets.JoinerSecret, secrets.PathSecret, [psk, psk])));
    }

    [Fact]
    public void AnotherJoinerSecretOpensNothing()
    {
        using var wrong = Secret.Random(32, _room.Random);
        Refused(
            MlsError.Undecryptable,
            "GroupInfo cannot be decrypted",
            ForgedSecrets(secrets => new GroupSecrets(wrong, secrets.PathSecret, [])));
    }

    private byte[] Forged(Func<GroupInfo, GroupInfo> info) => Forgery.Welcome(Genuine, _self, Maker.SignatureKey, info);

    private byte[] ForgedSecrets(Func<GroupSecrets, GroupSecrets> secrets) =>
        Forgery.Welcome(Genuine, _self, Maker.SignatureKey, secrets: secrets);

    /// <summary>Refused by that rule; the genuine one is still accepted.</summary>
    private void Refused(MlsError error, string rule, byte[] welcome, KeyPackageBundle? self = null)
    {
        var rejected = Assert.IsType<JoinOutcome.Rejected>(_newcomer.TryJoin(welcome, self ?? _self));
        Assert.Equal(error, rejected.Error);
        Assert.Contains(rule, rejected.Rule, StringComparison.Ordinal);
        _newcomer.Join(Genuine, _self);
    }
}
