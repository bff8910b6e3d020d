using Holdfast.Codec;
using Holdfast.Protocol;

namespace Holdfast.Vault;

/// <summary>What devices send to each other's inboxes, sealed. A kind of its own for each purpose; none passes for another.</summary>
internal abstract record SealedItem : ITlsStruct<SealedItem>
{
    /// <inheritdoc/>
    public static SealedItem Decode(ref TlsReader reader)
    {
        FormatVersion.Read(ref reader);
        return reader.ReadUInt8() switch
        {
            1 => WelcomeItem.DecodeBody(ref reader),
            2 => IntroductionItem.DecodeBody(ref reader),
            3 => RejoinItem.DecodeBody(ref reader),
            _ => throw new CodecException("unknown kind of inbox item"),
        };
    }

    /// <inheritdoc/>
    public abstract void Encode(TlsWriter writer);

    private protected static void Start(TlsWriter writer, byte kind)
    {
        FormatVersion.Write(writer);
        writer.WriteUInt8(kind);
    }
}

/// <summary>You have been added to a conversation.</summary>
/// <param name="Log">Its log.</param>
/// <param name="Position">The last position before the commit that the adder knew.</param>
/// <param name="Commit">The post that carries the commit: what comes before it is not for the joiner.</param>
/// <param name="Welcome">The MLS Welcome, an MLSMessage with the ratchet tree inside.</param>
/// <param name="Cards">Who is in it.</param>
internal sealed record WelcomeItem(LogId Log, ulong Position, MessageId Commit, ReadOnlyMemory<byte> Welcome, IReadOnlyList<Card> Cards) : SealedItem
{
    public override void Encode(TlsWriter writer)
    {
        Start(writer, 1);
        Log.Encode(writer);
        writer.WriteUInt64(Position);
        Commit.Encode(writer);
        writer.WriteOpaque(Welcome.Span);
        writer.WriteVector(Cards);
    }

    internal static WelcomeItem DecodeBody(ref TlsReader reader) => new(
        LogId.Decode(ref reader), reader.ReadUInt64(), MessageId.Decode(ref reader), reader.ReadOpaque().ToArray(), reader.ReadVector<Card>());
}

/// <summary>This is who I am; with the tag where you have invited me.</summary>
/// <param name="Card">The sender's card.</param>
/// <param name="InviteToken">The token of the invite the sender knows us by, or empty.</param>
/// <param name="Tag">HMAC of the card under the invite's introduction key, or empty.</param>
internal sealed record IntroductionItem(Card Card, ReadOnlyMemory<byte> InviteToken, ReadOnlyMemory<byte> Tag) : SealedItem
{
    public override void Encode(TlsWriter writer)
    {
        Start(writer, 2);
        Card.Encode(writer);
        writer.WriteOpaque(InviteToken.Span);
        writer.WriteOpaque(Tag.Span);
    }

    internal static IntroductionItem DecodeBody(ref TlsReader reader) =>
        new(Card.Decode(ref reader), reader.ReadOpaque(InviteSecret.TokenBytes).ToArray(), reader.ReadOpaque(ProtocolLimits.DigestBytes).ToArray());
}

/// <summary>I could not follow a change: please add me again with this key package.</summary>
/// <param name="Log">The conversation.</param>
/// <param name="Leaf">The encryption key of the leaf to be replaced: once it is, the request is spent.</param>
/// <param name="Position">
/// How far the device has seen the log. One that is behind need not know its present leaf: then it has to have seen the last commit, and once
/// there is another, the request is spent.
/// </param>
/// <param name="KeyPackage">A fresh key package.</param>
/// <param name="Signature">By the device's leaf key over all four.</param>
internal sealed record RejoinItem(
    LogId Log, ReadOnlyMemory<byte> Leaf, ulong Position, ReadOnlyMemory<byte> KeyPackage, ReadOnlyMemory<byte> Signature) : SealedItem
{
    public override void Encode(TlsWriter writer)
    {
        Start(writer, 3);
        Log.Encode(writer);
        writer.WriteOpaque(Leaf.Span);
        writer.WriteUInt64(Position);
        writer.WriteOpaque(KeyPackage.Span);
        writer.WriteOpaque(Signature.Span);
    }

    internal static RejoinItem DecodeBody(ref TlsReader reader) => new(
        LogId.Decode(ref reader), reader.ReadOpaque(ProtocolLimits.EncryptionKeyBytes).ToArray(), reader.ReadUInt64(),
        reader.ReadOpaque(ProtocolLimits.KeyPackageBytes).ToArray(), reader.ReadOpaque(ProtocolLimits.SignatureBytes).ToArray());

    internal static byte[] ToBeSigned(LogId log, ReadOnlySpan<byte> leaf, ulong position, ReadOnlySpan<byte> keyPackage)
    {
        var writer = new TlsWriter();
        writer.WriteText("Holdfast 1 rejoin");
        log.Encode(writer);
        writer.WriteOpaque(leaf);
        writer.WriteUInt64(position);
        writer.WriteOpaque(keyPackage);
        return writer.ToArray();
    }
}
