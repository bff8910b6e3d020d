using Holdfast.Codec;
using Holdfast.Cryptography;

namespace Holdfast.Mls;

/// <summary>
/// RFC 9420 §12.1.8: proposals by those who are no members. Group id and epoch are those of the group as it is now, as its messages
/// or its GroupInfo show them: with the next commit the proposal is void. Members take it if their policy does
/// (<see cref="GroupPolicy.AcceptProposal"/>), and one of them commits it.
/// </summary>
public static class ExternalProposal
{
    /// <summary>Proposes, as one of the group's external senders (RFC 9420 §12.1.8.1), one of the kinds that the RFC allows them.</summary>
    /// <param name="proposal">An Add, Remove, PreSharedKey, ReInit or GroupContextExtensions.</param>
    /// <param name="suite">The group's cipher suite.</param>
    /// <param name="groupId">The group's id.</param>
    /// <param name="epoch">The group's present epoch.</param>
    /// <param name="senderIndex">Our place, from 0, in the group's external_senders.</param>
    /// <param name="signatureKey">The key that stands there.</param>
    /// <param name="authenticatedData">Sent along in the clear, bound to the proposal.</param>
    /// <returns>An MLSMessage with a PublicMessage.</returns>
    /// <exception cref="ArgumentException">An external sender may not propose this.</exception>
    public static byte[] Create(
        Proposal proposal,
        CipherSuite suite,
        ReadOnlyMemory<byte> groupId,
        ulong epoch,
        uint senderIndex,
        SignatureKey signatureKey,
        ReadOnlyMemory<byte> authenticatedData = default) =>
        Frame(proposal, suite, groupId, epoch, Sender.External(senderIndex), signatureKey, authenticatedData);

    /// <summary>Proposes, as somebody who wants to be a member, to be added (RFC 9420 §6.1 new_member_proposal).</summary>
    /// <param name="self">Our key package, to be welcomed by; it stays the caller's.</param>
    /// <param name="groupId">The group's id.</param>
    /// <param name="epoch">The group's present epoch.</param>
    /// <param name="signatureKey">The key that the key package's leaf names.</param>
    /// <param name="authenticatedData">Sent along in the clear, bound to the proposal.</param>
    /// <returns>An MLSMessage with a PublicMessage.</returns>
    /// <exception cref="ArgumentException">The key is not the leaf's.</exception>
    public static byte[] AddOfSelf(
        KeyPackageBundle self,
        ReadOnlyMemory<byte> groupId,
        ulong epoch,
        SignatureKey signatureKey,
        ReadOnlyMemory<byte> authenticatedData = default)
    {
        Group.CheckIsKeyOf(signatureKey, self.KeyPackage.LeafNode);
        return Frame(
            new AddProposal(self.KeyPackage), self.Suite, groupId, epoch, Sender.NewMemberProposal, signatureKey, authenticatedData);
    }

    private static byte[] Frame(
        Proposal proposal,
        CipherSuite suite,
        ReadOnlyMemory<byte> groupId,
        ulong epoch,
        Sender sender,
        SignatureKey signatureKey,
        ReadOnlyMemory<byte> authenticatedData)
    {
        var content = new FramedContent(groupId, epoch, sender, authenticatedData, new ProposalContent(proposal));
        var signed = AuthenticatedContent.Sign(suite, WireFormat.PublicMessage, content, context: null, signatureKey);
        return Tls.Encode(new MlsMessage(new PublicMessage(signed.Content, signed.Auth)));
    }
}
