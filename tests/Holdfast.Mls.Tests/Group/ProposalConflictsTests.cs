using Xunit;

namespace Holdfast.Mls.Tests;

/// <summary>
/// RFC 9420 §12.2: what a list is refused for that no message can bring about as long as each proposal is judged when it comes. The list
/// does not count on that.
/// </summary>
public sealed class ProposalConflictsTests
{
    private static readonly ProposalReference Reference = new("name"u8.ToArray());

    private readonly TreeGroup _group = TreeGroup.Full(3);

    private LeafNode Leaf => _group.Tree.Leaf(new LeafIndex(1))!;

    [Fact]
    public void AnUpdateOfABlankLeafIsNotAdmitted()
    {
        Assert.Null(Admit(new UpdateProposal(Leaf), Sender.Member(new LeafIndex(1))));
        Assert.Contains("a leaf that is blank", Admit(new UpdateProposal(Leaf), Sender.Member(new LeafIndex(3))), StringComparison.Ordinal);
        Assert.Contains(
            "a leaf that is blank", Admit(new UpdateProposal(Leaf), Sender.Member(new LeafIndex(99))), StringComparison.Ordinal);
    }

    [Fact]
    public void AProposalOfATypeThatItsSenderMayNotProposeIsNotAdmitted()
    {
        Assert.Null(Admit(new RemoveProposal(new LeafIndex(2)), Sender.Member(new LeafIndex(1))));
        Assert.Contains(
            "may not propose", Admit(new ExternalInitProposal(new byte[32]), Sender.Member(new LeafIndex(1))), StringComparison.Ordinal);
        Assert.Contains("may not propose", Admit(new UpdateProposal(Leaf), Sender.External(0)), StringComparison.Ordinal);
        Assert.Contains("may not propose", Admit(new RemoveProposal(new LeafIndex(2)), Sender.NewMemberProposal), StringComparison.Ordinal);
    }

    private string? Admit(Proposal proposal, Sender sender) =>
        new ProposalConflicts(Sender.Member(default), _group.Tree).Admit(new CommittedProposal(proposal, sender, Reference));
}
