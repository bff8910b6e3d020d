using Holdfast.Codec;

namespace Holdfast.Mls;

public sealed partial class Group
{
    /// <summary>
    /// Takes a message another member sent, or somebody outside. It never throws on bad bytes, and it changes nothing here.
    /// </summary>
    /// <param name="mlsMessage">An MLSMessage with a PublicMessage or PrivateMessage.</param>
    /// <param name="now">The time against which lifetimes of added leaves are checked (RFC 9420 §7.3); null for no check.</param>
    public Handled Handle(ReadOnlySpan<byte> mlsMessage, DateTimeOffset? now = null)
    {
        try
        {
            return ApplicationMessage.IsOf(State.Context, mlsMessage)
                ? HandleApplication(mlsMessage)
                : Handle(Tls.Decode<MlsMessage>(mlsMessage), now);
        }
        catch (Exception bad) when (MlsException.Of(bad) is { } refusal)
        {
            return new Handled.Rejected(refusal.Error, refusal.Rule);
        }
    }

    /// <summary>
    /// Takes a message that this member itself has sent (<see cref="MlsError.OwnMessage"/>) and does not remember, because its state is
    /// older than the message: it was put back, or copied. That it opens proves it: it is signed with our key, and under a key that this
    /// group has not used yet and the next one has not any more. Then nothing may be sent from this group, for what was forgotten need not
    /// be all in the log; a fellow member has to add us anew. A commit of ours with a path is one that we cannot follow.
    /// </summary>
    /// <param name="mlsMessage">An MLSMessage with a PrivateMessage.</param>
    /// <param name="now">The time against which lifetimes of added leaves are checked (RFC 9420 §7.3); null for no check.</param>
    public Handled HandleOwn(ReadOnlySpan<byte> mlsMessage, DateTimeOffset? now = null)
    {
        try
        {
            var message = Tls.Decode<MlsMessage>(mlsMessage).PrivateMessage ?? throw PrivateMessage.Undecryptable();
            return HandlePrivate(message, sender => sender == Sender.Member(OwnLeaf) ? State.OwnLeafNode.SignatureKey : null, now);
        }
        catch (Exception bad) when (MlsException.Of(bad) is { } refusal)
        {
            return new Handled.Rejected(refusal.Error, refusal.Rule);
        }
    }

    private Handled.ApplicationReceived HandleApplication(ReadOnlySpan<byte> message)
    {
        CheckGoesOn();
        using var opened = ApplicationMessage.Open(State, _ratchets, message);
        opened.CheckSignature();
        return opened.Received(Epoch, With(opened.AdoptNext()));
    }

    private Handled Handle(MlsMessage message, DateTimeOffset? now)
    {
        if (message.PublicMessage is { } open) return HandlePublic(open, now);
        var sealedMessage = message.PrivateMessage
            ?? throw new MlsException(MlsError.Malformed, "RFC 9420 §6: this kind of message is not sent to a group");
        return sealedMessage.Epoch < Epoch
            ? HandleLate(sealedMessage)
            : HandlePrivate(sealedMessage, sender => KeyOf(sender, State.Tree.Leaf), now);
    }

    private Handled HandlePublic(PublicMessage message, DateTimeOffset? now)
    {
        CheckGoesOn();
        SafeAad.Check(State.Context, message.Content.AuthenticatedData.Span);
        var content = message.Unprotect(Suite, State.Context, State.Secrets.MembershipKey, sender => KeyOf(sender, State.Tree.Leaf));
        return HandleHandshake(content, _ratchets, now);
    }

    private Handled HandlePrivate(PrivateMessage message, SignatureKeyLookup keys, DateTimeOffset? now)
    {
        CheckGoesOn();
        SafeAad.Check(State.Context, message.AuthenticatedData.Span);
        var (content, next) = message.Unprotect(Suite, State.Context, _ratchets, State.Secrets.SenderDataSecret, keys);
        using (next)
        {
            return content.Content.Content is ApplicationContent application
                ? Received(application, content.Content, State.SenderLeaf(content.Content.Sender.Leaf), With(next.Share()))
                : HandleHandshake(content, next, now);
        }
    }

