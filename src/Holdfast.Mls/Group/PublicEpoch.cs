using Holdfast.Cryptography;

namespace Holdfast.Mls;

/// <summary>
/// What everybody sees of an epoch who has its GroupInfo and tree (RFC 9420 §12.4.3): enough to judge the proposals of a commit,
/// and to make one from outside.
/// </summary>
internal sealed record PublicEpoch(GroupContext Context, RatchetTree Tree, ReadOnlyMemory<byte> InterimTranscriptHash)
{
    internal CipherSuite Suite => Tree.Suite;

    /// <summary>The leaf of a member who sent a message of this epoch.</summary>
    internal LeafNode SenderLeaf(LeafIndex sender) => Tree.Leaf(sender)
        ?? throw new MlsException(MlsError.UnknownSender, "RFC 9420 §6.1: the sender's leaf is blank");

    /// <summary>What the application is told of who proposes.</summary>
    internal Proposer Proposer(Sender sender) => new(
        sender,
        sender.Type == SenderType.Member ? SenderLeaf(sender.Leaf) : null,
        sender.Type == SenderType.External ? ExternalSender(sender) : null,
        Context);

    /// <summary>RFC 9420 §12.1.8.1: whom the sender's index names.</summary>
    internal ExternalSender ExternalSender(Sender sender)
    {
        var senders = Mls.ExternalSender.In(Context.Extensions);
        return sender.ExternalIndex < senders.Count
            ? senders[(int)sender.ExternalIndex]
            : throw new MlsException(MlsError.UnknownSender, "RFC 9420 §12.1.8.1: the group names no such external sender");
    }
}
