using Holdfast.Codec;
using Holdfast.Cryptography;

namespace Holdfast.Mls;

/// <summary>RFC 9420 §6.2: a message that is signed and not encrypted.</summary>
/// <param name="Content">What is said, and by whom.</param>
/// <param name="Auth">What authenticates it.</param>
/// <param name="MembershipTag">The MAC of a sender who is a member; others have none.</param>
public sealed record PublicMessage(FramedContent Content, FramedContentAuthData Auth, ReadOnlyMemory<byte>? MembershipTag = null)
    : ITlsStruct<PublicMessage>
{
    /// <summary>RFC 9420 §6.2: frames signed content, with the membership tag if the sender is a member.</summary>
    /// <param name="suite">The group's suite.</param>
    /// <param name="content">Content signed for this wire format.</param>
    /// <param name="context">The epoch the message belongs to.</param>
    /// <param name="membershipKey">The epoch's membership key; null where the sender is not a member.</param>
    public static PublicMessage Protect(CipherSuite suite, AuthenticatedContent content, GroupContext context, Secret? membershipKey)
    {
        if (content.WireFormat != WireFormat.PublicMessage)
            throw new ArgumentException("the content was not signed as a public message", nameof(content));
        if (SenderRules.Violation(WireFormat.PublicMessage, content.Content) is { } rule)
            throw new ArgumentException(rule, nameof(content));
        var message = new PublicMessage(content.Content, content.Auth);
        if (content.Content.Sender.Type != SenderType.Member) return message;
        ArgumentNullException.ThrowIfNull(membershipKey);
        using var tbm = message.Tbm(context);
        return message with { MembershipTag = suite.Hkdf.Mac(membershipKey.Reveal(), tbm.Written) };
    }

    /// <summary>RFC 9420 §6.2: checks that the message is of this epoch, who sent it, and that they may.</summary>
    /// <param name="suite">The group's suite.</param>
    /// <param name="context">The current epoch.</param>
    /// <param name="membershipKey">The current epoch's membership key.</param>
    /// <param name="signatureKeys">The keys of members and external senders.</param>
    /// <exception cref="MlsException">The message breaks a rule of RFC 9420 §6.</exception>
    public AuthenticatedContent Unprotect(
        CipherSuite suite, GroupContext context, Secret membershipKey, SignatureKeyLookup signatureKeys)
    {
        FramingRules.CheckEpoch(context, Content.GroupId.Span, Content.Epoch);
        if (SenderRules.Violation(WireFormat.PublicMessage, Content) is { } rule) throw new MlsException(MlsError.ForbiddenSender, rule);
        if (Content.Sender.Type == SenderType.Member) CheckMembershipTag(suite, context, membershipKey);
        if (SignatureKey(signatureKeys) is not { IsEmpty: false } key)
            throw new MlsException(MlsError.UnknownSender, "RFC 9420 §6.1: the sender has no signature key in this group");
        var content = new AuthenticatedContent(WireFormat.PublicMessage, Content, Auth);
        content.CheckSignature(suite, context, key);
        return content;
    }

    /// <inheritdoc/>
    public void Encode(TlsWriter writer)
    {
        writer.Write(Content);
        Auth.Encode(writer, Content.Content.Type);
        if (Content.Sender.Type != SenderType.Member) return;
        var tag = MembershipTag ?? throw new InvalidOperationException("RFC 9420 §6.2: a member's message has a membership tag");
        writer.WriteOpaque(tag.Span);
    }

    /// <inheritdoc/>
    public static PublicMessage Decode(ref TlsReader reader)
    {
        var content = FramedContent.Decode(ref reader);
        var auth = FramedContentAuthData.Decode(ref reader, content.Content.Type);
        return content.Sender.Type == SenderType.Member
            ? new PublicMessage(content, auth, reader.ReadOpaque(MlsLimits.MaxHashSize).ToArray())
            : new PublicMessage(content, auth);
    }

    /// <summary>RFC 9420 §6.1: new members bring their key along, everybody else's is known.</summary>
    private ReadOnlyMemory<byte>? SignatureKey(SignatureKeyLookup signatureKeys) => (Content.Sender.Type, Content.Content) switch
    {
        (SenderType.NewMemberProposal, ProposalContent { Proposal: AddProposal add }) => add.KeyPackage.LeafNode.SignatureKey,
        (SenderType.NewMemberCommit, CommitContent { Commit.Path: { } path }) => path.LeafNode.SignatureKey,
        (SenderType.NewMemberProposal or SenderType.NewMemberCommit, _) => null,
        _ => signatureKeys(Content.Sender),
    };

    private void CheckMembershipTag(CipherSuite suite, GroupContext context, Secret membershipKey)
    {
        using var tbm = Tbm(context);
        MlsException.Require(
            MembershipTag is { } tag && suite.Hkdf.VerifyMac(membershipKey.Reveal(), tbm.Written, tag.Span),
            MlsError.InvalidMembershipTag,
            "RFC 9420 §6.2: the membership tag does not verify");
    }

    /// <summary>RFC 9420 §6.2 AuthenticatedContentTBM.</summary>
    private TlsWriter Tbm(GroupContext context)
    {
        var writer = new TlsWriter();
        FramedContentTbs.Encode(writer, WireFormat.PublicMessage, Content, context);
        Auth.Encode(writer, Content.Content.Type);
        return writer;
    }
}
