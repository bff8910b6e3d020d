using Holdfast.Cryptography;
using Xunit;

namespace Holdfast.Mls.Tests;

/// <summary>RFC 9420 §12.1.8, §12.1.8.1, §17.4: proposals from outside, and which proposal may stand where.</summary>
public sealed class ExternalProposalTests : IDisposable
{
    private readonly Room _room = Room.Of(4, prepare: Room.Open());
    private readonly Client _outsider;

    public ExternalProposalTests()
    {
        _outsider = _room.NewClient("service");
        var senders = new[] { new ExternalSender(new byte[32], new BasicCredential("other"u8.ToArray())), Sender() };
        _room.Commit(
            _room[0], new CommitOptions { Proposals = [new GroupContextExtensionsProposal([ExternalSender.ToExtension(senders)])] });
    }

    private Client Victim => _room[0];

    private CipherSuite Suite => Victim.Suite;

    public void Dispose() => _room.Dispose();

    [Fact]
    public void SomebodyAsksToBeAddedAndIs()
    {
        var joiner = Newcomer("asks");
        using var self = joiner.NewKeyPackage();
        var message = ExternalProposal.AddOfSelf(self, Victim.Group.GroupId, Victim.Group.Epoch, joiner.SignatureKey, "please"u8.ToArray());
        foreach (var member in _room.Members)
        {
            var received = Assert.IsType<Handled.ProposalReceived>(member.Group.Handle(message));
            Assert.Equal(Mls.Sender.NewMemberProposal, received.Sender);
            Assert.Null(received.SenderLeaf);
            Assert.Equal("please"u8.ToArray(), received.AuthenticatedData.ToArray());
            member.Adopt(received.Next);
            member.Restart();
        }
        _room.Commit(_room[2], new CommitOptions(), (joiner, self));
        _room.Say(joiner, "added");
    }

    [Fact]
    public void AnExternalSenderProposesAndAMemberCommits()
    {
        var newcomer = Newcomer("hired");
        using var self = newcomer.NewKeyPackage();
        var removed = _room[3];
        Propose(new AddProposal(self.KeyPackage));
        Propose(new RemoveProposal(removed.Group.OwnLeaf));
        Propose(new PreSharedKeyProposal(_room.ShareKey("of the service")));
        Assert.All(Victim.Group.PendingProposals, pending => Assert.Equal(Mls.Sender.External(1), pending.Sender));
        _room.Commit(_room[1], new CommitOptions(), (newcomer, self));
        _room.Say(newcomer, "hired");
        Assert.DoesNotContain(removed, _room.Members);
        Propose(new GroupContextExtensionsProposal([]));
        _room.Commit(_room[1], new CommitOptions());
        Victim.Refuse(Message(new RemoveProposal(_room[1].Group.OwnLeaf)), MlsError.UnknownSender);   // the group names nobody now
    }

    [Fact]
    public void AnExternalSenderMayNotRemoveTheCommitter()
    {
        Propose(new RemoveProposal(_room[1].Group.OwnLeaf));
        var reference = Victim.Group.PendingProposals[0].Reference;
        Victim.Refuse(RogueCommit.Of(_room[1], [reference]), MlsError.InvalidProposalList);
        using var dropped = new DroppedCommit(_room[1].Group.Commit(new CommitOptions(), _room.Random));   // and our own leaves it out
        Assert.IsType<Handled.CommitApplied>(Victim.Group.Handle(dropped.Commit.Message)).Next.Dispose();
    }

    [Fact]
    public void ByDefaultOutsidersHaveNoSay()
    {
        using var closed = Room.Of(2);
        using var self = _outsider.NewKeyPackage();
        var group = closed[0].Group;
        closed[0].Refuse(ExternalProposal.AddOfSelf(self, group.GroupId, group.Epoch, _outsider.SignatureKey), MlsError.InvalidProposal);
        var naming = new GroupContextExtensionsProposal([ExternalSender.ToExtension([Sender()])]);
        closed[0].Refuse(RogueCommit.Propose(closed[1], naming), MlsError.RefusedCredential);
        closed[0].Refuse(RogueCommit.Of(closed[1], [new ProposalByValue(naming)], RogueCommit.Path(closed[1])), MlsError.RefusedCredential);
        Assert.Throws<MlsException>(() => _outsider.Found(ExternalSender.ToExtension([Sender()])));
    }

