using Holdfast.Codec;
using Holdfast.Cryptography;

namespace Holdfast.Mls.Tests;

/// <summary>Just enough of an epoch to send and receive in: four leaves, of which the last is blank, and one external sender.</summary>
internal sealed class Epoch
{
    internal static readonly CipherSuite Suite = CipherSuite.Mandatory;

    internal static readonly LeafIndex Alice = new(0), Bob = new(1), Blank = new(3);

    internal static readonly ReadOnlyMemory<byte> GroupId = "group"u8.ToArray();

    private readonly SignatureKey[] _keys = [.. Enumerable.Range(0, 3).Select(_ => Suite.Signature.Generate(RandomSource.System))];

    internal GroupContext Context { get; init; } = new(ProtocolVersion.Mls10, Suite.Id, GroupId, 7, new byte[32], new byte[32], []);

    internal SecretTree Tree { get; init; } = NewTree();

    internal Secret SenderDataSecret { get; } = Secret.Random(32, RandomSource.System);

    internal Secret MembershipKey { get; } = Secret.Random(32, RandomSource.System);

    internal SignatureKey ExternalKey { get; } = Suite.Signature.Generate(RandomSource.System);

    internal static Proposal Proposal => new RemoveProposal(Bob);

    internal static Commit Commit => new([new ProposalByValue(Proposal)], null);

    internal static SecretTree NewTree() => SecretTree.Create(Suite, new Secret(32), 4, new RatchetLimits());

    internal SignatureKey Key(LeafIndex leaf) => _keys[leaf.Value];

    internal ReadOnlyMemory<byte>? SignatureKeyOf(Sender sender) => sender.Type switch
    {
        SenderType.Member when sender.Leaf.Value < _keys.Length => _keys[sender.Leaf.Value].PublicKey,
        SenderType.External when sender.ExternalIndex == 0 => ExternalKey.PublicKey,
        _ => null,
    };

    internal FramedContent Framed(Content content, Sender? sender = null) =>
        new(Context.GroupId, Context.Epoch, sender ?? Sender.Member(Alice), "beside"u8.ToArray(), content);

    internal AuthenticatedContent Signed(WireFormat format, Content content)
    {
        var signed = AuthenticatedContent.Sign(Suite, format, Framed(content), Context, Key(Alice));
        return content is CommitContent ? signed.WithConfirmationTag(new byte[32]) : signed;
    }

    internal byte[] Public(Content content) =>
        Tls.Encode(new MlsMessage(PublicMessage.Protect(Suite, Signed(WireFormat.PublicMessage, content), Context, MembershipKey)));

    internal byte[] Private(Content content, int paddingBlock = 0) => Tls.Encode(new MlsMessage(Protect(content, paddingBlock).Message));

    internal ProtectedContent Protect(Content content, int paddingBlock = 0) => PrivateMessage.Protect(
        Suite, Tree, SenderDataSecret, Signed(WireFormat.PrivateMessage, content), paddingBlock, RandomSource.System);

    internal AuthenticatedContent Unprotect(PublicMessage message) =>
        message.Unprotect(Suite, Context, MembershipKey, SignatureKeyOf);

    internal UnprotectedContent Unprotect(PrivateMessage message, SecretTree? tree = null) =>
        message.Unprotect(Suite, Context, tree ?? Tree, SenderDataSecret, SignatureKeyOf);

    /// <summary>Opens whatever message the bytes hold; one that is neither public nor private is refused as well.</summary>
    internal AuthenticatedContent Open(ReadOnlySpan<byte> message) => Tls.Decode<MlsMessage>(message) switch
    {
        { PublicMessage: { } found } => Unprotect(found),
        { PrivateMessage: { } found } => Unprotect(found).Content,
        _ => throw new MlsException(MlsError.Malformed, "no framed content"),
    };

    /// <summary>A private message whose sender did all right but for the plaintext itself.</summary>
    internal PrivateMessage Encrypt(ReadOnlySpan<byte> plaintext, ContentType type, LeafIndex leaf, uint generation)
    {
        var ratchet = type == ContentType.Application ? RatchetType.Application : RatchetType.Handshake;
        using var step = Tree.Take(leaf, ratchet, generation, stackalloc byte[RatchetStep.Room]);
        using var header = new TlsWriter();
        header.WriteOpaque(GroupId.Span);
        header.WriteUInt64(Context.Epoch);
        header.WriteUInt8((byte)type);
        byte[] ciphertext = Suite.Aead.Seal(step.RevealKey(), step.RevealNonce(), [.. header.Written, 0], plaintext);
        byte[] senderData = new SenderData(leaf, generation, 0).Seal(Suite, SenderDataSecret, ciphertext, header.Written);
        return new PrivateMessage(GroupId, Context.Epoch, type, default, senderData, ciphertext);
    }
}
