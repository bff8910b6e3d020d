using Holdfast.Codec;
using Xunit;

namespace Holdfast.Mls.Tests;

/// <summary>draft-ietf-mls-extensions: a member who goes by itself.</summary>
public sealed class SelfRemoveTests : IDisposable
{
    private readonly Room _room = ComponentRoom.Of(4);

    public void Dispose() => _room.Dispose();

    [Fact]
    public void AMemberGoesWithTheNextCommit()
    {
        var leaving = _room[2];
        _room.Propose(leaving, new SelfRemoveProposal());
        leaving.Restart();
        Assert.Throws<InvalidOperationException>(() => leaving.Propose(new SelfRemoveProposal()));
        var change = _room.Commit(_room[0], new CommitOptions { ForcePath = false }).Change;
        Assert.Equal("member 2", Client.NameOf(Assert.Single(change.Removed).Leaf));
        Assert.False(leaving.IsMember);
        Assert.NotEmpty(change.Updated);   // a path was needed
        _room.Say(_room[1], "without them");
    }

    [Fact]
    public void ARemoveOfTheSameLeafGivesWay()
    {
        _room.Propose(_room[1], new RemoveProposal(_room[2].Group.OwnLeaf));
        _room.ProposeUpdate(_room[2]);
        _room.Propose(_room[2], new SelfRemoveProposal());
        var change = _room.Commit(_room[0], new CommitOptions()).Change;
        Assert.Single(change.Removed);
        Assert.DoesNotContain(change.Updated, member => member.Index == new LeafIndex(2));
    }

    [Fact]
    public void NobodyCommitsTheirOwnAndNobodyCarriesOneByValue()
    {
        _room.Propose(_room[2], new SelfRemoveProposal());
        var own = _room[2].Group.PendingProposals[0].Reference;
        var rejected = _room[0].Refuse(RogueCommit.Of(_room[2], [own], RogueCommit.Path(_room[2])), MlsError.InvalidProposalList);
        Assert.Contains("Remove of the committer", rejected.Rule, StringComparison.Ordinal);
        _room[0].Refuse(RogueCommit.Of(_room[1], new SelfRemoveProposal()), MlsError.InvalidProposalList);
        TreeEdit.Refuses(
            MlsError.InvalidProposalList,
            "no committer may propose itself",
            () => _room[0].Group.Commit(new CommitOptions { Proposals = [new SelfRemoveProposal()] }, _room.Random));
        _room[0].Refuse(RogueCommit.Of(_room[1], [own]), MlsError.PathRequired);
        _room[0].Refuse(
            RogueCommit.Of(_room[1], [own, new ProposalByValue(new RemoveProposal(new LeafIndex(2)))], RogueCommit.Path(_room[1])),
            MlsError.InvalidProposalList);
    }

    [Fact]
    public void ItIsSentOpenlyAndByMembersOnly()
    {
        _room[0].Refuse(RogueCommit.Propose(_room[2], new SelfRemoveProposal()), MlsError.ForbiddenSender);
        Assert.NotNull(Tls.Decode<MlsMessage>(_room[2].Propose(new SelfRemoveProposal())).PublicMessage);
        var outside = ComponentRoom.Newcomer(_room, "outside");
        _room[0].Refuse(RogueJoin.Propose(outside, _room[0], Sender.NewMemberProposal, new SelfRemoveProposal()), MlsError.ForbiddenSender);
    }

    [Theory, InlineData(false), InlineData(true)]
    public void WhoJoinsFromOutsideCommitsIt(bool resync)
    {
        var messages = new List<ReadOnlyMemory<byte>>();
        foreach (var leaving in (Client[])[_room[1], _room[2]])
        {
            var message = leaving.Propose(new SelfRemoveProposal());
            foreach (var other in _room.Others(leaving)) other.TakeProposal(message);
            messages.Add(message);
        }
        var joiner = resync ? _room[3] : ComponentRoom.Newcomer(_room, "joiner");
        if (resync)
        {
            joiner.Leave();
            _room.Members.Remove(joiner);
        }
        _room.JoinExternally(joiner, _room[0], joiner.JoinOptions() with { SelfRemoves = messages, Resync = resync });
        Assert.Equal(resync ? ["member 0", "member 3"] : ["member 0", "member 3", "joiner"], _room.Members.Select(member => member.Name));
        _room.Say(joiner, "here");
    }

    [Fact]
    public void WhoJoinsFromOutsideSeesThatItsAuthenticatedDataIsFramed()
    {
        _room.Commit(
            _room[1], ComponentRoom.Committing(AppDataUpdateProposal.OfUpdate(CodePoints.SafeAad, Tls.Encode(new ComponentsList([])))));
        var (joiner, leaving) = (ComponentRoom.Newcomer(_room, "joiner"), _room[1]);
        var good = leaving.Group.Frame(new ProposalContent(new SelfRemoveProposal()), default);
        Assert.IsType<ExternalJoinOutcome.Rejected>(Joined(good with { AuthenticatedData = new byte[] { 1 } }));
        Assert.IsType<ExternalJoinOutcome.Prepared>(Joined(good)).Next.Dispose();

        ExternalJoinOutcome Joined(FramedContent content)
        {
            var signed = AuthenticatedContent.Sign(
                leaving.Suite, WireFormat.PublicMessage, content, leaving.Group.Context, leaving.SignatureKey);
            var message = PublicMessage.Protect(leaving.Suite, signed, leaving.Group.Context, leaving.Group.State.Secrets.MembershipKey);
            var options = joiner.JoinOptions() with { SelfRemoves = [Tls.Encode(new MlsMessage(message))] };
            return joiner.TryJoinExternally(_room[0].Group.GroupInfoMessage(true, true), options);
        }
    }

    [Fact]
    public void WhoJoinsFromOutsideChecksItAndCommitsNothingElse()
    {
        var joiner = ComponentRoom.Newcomer(_room, "joiner");
        var good = _room[1].Propose(new SelfRemoveProposal());
        byte[] forged = [.. good];
        forged[^40] ^= 1;   // in the signature: behind it is the membership tag
        Rejected(forged, MlsError.InvalidSignature);
        Rejected(
            Forgery.Public(_room[1], new ProposalContent(new SelfRemoveProposal()), Sender.Member(new LeafIndex(9))),
            MlsError.UnknownSender);
        Rejected(_room[0].Say("no proposal"), MlsError.Malformed);
        Rejected(RogueJoin.Propose(joiner, _room[0], Sender.NewMemberProposal, new SelfRemoveProposal()), MlsError.ForbiddenSender);
        _room.Commit(_room[0], new CommitOptions());
        Rejected(good, MlsError.WrongEpoch);

        void Rejected(byte[] message, MlsError error)
        {
            var options = joiner.JoinOptions() with { SelfRemoves = [message] };
            var outcome = joiner.TryJoinExternally(_room[0].Group.GroupInfoMessage(true, true), options);
            Assert.Equal(error, Assert.IsType<ExternalJoinOutcome.Rejected>(outcome).Error);
        }
    }
}
