using Holdfast.Codec;
using Holdfast.Cryptography;
using Xunit;

namespace Holdfast.Mls.Tests;

public sealed class PublicMessageTests
{
    private readonly Epoch _epoch = new();

    [Fact]
    public void MembersProposalsAndCommitsArrive()
    {
        Assert.IsType<ProposalContent>(_epoch.Open(_epoch.Public(new ProposalContent(Epoch.Proposal))).Content.Content);
        var commit = _epoch.Open(_epoch.Public(new CommitContent(Epoch.Commit)));
        Assert.IsType<CommitContent>(commit.Content.Content);
        Assert.Equal(Epoch.Alice, commit.Content.Sender.Leaf);
        Assert.Equal(32, commit.Auth.ConfirmationTag!.Value.Length);
    }

    [Fact]
    public void AnyDamagedBitIsRefused() => Damage.RefusedEverywhere(_epoch.Public(new CommitContent(Epoch.Commit)), _epoch);

    [Fact]
    public void ABadMembershipTagIsRefused()
    {
        var message = Message(new ProposalContent(Epoch.Proposal));
        byte[] tag = message.MembershipTag!.Value.ToArray();
        tag[^1] ^= 1;
        AssertRefused(message with { MembershipTag = tag }, MlsError.InvalidMembershipTag);
        AssertRefused(message with { MembershipTag = tag.AsMemory(0, 16) }, MlsError.InvalidMembershipTag);
        AssertRefused(message with { MembershipTag = null }, MlsError.InvalidMembershipTag);
    }

    [Fact]
    public void AMembershipTagOfSomebodyWithoutTheKeyIsRefused()
    {
        using var guessed = new Secret(32);
        var signed = _epoch.Signed(WireFormat.PublicMessage, new ProposalContent(Epoch.Proposal));
        AssertRefused(PublicMessage.Protect(Epoch.Suite, signed, _epoch.Context, guessed), MlsError.InvalidMembershipTag);
    }

    [Fact]
    public void ASignatureOfAnotherMemberIsRefused()
    {
        var signed = AuthenticatedContent.Sign(
            Epoch.Suite,
            WireFormat.PublicMessage,
            _epoch.Framed(new ProposalContent(Epoch.Proposal)),
            _epoch.Context,
            _epoch.Key(Epoch.Bob));
        AssertRefused(PublicMessage.Protect(Epoch.Suite, signed, _epoch.Context, _epoch.MembershipKey), MlsError.InvalidSignature);
    }

    [Fact]
    public void ASignatureForAnotherWireFormatIsRefused()
    {
        var signed = _epoch.Signed(WireFormat.PrivateMessage, new ProposalContent(Epoch.Proposal)) with
        {
            WireFormat = WireFormat.PublicMessage,
        };
        AssertRefused(PublicMessage.Protect(Epoch.Suite, signed, _epoch.Context, _epoch.MembershipKey), MlsError.InvalidSignature);
    }

    [Fact]
    public void ASignatureUnderAnotherGroupContextIsRefused()
    {
        var other = _epoch.Context with { TreeHash = new byte[] { 1 } };
        var signed = AuthenticatedContent.Sign(
            Epoch.Suite, WireFormat.PublicMessage, _epoch.Framed(new ProposalContent(Epoch.Proposal)), other, _epoch.Key(Epoch.Alice));
        AssertRefused(PublicMessage.Protect(Epoch.Suite, signed, _epoch.Context, _epoch.MembershipKey), MlsError.InvalidSignature);
    }

    [Fact]
    public void AnotherGroupAndAnotherEpochAreRefused()
    {
        var message = Message(new ProposalContent(Epoch.Proposal));
        AssertRefused(message with { Content = message.Content with { GroupId = "others"u8.ToArray() } }, MlsError.WrongGroup);
        AssertRefused(message with { Content = message.Content with { Epoch = 8 } }, MlsError.WrongEpoch);
        AssertRefused(message with { Content = message.Content with { Epoch = 6 } }, MlsError.WrongEpoch);
    }

    [Fact]
    public void ABlankLeafSendsNothing()
    {
        var framed = _epoch.Framed(new ProposalContent(Epoch.Proposal), Sender.Member(Epoch.Blank));
        var signed = AuthenticatedContent.Sign(Epoch.Suite, WireFormat.PublicMessage, framed, _epoch.Context, _epoch.Key(Epoch.Alice));
        AssertRefused(PublicMessage.Protect(Epoch.Suite, signed, _epoch.Context, _epoch.MembershipKey), MlsError.UnknownSender);
    }

    [Fact]
    public void ApplicationDataIsNeverPublic()
    {
        var content = new ApplicationContent("hello"u8.ToArray());
        Assert.Throws<ArgumentException>(() => _epoch.Signed(WireFormat.PublicMessage, content));
        var message = Message(new ProposalContent(Epoch.Proposal));
        AssertRefused(message with { Content = message.Content with { Content = content } }, MlsError.ForbiddenSender);
    }

    [Fact]
    public void AnExternalSendersProposalArrivesWithoutTheGroupContext()
    {
        var elsewhere = _epoch.Context with { TreeHash = new byte[] { 9 } };
        var message = FromExternal(new ProposalContent(Epoch.Proposal), elsewhere);
        Assert.Null(message.MembershipTag);
        var opened = _epoch.Open(Tls.Encode(new MlsMessage(message)));
        Assert.Equal(0u, opened.Content.Sender.ExternalIndex);
        Damage.RefusedEverywhere(Tls.Encode(new MlsMessage(message)), _epoch);
    }