    [Fact]
    public void AJoinerRefusesAGroupWhoseExternalSendersItsApplicationRefuses()
    {
        var careful = Newcomer("careful");
        careful.Policy = careful.Policy with { AcceptExternalSender = static _ => false };
        using var self = careful.NewKeyPackage();
        using var pending = new DroppedCommit(
            Victim.Group.Commit(new CommitOptions { Proposals = [new AddProposal(self.KeyPackage)] }, _room.Random));
        var outcome = careful.TryJoin(pending.Commit.Welcome!, self);
        Assert.Equal(MlsError.RefusedCredential, Assert.IsType<JoinOutcome.Rejected>(outcome).Error);
        var external = careful.TryJoinExternally(Victim.Group.GroupInfoMessage(true, true));
        Assert.Equal(MlsError.RefusedCredential, Assert.IsType<ExternalJoinOutcome.Rejected>(external).Error);
    }

    [Fact]
    public void RejectsExternalSendersThatTheGroupDoesNotName()
    {
        var proposal = new RemoveProposal(_room[1].Group.OwnLeaf);
        Victim.Refuse(Message(proposal, index: 0), MlsError.InvalidSignature);            // another's place
        Victim.Refuse(Message(proposal, index: 2), MlsError.UnknownSender);
        Victim.Refuse(Message(proposal, index: uint.MaxValue), MlsError.UnknownSender);
        Victim.Refuse(Message(proposal, epoch: Victim.Group.Epoch - 1), MlsError.WrongEpoch);
        Victim.Refuse(Message(proposal, key: Victim.SignatureKey), MlsError.InvalidSignature);
    }

    [Fact]
    public void RejectsExternalSendersThatCannotBeRead() => Victim.Refuse(
        RogueCommit.Propose(_room[1], new GroupContextExtensionsProposal([new Extension(ExtensionType.ExternalSenders, new byte[] { 9 })])),
        MlsError.Malformed);

    [Fact]
    public void RejectsAProposalForSomebodyElseInTheNameOfANewMember()
    {
        using var self = Newcomer("somebody else").NewKeyPackage();
        Victim.Refuse(
            RogueJoin.Propose(_outsider, Victim, Mls.Sender.NewMemberProposal, new AddProposal(self.KeyPackage)),
            MlsError.InvalidSignature);
    }

    [Fact]
    public void OutsidersCannotFillWhatAMemberKeeps()
    {
        for (int i = 0; i < MlsLimits.MaxPendingProposalsFromOutside; i++)
            Victim.TakeProposal(Message(new PreSharedKeyProposal(PreSharedKeyId.External(Suite, "k"u8.ToArray(), _room.Random))));
        Victim.Refuse(Message(new PreSharedKeyProposal(PreSharedKeyId.External(Suite, "k"u8.ToArray(), _room.Random))), MlsError.TooLarge);
        Victim.TakeProposal(_room[1].ProposeUpdate());
    }

    [Fact]
    public void TheApplicationIsToldWhoProposes()
    {
        var asked = new List<Proposer>();
        Victim.Policy = Victim.Policy with
        {
            AcceptProposal = (proposal, proposer) =>
            {
                asked.Add(proposer);
                return proposal is not GroupContextExtensionsProposal || (proposer.Leaf is { } leaf && Client.NameOf(leaf) == "member 1");
            },
        };
        Victim.Restart();
        Victim.Refuse(Message(new GroupContextExtensionsProposal([])), MlsError.InvalidProposal);
        Victim.Refuse(RogueCommit.Propose(_room[2], new GroupContextExtensionsProposal([])), MlsError.InvalidProposal);
        Victim.Refuse(RogueCommit.Of(_room[2], new GroupContextExtensionsProposal([])), MlsError.InvalidProposal);
        byte[] emptying = RogueCommit.Propose(_room[1], new GroupContextExtensionsProposal([]));
        Assert.IsType<Handled.ProposalReceived>(Victim.Group.Handle(emptying)).Next.Dispose();
        Assert.Equal(
            _outsider.Name, System.Text.Encoding.UTF8.GetString(((BasicCredential)asked[0].ExternalSender!.Credential).Identity.Span));
        Assert.Equal(
            ["", "member 2", "member 2", "member 1"], asked.Select(proposer => proposer.Leaf is null ? "" : Client.NameOf(proposer.Leaf)));
    }

