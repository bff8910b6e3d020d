using Xunit;

namespace Holdfast.Mls.Tests;

/// <summary>Every index a message carries, at the ends of what it can be. Three of four leaves are occupied.</summary>
public sealed class IndexBoundaryTests : IDisposable
{
    private readonly Room _room = Room.Of(3);

    /// <summary>The blank leaf, the first and others behind the tree, and where signed or doubled numbers would wrap.</summary>
    public static TheoryData<uint> NoMember =>
        [
            3, 4, 7, 8, 1u << 16, 1u << 24, (1u << 30) - 1, 1u << 30, (1u << 31) - 1, 1u << 31, (1u << 31) + 1,
            uint.MaxValue - 1, uint.MaxValue,
        ];

    private Client Rogue => _room[1];

    private Client Victim => _room[0];

    public void Dispose() => _room.Dispose();

    [Theory, MemberData(nameof(NoMember))]
    public void NobodySendsAPublicMessage(uint leaf)
    {
        var sender = Sender.Member(new LeafIndex(leaf));
        Victim.Refuse(Forgery.Public(Rogue, new ProposalContent(new RemoveProposal(new LeafIndex(2))), sender), MlsError.UnknownSender);
        Victim.Refuse(Forgery.Public(Rogue, new CommitContent(new Commit([], RogueCommit.Path(Rogue))), sender), MlsError.UnknownSender);
        _room.Say(Rogue, "still here");
    }

    [Theory, MemberData(nameof(NoMember))]
    public void NobodySendsAPrivateMessage(uint leaf)
    {
        byte[] message = Rogue.Say("whose?");
        Victim.Refuse(Forgery.WithSenderLeaf(Rogue, message, new LeafIndex(leaf)), MlsError.Undecryptable);
        Victim.Refuse(Forgery.WithSenderLeaf(Rogue, message, new LeafIndex(2)), MlsError.Undecryptable);   // nor in another's name
        Assert.Equal("whose?", Victim.HearText(message));
    }

    [Theory, MemberData(nameof(NoMember))]
    public void NobodySentALateMessage(uint leaf)
    {
        byte[] message = Rogue.Say("late");
        byte[] forged = Forgery.WithSenderLeaf(Rogue, message, new LeafIndex(leaf));
        _room.Commit(_room[2], new CommitOptions());
        Victim.Refuse(forged, MlsError.Undecryptable);
        Assert.Equal("late", Victim.HearText(message));
    }

    [Theory, MemberData(nameof(NoMember))]
    public void NobodyIsRemoved(uint leaf) =>
        Victim.Refuse(
            RogueCommit.Of(Rogue, [new ProposalByValue(new RemoveProposal(new LeafIndex(leaf)))], RogueCommit.Path(Rogue)),
            MlsError.InvalidProposalList);

    [Fact]
    public void NoMembersNameIsTakenInAPublicMessage() => Victim.Refuse(
        Forgery.Public(Rogue, new ProposalContent(new RemoveProposal(Rogue.Group.OwnLeaf)), Sender.Member(new LeafIndex(2))),
        MlsError.InvalidSignature);

    /// <summary>Places are doubled to find a leaf's node: that throws rather than wraps.</summary>
    [Fact]
    public void ALeafWithoutANodeIsTheCallersBug()
    {
        Assert.Equal(uint.MaxValue - 1, new LeafIndex((1u << 31) - 1).Node.Value);
        Assert.Throws<OverflowException>(() => new LeafIndex(1u << 31).Node);
    }
}
