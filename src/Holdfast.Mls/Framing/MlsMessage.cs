using Holdfast.Codec;

namespace Holdfast.Mls;

/// <summary>RFC 9420 §6: whatever crosses the wire; exactly one of the five is there.</summary>
public sealed record MlsMessage : ITlsStruct<MlsMessage>
{
    /// <summary>A message in the clear.</summary>
    public MlsMessage(PublicMessage message) => (WireFormat, PublicMessage) = (WireFormat.PublicMessage, message);

    /// <summary>An encrypted message.</summary>
    public MlsMessage(PrivateMessage message) => (WireFormat, PrivateMessage) = (WireFormat.PrivateMessage, message);

    /// <summary>A welcome.</summary>
    public MlsMessage(Welcome welcome) => (WireFormat, Welcome) = (WireFormat.Welcome, welcome);

    /// <summary>A group's state for those outside it.</summary>
    public MlsMessage(GroupInfo groupInfo) => (WireFormat, GroupInfo) = (WireFormat.GroupInfo, groupInfo);

    /// <summary>A key package.</summary>
    public MlsMessage(KeyPackage keyPackage) => (WireFormat, KeyPackage) = (WireFormat.KeyPackage, keyPackage);

    /// <summary>Which of the five it is.</summary>
    public WireFormat WireFormat { get; }

    /// <summary>There for <see cref="WireFormat.PublicMessage"/>.</summary>
    public PublicMessage? PublicMessage { get; }

    /// <summary>There for <see cref="WireFormat.PrivateMessage"/>.</summary>
    public PrivateMessage? PrivateMessage { get; }

    /// <summary>There for <see cref="WireFormat.Welcome"/>.</summary>
    public Welcome? Welcome { get; }

    /// <summary>There for <see cref="WireFormat.GroupInfo"/>.</summary>
    public GroupInfo? GroupInfo { get; }

    /// <summary>There for <see cref="WireFormat.KeyPackage"/>.</summary>
    public KeyPackage? KeyPackage { get; }

    /// <summary>
    /// The group that a <see cref="PublicMessage"/> or <see cref="PrivateMessage"/> says it is for, not verified yet; else null.
    /// </summary>
    public ReadOnlyMemory<byte>? GroupId => PublicMessage?.Content.GroupId ?? PrivateMessage?.GroupId;

    /// <summary>
    /// The epoch that a <see cref="PublicMessage"/> or <see cref="PrivateMessage"/> says it is of, not verified yet; else null.
    /// </summary>
    public ulong? Epoch => PublicMessage?.Content.Epoch ?? PrivateMessage?.Epoch;

    /// <inheritdoc/>
    public void Encode(TlsWriter writer)
    {
        writer.WriteUInt16((ushort)ProtocolVersion.Mls10);
        writer.WriteUInt16((ushort)WireFormat);
        PublicMessage?.Encode(writer);
        PrivateMessage?.Encode(writer);
        Welcome?.Encode(writer);
        GroupInfo?.Encode(writer);
        KeyPackage?.Encode(writer);
    }

    /// <inheritdoc/>
    public static MlsMessage Decode(ref TlsReader reader)
    {
        if (reader.Remaining > MlsLimits.MaxMessageSize) throw new CodecException("the message is larger than we allow");
        if ((ProtocolVersion)reader.ReadUInt16() != ProtocolVersion.Mls10)
            throw new CodecException("RFC 9420 §6: the protocol version is not mls10");
        return (WireFormat)reader.ReadUInt16() switch
        {
            WireFormat.PublicMessage => new MlsMessage(PublicMessage.Decode(ref reader)),
            WireFormat.PrivateMessage => new MlsMessage(PrivateMessage.Decode(ref reader)),
            WireFormat.Welcome => new MlsMessage(Welcome.Decode(ref reader)),
            WireFormat.GroupInfo => new MlsMessage(GroupInfo.Decode(ref reader)),
            WireFormat.KeyPackage => new MlsMessage(DecodeKeyPackage(ref reader)),
            _ => throw new CodecException("RFC 9420 §6: unknown wire format"),
        };
    }

    /// <summary>RFC 9420 §10: a key package has the version of the message it comes in.</summary>
    private static KeyPackage DecodeKeyPackage(ref TlsReader reader)
    {
        var keyPackage = KeyPackage.Decode(ref reader);
        if (keyPackage.Version != ProtocolVersion.Mls10)
            throw new CodecException("RFC 9420 §10: the key package's version is not the message's");
        return keyPackage;
    }
}
