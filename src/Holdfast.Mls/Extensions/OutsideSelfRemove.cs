using Holdfast.Codec;

namespace Holdfast.Mls;

/// <summary>draft-ietf-mls-extensions: a member's SelfRemove as somebody reads it who joins from outside and must commit it.</summary>
internal static class OutsideSelfRemove
{
    /// <summary>Everything is checked but the membership tag, for which one would have to be a member.</summary>
    /// <exception cref="MlsException">It is no valid SelfRemove of this epoch.</exception>
    /// <exception cref="CodecException">It is malformed.</exception>
    internal static CommittedProposal Read(ReadOnlyMemory<byte> message, PublicEpoch epoch)
    {
        var open = Tls.Decode<MlsMessage>(message.Span).PublicMessage
            ?? throw new MlsException(MlsError.Malformed, "mls-extensions: a SelfRemove must be sent as a PublicMessage");
        var framed = open.Content;
        FramingRules.CheckEpoch(epoch.Context, framed.GroupId.Span, framed.Epoch);
        SafeAad.Check(epoch.Context, framed.AuthenticatedData.Span);
        MlsException.Require(
            framed is { Sender.Type: SenderType.Member, Content: ProposalContent { Proposal: SelfRemoveProposal } },
            MlsError.ForbiddenSender,
            "mls-extensions: who joins from outside commits nobody's proposal but SelfRemoves of members");
        var content = new AuthenticatedContent(WireFormat.PublicMessage, framed, open.Auth);
        content.CheckSignature(epoch.Suite, epoch.Context, epoch.SenderLeaf(framed.Sender.Leaf).SignatureKey);
        return new CommittedProposal(new SelfRemoveProposal(), framed.Sender, content.Reference(epoch.Suite));
    }
}
