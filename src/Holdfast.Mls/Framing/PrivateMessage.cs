using System.Security.Cryptography;
using Holdfast.Codec;
using Holdfast.Cryptography;

namespace Holdfast.Mls;

/// <summary>RFC 9420 §6.3: a message that is signed and encrypted.</summary>
public sealed record PrivateMessage(
    ReadOnlyMemory<byte> GroupId,
    ulong Epoch,
    ContentType ContentType,
    ReadOnlyMemory<byte> AuthenticatedData,
    ReadOnlyMemory<byte> EncryptedSenderData,
    ReadOnlyMemory<byte> Ciphertext)
    : ITlsStruct<PrivateMessage>
{
    /// <summary>RFC 9420 §6.3: encrypts signed content under the sender's next key.</summary>
    /// <returns>The message, and the tree that no longer has the key. Keep that tree even if the message is never sent.</returns>
    public static ProtectedContent Protect(
        CipherSuite suite, SecretTree tree, Secret senderDataSecret, AuthenticatedContent content, int paddingBlock, RandomSource random)
    {
        if (content.WireFormat != WireFormat.PrivateMessage)
            throw new ArgumentException("the content was not signed as a private message", nameof(content));
        ArgumentOutOfRangeException.ThrowIfNegative(paddingBlock);
        var framed = content.Content;
        using var step = tree.Next(framed.Sender.Leaf, RatchetOf(framed.Content.Type), stackalloc byte[RatchetStep.Room]);
        var sender = SenderData.Of(framed.Sender.Leaf, step, random);
        var header = new PrivateMessage(framed.GroupId, framed.Epoch, framed.Content.Type, framed.AuthenticatedData, default, default);
        var ciphertext = header.SealContent(suite, step, sender, content, paddingBlock);
        using var associated = header.SenderDataAad();
        var senderData = sender.Seal(suite, senderDataSecret, ciphertext, associated.Written);
        return new ProtectedContent(header with { EncryptedSenderData = senderData, Ciphertext = ciphertext }, step.Adopt());
    }

    /// <summary>RFC 9420 §6.3: decrypts, and checks who sent the message.</summary>
    /// <param name="suite">The group's suite.</param>
    /// <param name="context">The epoch of the message.</param>
    /// <param name="tree">The epoch's keys; whatever happens this tree stays as it is.</param>
    /// <param name="senderDataSecret">The epoch's sender data secret.</param>
    /// <param name="signatureKeys">The keys of the epoch's members; null for a blank leaf.</param>
    /// <returns>The content, and the tree that no longer has its key.</returns>
    /// <exception cref="MlsException">The message is no genuine message of this epoch, or it was opened before.</exception>
    /// <exception cref="CodecException">A member encrypted something malformed.</exception>
    public UnprotectedContent Unprotect(
        CipherSuite suite, GroupContext context, SecretTree tree, Secret senderDataSecret, SignatureKeyLookup signatureKeys)
    {
        FramingRules.CheckEpoch(context, GroupId.Span, Epoch);
        var sender = OpenSenderData(suite, senderDataSecret) ?? throw Undecryptable();
        if (signatureKeys(Sender.Member(sender.Leaf)) is not { IsEmpty: false } key) throw Undecryptable();   // §6.3.2: a blank leaf
        using var step = TakeKey(tree, RatchetOf(ContentType), sender, stackalloc byte[RatchetStep.Room]);
        var content = OpenContent(suite, step, sender);
        content.CheckSignature(suite, context, key);
        return new UnprotectedContent(content, step.Adopt());
    }

    /// <inheritdoc/>
    public void Encode(TlsWriter writer)
    {
        EncodeHeader(writer);
        writer.WriteOpaque(AuthenticatedData.Span);
        writer.WriteOpaque(EncryptedSenderData.Span);
        writer.WriteOpaque(Ciphertext.Span);
    }

    /// <inheritdoc/>
    public static PrivateMessage Decode(ref TlsReader reader) => new(
        reader.ReadOpaque(MlsLimits.MaxGroupIdSize).ToArray(),
        reader.ReadUInt64(),
        Content.DecodeType(ref reader),
        reader.ReadOpaque(MlsLimits.MaxAuthenticatedDataSize).ToArray(),
        reader.ReadOpaque(MlsLimits.MaxHashSize).ToArray(),
        reader.ReadOpaque().ToArray());

    private static RatchetType RatchetOf(ContentType type) =>
        type == ContentType.Application ? RatchetType.Application : RatchetType.Handshake;

    /// <summary>One answer to every way of failing to decrypt, so that the answer tells a forger nothing.</summary>
    internal static MlsException Undecryptable() => new(MlsError.Undecryptable, "RFC 9420 §6.3: the message cannot be decrypted");

    private SenderData? OpenSenderData(CipherSuite suite, Secret senderDataSecret)
    {
        using var associated = SenderDataAad();
        return SenderData.Open(suite, senderDataSecret, Ciphertext.Span, associated.Written, EncryptedSenderData.Span);
    }

    /// <exception cref="MlsException">There is no such key, or it was used before: that looks like any other failure.</exception>
    internal static RatchetStep TakeKey(SecretTree tree, RatchetType type, SenderData sender, Span<byte> room)
    {
        try { return tree.Take(sender.Leaf, type, sender.Generation, room); }
        catch (MlsException) { throw Undecryptable(); }
    }

    private byte[] SealContent(CipherSuite suite, RatchetStep step, SenderData sender, AuthenticatedContent content, int paddingBlock)
    {
        using var plaintext = new TlsWriter(512);
        PrivateMessageContent.Encode(plaintext, content.Content.Content, content.Auth, paddingBlock);
        using var associated = ContentAad();
        Span<byte> nonce = stackalloc byte[suite.Aead.NonceSize];
        sender.GuardNonce(step, nonce);
        return suite.Aead.Seal(step.RevealKey(), nonce, associated.Written, plaintext.Written);
    }

    private AuthenticatedContent OpenContent(CipherSuite suite, RatchetStep step, SenderData sender)
    {
        using var associated = ContentAad();
        Span<byte> nonce = stackalloc byte[suite.Aead.NonceSize];
        sender.GuardNonce(step, nonce);
        var plaintext = suite.Aead.Open(step.RevealKey(), nonce, associated.Written, Ciphertext.Span) ?? throw Undecryptable();
        try
        {
            var (content, auth) = PrivateMessageContent.Decode(plaintext, ContentType);
            var framed = new FramedContent(GroupId, Epoch, Sender.Member(sender.Leaf), AuthenticatedData, content);
            return new AuthenticatedContent(WireFormat.PrivateMessage, framed, auth);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(plaintext);
        }
    }

    /// <summary>RFC 9420 §6.3.2 SenderDataAAD.</summary>
    private TlsWriter SenderDataAad()
    {
        var writer = new TlsWriter(GroupId.Length + 16);
        EncodeHeader(writer);
        return writer;
    }

    /// <summary>RFC 9420 §6.3.1 PrivateContentAAD.</summary>
    private TlsWriter ContentAad()
    {
        var writer = new TlsWriter(GroupId.Length + AuthenticatedData.Length + 24);
        EncodeHeader(writer);
        writer.WriteOpaque(AuthenticatedData.Span);
        return writer;
    }

    private void EncodeHeader(TlsWriter writer)
    {
        writer.WriteOpaque(GroupId.Span);
        writer.WriteUInt64(Epoch);
        writer.WriteUInt8((byte)ContentType);
    }
}

/// <summary>An encrypted message, and the secret tree that no longer has its key.</summary>
public sealed record ProtectedContent(PrivateMessage Message, SecretTree Next);

/// <summary>A decrypted message, and the secret tree that no longer has its key.</summary>
public sealed record UnprotectedContent(AuthenticatedContent Content, SecretTree Next);
