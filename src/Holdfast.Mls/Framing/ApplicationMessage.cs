using System.Buffers.Binary;
using Holdfast.Codec;
using Holdfast.Cryptography;

namespace Holdfast.Mls;

/// <summary>
/// RFC 9420 §6.3 for application messages, of which there are many: the bytes are those of <see cref="PrivateMessage"/>, made and read in
/// place, and nothing is allocated but what comes out.
/// </summary>
internal static class ApplicationMessage
{
    private const int HeaderStart = 4;   // version and wire format
    private const int SealedSenderDataSize = SenderData.Size + Aead.TagSize;

    /// <summary>Signs and encrypts, as an MLSMessage. The ratchet's step is the caller's.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The message is one that nobody would read.</exception>
    internal static byte[] Seal(
        EpochState epoch,
        RatchetStep step,
        ReadOnlySpan<byte> text,
        ReadOnlySpan<byte> authenticatedData,
        int paddingBlock,
        RandomSource random)
    {
        using var signed = Sign(epoch, text, authenticatedData);
        return Seal(epoch, step, signed, authenticatedData, paddingBlock, random);
    }

    /// <summary>Encrypts what <see cref="Sign"/> has made, which stays the caller's, as an MLSMessage.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The message is one that nobody would read.</exception>
    internal static byte[] Seal(
        EpochState epoch, RatchetStep step, TlsWriter plaintext, ReadOnlySpan<byte> authenticatedData, int paddingBlock, RandomSource random)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(paddingBlock);
        int beyond = paddingBlock > 1 ? plaintext.Length % paddingBlock : 0;
        if (beyond > 0) plaintext.Reserve(paddingBlock - beyond).Clear();
        using var message = new TlsWriter(plaintext.Length + authenticatedData.Length + epoch.Context.GroupId.Length + 128);
        message.WriteUInt16((ushort)ProtocolVersion.Mls10);
        message.WriteUInt16((ushort)WireFormat.PrivateMessage);
        message.WriteOpaque(epoch.Context.GroupId.Span);
        message.WriteUInt64(epoch.Context.Epoch);
        message.WriteUInt8((byte)ContentType.Application);
        int senderDataAad = message.Length;
        message.WriteOpaque(authenticatedData);
        int contentAad = message.Length;
        message.WriteLength(SealedSenderDataSize);
        int senderData = message.Length;
        message.Reserve(SealedSenderDataSize);
        message.WriteLength(plaintext.Length + Aead.TagSize);
        int ciphertext = message.Length;
        message.Reserve(plaintext.Length + Aead.TagSize);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(message.Length, MlsLimits.MaxMessageSize);
        byte[] output = message.ToArray();
        var sender = SenderData.Of(epoch.OwnLeaf, step, random);
        Span<byte> nonce = stackalloc byte[epoch.Suite.Aead.NonceSize];
        sender.GuardNonce(step, nonce);
        epoch.Suite.Aead.Seal(
            step.RevealKey(), nonce, output.AsSpan(HeaderStart..contentAad), plaintext.Written, output.AsSpan(ciphertext));
        sender.Seal(
            epoch.Suite,
            epoch.Secrets.SenderDataSecret,
            output.AsSpan(ciphertext),
            output.AsSpan(HeaderStart..senderDataAad),
            output.AsSpan(senderData, SealedSenderDataSize));
        return output;
    }

    /// <summary>
    /// Whether these bytes can be an application message of that epoch; if not, or if they are malformed, others say what they are.
    /// </summary>
    internal static bool IsOf(GroupContext context, ReadOnlySpan<byte> message)
    {
        var groupId = context.GroupId.Span;
        if (groupId.Length >= 64 || message.Length < HeaderStart + 1 + groupId.Length + 9 || message.Length > MlsLimits.MaxMessageSize)
            return false;
        return BinaryPrimitives.ReadUInt16BigEndian(message) == (ushort)ProtocolVersion.Mls10
            && BinaryPrimitives.ReadUInt16BigEndian(message[2..]) == (ushort)WireFormat.PrivateMessage
            && message[HeaderStart] == groupId.Length
            && message.Slice(HeaderStart + 1, groupId.Length).SequenceEqual(groupId)
            && BinaryPrimitives.ReadUInt64BigEndian(message[(HeaderStart + 1 + groupId.Length)..]) == context.Epoch
            && message[HeaderStart + 1 + groupId.Length + 8] == (byte)ContentType.Application;
    }

    /// <summary>Decrypts a message of which <see cref="IsOf"/> is true. Its signature is still to be verified.</summary>
    /// <exception cref="MlsException">It is no genuine message of this epoch, or it was opened before.</exception>
    /// <exception cref="CodecException">It is malformed.</exception>
    internal static OpenedMessage Open(EpochState epoch, SecretTree ratchets, ReadOnlySpan<byte> message)
    {
        var (suite, context) = (epoch.Suite, epoch.Context);
        var reader = new TlsReader(message);
        reader.ReadBytes(HeaderStart);
        reader.ReadOpaque();   // the group id
        reader.ReadBytes(sizeof(ulong) + 1);
        int senderDataAad = reader.Position;
        var authenticatedData = reader.ReadOpaque(MlsLimits.MaxAuthenticatedDataSize);
        int contentAad = reader.Position;
        var encryptedSenderData = reader.ReadOpaque(MlsLimits.MaxHashSize);
        var ciphertext = reader.ReadOpaque();
        reader.ExpectEnd();
        SafeAad.Check(context, authenticatedData);
        if (SenderData.Open(
            suite, epoch.Secrets.SenderDataSecret, ciphertext, message[HeaderStart..senderDataAad], encryptedSenderData) is not { } sender)
            throw PrivateMessage.Undecryptable();
        MlsException.Require(sender.Leaf != epoch.OwnLeaf, MlsError.OwnMessage, "the message is our own");
        var leaf = epoch.Tree.Leaf(sender.Leaf) ?? throw PrivateMessage.Undecryptable();   // §6.3.2: a blank leaf
        using var step = PrivateMessage.TakeKey(ratchets, RatchetType.Application, sender, stackalloc byte[RatchetStep.Room]);
        Span<byte> nonce = stackalloc byte[suite.Aead.NonceSize];
        sender.GuardNonce(step, nonce);
        using var plaintext = new TlsWriter(Math.Max(1, ciphertext.Length));
        var opened = plaintext.Reserve(Math.Max(0, ciphertext.Length - Aead.TagSize));
        if (!suite.Aead.TryOpen(step.RevealKey(), nonce, message[HeaderStart..contentAad], ciphertext, opened))
            throw PrivateMessage.Undecryptable();
        var content = new TlsReader(opened);
        var text = content.ReadOpaque();
        var signature = content.ReadOpaque(MlsLimits.MaxSignatureSize);
        MlsException.Require(
            !content.Rest.ContainsAnyExcept((byte)0), MlsError.Malformed, "RFC 9420 §6.3.1: padding is all zeros");
        var signed = Tbs(context, sender.Leaf, text, authenticatedData);
        signed.WriteBytes(signature);
        return new OpenedMessage(
            suite, sender.Leaf, leaf, authenticatedData.ToArray(), text.ToArray(), signed, signature.Length, step.Adopt());
    }

    /// <summary>RFC 9420 §6.3.1 PrivateMessageContent without its padding: the text and the signature of it all.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The data that is not encrypted is more than anyone would read.</exception>
    internal static TlsWriter Sign(EpochState epoch, ReadOnlySpan<byte> text, ReadOnlySpan<byte> authenticatedData)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(authenticatedData.Length, MlsLimits.MaxAuthenticatedDataSize);
        using var signed = Tbs(epoch.Context, epoch.OwnLeaf, text, authenticatedData);
        byte[] signature = epoch.SignatureKey.Sign(signed.Written);
        var plaintext = new TlsWriter(text.Length + signature.Length + 512);
        plaintext.WriteOpaque(text);
        plaintext.WriteOpaque(signature);
        return plaintext;
    }

    /// <summary>RFC 9420 §5.1.2 SignContent of §6.1 FramedContentTBS.</summary>
    private static TlsWriter Tbs(GroupContext context, LeafIndex sender, ReadOnlySpan<byte> text, ReadOnlySpan<byte> authenticatedData)
    {
        var writer = new TlsWriter(text.Length + authenticatedData.Length + 512);
        Labeled.WriteLabel(writer, Labels.FramedContent);
        int start = writer.Length;
        writer.WriteUInt16((ushort)ProtocolVersion.Mls10);
        writer.WriteUInt16((ushort)WireFormat.PrivateMessage);
        writer.WriteOpaque(context.GroupId.Span);
        writer.WriteUInt64(context.Epoch);
        writer.Write(Sender.Member(sender));
        writer.WriteOpaque(authenticatedData);
        writer.WriteUInt8((byte)ContentType.Application);
        writer.WriteOpaque(text);
        writer.Write(context);
        writer.PrefixLength(start);
        return writer;
    }
}