    /// <summary>
    /// RFC 9420 §12.4.2: once a ReInit is committed, nobody has anything to send; what is late of earlier epochs is still read.
    /// </summary>
    private void CheckGoesOn() => MlsException.Require(
        State.ReInit is null, MlsError.GroupClosed, "RFC 9420 §11.2: a ReInit has closed the group; nothing more is sent in it");

    /// <summary>RFC 9420 §15.3: an application message that arrives after its epoch has ended.</summary>
    private Handled.ApplicationReceived HandleLate(PrivateMessage message)
    {
        MlsException.Require(
            message.GroupId.Span.SequenceEqual(GroupId.Span), MlsError.WrongGroup, "RFC 9420 §6: the message is for another group");
        var (epoch, ratchets) = _past.Entries.FirstOrDefault(entry => entry.Epoch.Context.Epoch == message.Epoch);
        MlsException.Require(
            epoch is not null,
            MlsError.WrongEpoch,
            "RFC 9420 §15.3: the message's epoch is over, and its keys are gone or were never ours");
        MlsException.Require(
            message.ContentType == ContentType.Application,
            MlsError.WrongEpoch,
            "RFC 9420 §12.4.2: a handshake message of an epoch that is over");
        SafeAad.Check(epoch!.Context, message.AuthenticatedData.Span);
        var (content, next) = message.Unprotect(Suite, epoch.Context, ratchets, epoch.SenderData, sender => KeyOf(sender, epoch.Leaf));
        var application = (ApplicationContent)content.Content.Content;
        return Received(
            application,
            content.Content,
            epoch.Leaf(content.Content.Sender.Leaf)!,
            With(_ratchets.Share(), _past.With(epoch, next), _pending));
    }

    private static Handled.ApplicationReceived Received(ApplicationContent application, FramedContent framed, LeafNode leaf, Group next) =>
        new(framed.Sender.Leaf, leaf, framed.Epoch, framed.AuthenticatedData, application.Data.ToArray(), next);

    private Handled HandleHandshake(AuthenticatedContent content, SecretTree ratchets, DateTimeOffset? now) =>
        content.Content.Content switch
        {
            ProposalContent { Proposal: var proposal } => HandleProposal(content, proposal, ratchets, now),
            CommitContent { Commit: var commit } => new CommitHandling(this, ratchets, now).Handle(content, commit),
            _ => throw new MlsException(MlsError.ForbiddenSender, "RFC 9420 §6: application messages are always encrypted"),
        };

    /// <summary>RFC 9420 §12.1: a proposal is judged when it comes, so that a commit can count on what is pending.</summary>
    private Handled.ProposalReceived HandleProposal(
        AuthenticatedContent content, Proposal proposal, SecretTree ratchets, DateTimeOffset? now)
    {
        var sender = content.Content.Sender;
        MlsException.Require(
            proposal is not SelfRemoveProposal || content.WireFormat == WireFormat.PublicMessage,
            MlsError.ForbiddenSender,
            "mls-extensions: a SelfRemove must be sent as a PublicMessage");
        new ProposalRules(State.Public, _policy, now).CheckSent(proposal, sender);
        var pending = _pending.With(new PendingProposal(content.Reference(Suite), sender, proposal));
        var leaf = sender.Type == SenderType.Member ? State.SenderLeaf(sender.Leaf) : null;
        var next = With(ratchets.Share(), _past.Share(), pending);
        return new Handled.ProposalReceived(sender, leaf, proposal, content.Content.AuthenticatedData, next);
    }

    /// <summary>The key a sender signs with; our own messages come back to us, and are known without being opened.</summary>
    private ReadOnlyMemory<byte>? KeyOf(Sender sender, Func<LeafIndex, LeafNode?> leaves)
    {
        if (sender.Type == SenderType.External) return State.Public.ExternalSender(sender).SignatureKey;
        MlsException.Require(sender.Leaf != OwnLeaf, MlsError.OwnMessage, "the message is our own");
        return leaves(sender.Leaf)?.SignatureKey;
    }
}