    /// <summary>
    /// The allow-list cell by cell. Columns: in a member's commit by value; by reference from a member, from an external sender, from
    /// a new member; in an external commit by value; behind one by reference from a member, an external sender, a new member.
    /// </summary>
    [Theory]
    [InlineData(ProposalType.Add, "yes yes yes yes no no no no")]
    [InlineData(ProposalType.Update, "no yes no no no no no no")]
    [InlineData(ProposalType.Remove, "yes yes yes no yes no no no")]
    [InlineData(ProposalType.PreSharedKey, "yes yes yes no yes no no no")]
    [InlineData(ProposalType.ReInit, "yes yes yes no no no no no")]
    [InlineData(ProposalType.ExternalInit, "no no no no yes no no no")]
    [InlineData(ProposalType.GroupContextExtensions, "yes yes yes no no no no no")]
    public void OnlyTheRfcsCellsPass(ushort type, string cells)
    {
        var proposal = ProposalOf(type);
        var (member, external) = (Mls.Sender.Member(new LeafIndex(1)), Mls.Sender.External(0));
        Mls.Sender?[] columns = [null, member, external, Mls.Sender.NewMemberProposal];
        var passes = new[] { Mls.Sender.Member(new LeafIndex(0)), Mls.Sender.NewMemberCommit }
            .SelectMany(committer => columns.Select(sender => ProposalTable.MayCommit(Committed(proposal, sender, committer), committer)));
        Assert.Equal(cells.Split(' '), passes.Select(may => may ? "yes" : "no"));
    }

    /// <summary>The same of whole messages: what an outsider may not propose is refused, whatever else is right with it.</summary>
    [Theory]
    [InlineData(ProposalType.Add, true, true)]
    [InlineData(ProposalType.Update, false, false)]
    [InlineData(ProposalType.Remove, true, false)]
    [InlineData(ProposalType.PreSharedKey, true, false)]
    [InlineData(ProposalType.ReInit, true, false)]
    [InlineData(ProposalType.ExternalInit, false, false)]
    [InlineData(ProposalType.GroupContextExtensions, true, false)]
    public void OutsidersProposeWhatTheRfcLetsThem(ushort type, bool byExternalSender, bool byNewMember)
    {
        Judge(Mls.Sender.External(1), byExternalSender);
        Judge(Mls.Sender.NewMemberProposal, byNewMember);
        Judge(Mls.Sender.NewMemberCommit, may: false);

        void Judge(Sender sender, bool may)
        {
            var message = RogueJoin.Propose(_outsider, Victim, sender, ProposalOf(type));
            if (!may) Victim.Refuse(message, MlsError.ForbiddenSender);
            else Assert.IsType<Handled.ProposalReceived>(Victim.Group.Handle(message)).Next.Dispose();
        }
    }

    private static CommittedProposal Committed(Proposal proposal, Sender? sender, Sender committer) => sender is { } by
        ? new CommittedProposal(proposal, by, new ProposalReference(new byte[32]))
        : new CommittedProposal(proposal, committer, null);

    private Proposal ProposalOf(ushort type)
    {
        using var self = _outsider.NewKeyPackage();
        return type switch
        {
            ProposalType.Add => new AddProposal(self.KeyPackage),
            ProposalType.Update => new UpdateProposal(_room[1].Group.Members[1].Leaf),
            ProposalType.Remove => new RemoveProposal(_room[1].Group.OwnLeaf),
            ProposalType.PreSharedKey => new PreSharedKeyProposal(PreSharedKeyId.External(Suite, "k"u8.ToArray(), _room.Random)),
            ProposalType.ReInit => new ReInitProposal("next"u8.ToArray(), ProtocolVersion.Mls10, Suite.Id, []),
            ProposalType.ExternalInit => new ExternalInitProposal(new byte[32]),
            _ => new GroupContextExtensionsProposal([]),
        };
    }

    private ExternalSender Sender() => new(_outsider.SignatureKey.PublicKey, _outsider.JoinOptions().Credential);

    private Client Newcomer(string name)
    {
        var client = _room.NewClient(name);
        Room.Open()(client);
        return client;
    }

    private byte[] Message(Proposal proposal, uint index = 1, ulong? epoch = null, SignatureKey? key = null) => ExternalProposal.Create(
        proposal, Suite, Victim.Group.GroupId, epoch ?? Victim.Group.Epoch, index, key ?? _outsider.SignatureKey);

    private void Propose(Proposal proposal)
    {
        var message = Message(proposal);
        foreach (var member in _room.Members) member.TakeProposal(message);
    }
}