    [Fact]
    public void AnUnknownExternalSenderIsRefused()
    {
        var message = FromExternal(new ProposalContent(Epoch.Proposal), _epoch.Context);
        AssertRefused(message with { Content = message.Content with { Sender = Sender.External(1) } }, MlsError.UnknownSender);
    }

    public static TheoryData<Sender, Content> Forbidden => new()
    {
        { Sender.External(0), new CommitContent(Epoch.Commit) },
        { Sender.External(0), new ApplicationContent(default) },
        { Sender.External(0), new ProposalContent(new ExternalInitProposal(default)) },
        { Sender.External(0), new ProposalContent(new UpdateProposal(Leaves.Some)) },
        { Sender.NewMemberProposal, new CommitContent(Epoch.Commit) },
        { Sender.NewMemberProposal, new ApplicationContent(default) },
        { Sender.NewMemberProposal, new ProposalContent(Epoch.Proposal) },
        { Sender.NewMemberCommit, new ProposalContent(Epoch.Proposal) },
        { Sender.NewMemberCommit, new ApplicationContent(default) },
    };

    [Theory, MemberData(nameof(Forbidden), DisableDiscoveryEnumeration = true)]
    public void WhoIsOutsideSendsOnlyWhatIsAllowed(Sender sender, Content content)
    {
        var framed = _epoch.Framed(content, sender);
        AssertRefused(new PublicMessage(framed, new FramedContentAuthData(default)), MlsError.ForbiddenSender);
        Assert.Throws<ArgumentException>(
            () => AuthenticatedContent.Sign(Epoch.Suite, WireFormat.PublicMessage, framed, _epoch.Context, _epoch.ExternalKey));
    }

    [Fact]
    public void AnExternalSenderMayProposeWhatTheRegistryAllows()
    {
        Proposal[] allowed =
        [
            new AddProposal(Leaves.Package(Leaves.Some)),
            new RemoveProposal(Epoch.Bob),
            new PreSharedKeyProposal(new ExternalPskId(default, default)),
            new ReInitProposal(Epoch.GroupId, ProtocolVersion.Mls10, 1, []),
            new GroupContextExtensionsProposal([]),
        ];
        foreach (var proposal in allowed)
            Assert.Equal(
                proposal,
                ((ProposalContent)_epoch.Unprotect(FromExternal(new ProposalContent(proposal), _epoch.Context)).Content.Content).Proposal);
    }

    [Fact]
    public void ANewMemberSignsWithTheKeyOfTheLeafItBrings()
    {
        using var key = Epoch.Suite.Signature.Generate(RandomSource.System);
        var leaf = Leaves.Some with { SignatureKey = key.PublicKey };
        (Sender, Content)[] sent =
        [
            (Sender.NewMemberProposal, new ProposalContent(new AddProposal(Leaves.Package(leaf)))),
            (Sender.NewMemberCommit, new CommitContent(new Commit([], new UpdatePath(leaf, [])))),
        ];
        foreach (var (sender, content) in sent)
        {
            var signed = AuthenticatedContent.Sign(
                Epoch.Suite,
                WireFormat.PublicMessage,
                _epoch.Framed(content, sender),
                _epoch.Context,
                key).WithConfirmationTag(new byte[32]);
            var message = PublicMessage.Protect(Epoch.Suite, signed, _epoch.Context, membershipKey: null);
            Assert.Equal(sender, _epoch.Unprotect(message).Content.Sender);
            AssertRefused(message with { Auth = message.Auth with { Signature = new byte[64] } }, MlsError.InvalidSignature);
        }
    }

    [Fact]
    public void AnExternalCommitWithoutPathHasNoKeyToVerify()
    {
        var framed = _epoch.Framed(new CommitContent(new Commit([], null)), Sender.NewMemberCommit);
        AssertRefused(new PublicMessage(framed, new FramedContentAuthData(default, new byte[32])), MlsError.UnknownSender);
    }

    [Fact]
    public void OnlyContentSignedAsPublicIsSentAsPublic()
    {
        var signed = _epoch.Signed(WireFormat.PrivateMessage, new ProposalContent(Epoch.Proposal));
        Assert.Throws<ArgumentException>(() => PublicMessage.Protect(Epoch.Suite, signed, _epoch.Context, _epoch.MembershipKey));
    }

    private PublicMessage Message(Content content) =>
        PublicMessage.Protect(Epoch.Suite, _epoch.Signed(WireFormat.PublicMessage, content), _epoch.Context, _epoch.MembershipKey);

    private PublicMessage FromExternal(Content content, GroupContext context)
    {
        var framed = _epoch.Framed(content, Sender.External(0));
        var signed = AuthenticatedContent.Sign(Epoch.Suite, WireFormat.PublicMessage, framed, context, _epoch.ExternalKey);
        return PublicMessage.Protect(Epoch.Suite, signed, context, membershipKey: null);
    }

    private void AssertRefused(PublicMessage message, MlsError error) =>
        Assert.Equal(error, Assert.Throws<MlsException>(() => _epoch.Unprotect(message)).Error);
}
