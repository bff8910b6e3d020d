namespace Holdfast.Mls;

/// <summary>RFC 9420 §6, §6.1, §12.1.8: who may send what, and how.</summary>
internal static class SenderRules
{
    /// <summary>The rule that a message breaks, or null.</summary>
    internal static string? Violation(WireFormat wireFormat, FramedContent framed) => (framed.Sender.Type, framed.Content) switch
    {
        (_, ApplicationContent) when wireFormat != WireFormat.PrivateMessage =>
            "RFC 9420 §6: application messages are always encrypted",
        (SenderType.Member, _) => null,
        _ when wireFormat != WireFormat.PublicMessage => "RFC 9420 §6: only members can send private messages",
        (SenderType.External, ProposalContent { Proposal: var proposal }) => ProposalTable.MaySend(proposal, SenderType.External)
            ? null
            : "RFC 9420 §12.1.8: an external sender may not propose this",
        (SenderType.External, _) => "RFC 9420 §6.1: an external sender only proposes",
        (SenderType.NewMemberProposal, ProposalContent { Proposal: var proposal })
            when ProposalTable.MaySend(proposal, SenderType.NewMemberProposal) => null,
        (SenderType.NewMemberProposal, _) => "RFC 9420 §6.1: a new member's proposal is an add",
        (SenderType.NewMemberCommit, CommitContent) => null,
        (SenderType.NewMemberCommit, _) => "RFC 9420 §6.1: a new member's commit is a commit",
        _ => "RFC 9420 §6: unknown sender type",
    };
}
