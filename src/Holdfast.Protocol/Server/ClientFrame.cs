using Holdfast.Codec;

namespace Holdfast.Protocol;

/// <summary>What a device sends on its connection, one structure per WebSocket frame.</summary>
public abstract record ClientFrame : ITlsStruct<ClientFrame>
{
    /// <inheritdoc/>
    public static ClientFrame Decode(ref TlsReader reader) => reader.ReadUInt8() switch
    {
        1 => Login.DecodeBody(ref reader),
        2 => CreateLog.DecodeBody(ref reader),
        3 => Subscribe.DecodeBody(ref reader),
        4 => Unsubscribe.DecodeBody(ref reader),
        5 => ReadLog.DecodeBody(ref reader),
        6 => SubmitPost.DecodeBody(ref reader),
        7 => ReadInbox.DecodeBody(ref reader),
        8 => InboxDone.DecodeBody(ref reader),
        9 => SubmitDeliveries.DecodeBody(ref reader),
        10 => DeliveryLogin.DecodeBody(ref reader),
        _ => throw new CodecException("unknown kind of frame"),
    };

    /// <inheritdoc/>
    public abstract void Encode(TlsWriter writer);
}

/// <summary>The first frame: proves which device this is.</summary>
/// <param name="Device">The device.</param>
/// <param name="Counter">Higher than at any login before: a copied profile falls behind and is noticed.</param>
/// <param name="Signature">By the device's login key over <see cref="SignedTexts.Login"/>.</param>
public sealed record Login(DeviceId Device, ulong Counter, ReadOnlyMemory<byte> Signature) : ClientFrame
{
    /// <summary>The public key by which a locked device may fetch from now on; empty for none.</summary>
    public ReadOnlyMemory<byte> DeliveryKey { get; init; }

    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(1);
        EncodeBody(writer);
    }

    internal static Login DecodeBody(ref TlsReader reader) => new(DeviceId.Decode(ref reader), reader.ReadUInt64(), Wire.ReadSignature(ref reader))
    {
        DeliveryKey = Wire.ReadOptionalKey(ref reader),
    };

    internal void EncodeBody(TlsWriter writer)
    {
        Device.Encode(writer);
        writer.WriteUInt64(Counter);
        writer.WriteBytes(Signature.Span);
        writer.WriteOpaque(DeliveryKey.Span);
    }
}

/// <summary>
/// The first frame of a locked device: the connection subscribes and reads, and changes nothing. It has no part in the login counter, since
/// nothing is sealed behind it, and leaves the device's other connection as it is.
/// </summary>
/// <param name="Device">The device.</param>
/// <param name="Signature">By the device's delivery key over <see cref="SignedTexts.DeliveryLogin"/>.</param>
public sealed record DeliveryLogin(DeviceId Device, ReadOnlyMemory<byte> Signature) : ClientFrame
{
    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(10);
        Device.Encode(writer);
        writer.WriteBytes(Signature.Span);
    }

    internal static DeliveryLogin DecodeBody(ref TlsReader reader) => new(DeviceId.Decode(ref reader), Wire.ReadSignature(ref reader));
}

/// <summary>Makes an empty log; doing it twice with the same key is doing it once.</summary>
/// <param name="Request">Chosen by the client; the answer carries it.</param>
/// <param name="Log">The log.</param>
/// <param name="AccessKey">The first epoch's public access key.</param>
public sealed record CreateLog(uint Request, LogId Log, ReadOnlyMemory<byte> AccessKey) : ClientFrame
{
    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(2);
        writer.WriteUInt32(Request);
        Log.Encode(writer);
        writer.WriteBytes(AccessKey.Span);
    }

    internal static CreateLog DecodeBody(ref TlsReader reader) => new(
        reader.ReadUInt32(), LogId.Decode(ref reader), Wire.ReadPublicKey(ref reader));
}

/// <summary>Opens a log on this connection for reading, posting and pushes; on a delivery connection not for posting.</summary>
/// <param name="Request">Chosen by the client; the answer carries it.</param>
/// <param name="Log">The log.</param>
/// <param name="AccessKey">A public access key of the log.</param>
/// <param name="Signature">By that key over <see cref="SignedTexts.Subscription"/>; on a delivery connection over <see cref="SignedTexts.ReadingGrant"/>.</param>
public sealed record Subscribe(uint Request, LogId Log, ReadOnlyMemory<byte> AccessKey, ReadOnlyMemory<byte> Signature) : ClientFrame
{
    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(3);
        writer.WriteUInt32(Request);
        Log.Encode(writer);
        writer.WriteBytes(AccessKey.Span);
        writer.WriteBytes(Signature.Span);
    }

    internal static Subscribe DecodeBody(ref TlsReader reader) => new(
        reader.ReadUInt32(), LogId.Decode(ref reader), Wire.ReadPublicKey(ref reader), Wire.ReadSignature(ref reader));
}

/// <summary>Ends a subscription.</summary>
/// <param name="Log">The log.</param>
public sealed record Unsubscribe(LogId Log) : ClientFrame
{
    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(4);
        Log.Encode(writer);
    }

    internal static Unsubscribe DecodeBody(ref TlsReader reader) => new(LogId.Decode(ref reader));
}

/// <summary>Asks for entries behind a position, in order, as many as fit one answer.</summary>
/// <param name="Request">Chosen by the client; the answer carries it.</param>
/// <param name="Log">The log.</param>
/// <param name="After">The last position the device has.</param>
public sealed record ReadLog(uint Request, LogId Log, ulong After) : ClientFrame
{
    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(5);
        writer.WriteUInt32(Request);
        Log.Encode(writer);
        writer.WriteUInt64(After);
    }

    internal static ReadLog DecodeBody(ref TlsReader reader) => new(
        reader.ReadUInt32(), LogId.Decode(ref reader), reader.ReadUInt64());
}

/// <summary>Appends to a log.</summary>
/// <param name="Request">Chosen by the client; the answer carries it.</param>
/// <param name="Post">What to append.</param>
public sealed record SubmitPost(uint Request, Post Post) : ClientFrame
{
    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(6);
        writer.WriteUInt32(Request);
        Post.Encode(writer);
    }

    internal static SubmitPost DecodeBody(ref TlsReader reader) => new(reader.ReadUInt32(), Post.Decode(ref reader));
}

/// <summary>Asks for what waits in this device's inbox.</summary>
/// <param name="Request">Chosen by the client; the answer carries it.</param>
public sealed record ReadInbox(uint Request) : ClientFrame
{
    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(7);
        writer.WriteUInt32(Request);
    }

    internal static ReadInbox DecodeBody(ref TlsReader reader) => new(reader.ReadUInt32());
}

/// <summary>Says which inbox items have been dealt with and may go.</summary>
/// <param name="Request">Chosen by the client; the answer carries it.</param>
/// <param name="Items">The items.</param>
public sealed record InboxDone(uint Request, IReadOnlyList<InboxItemId> Items) : ClientFrame
{
    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(8);
        writer.WriteUInt32(Request);
        writer.WriteVector(Items);
    }

    internal static InboxDone DecodeBody(ref TlsReader reader) => new(reader.ReadUInt32(), reader.ReadVector<InboxItemId>());
}

/// <summary>Files sealed items into inboxes, outside any log.</summary>
/// <param name="Request">Chosen by the client; the answer carries it.</param>
/// <param name="Deliveries">The items.</param>
public sealed record SubmitDeliveries(uint Request, IReadOnlyList<Delivery> Deliveries) : ClientFrame
{
    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(9);
        writer.WriteUInt32(Request);
        writer.WriteVector(Deliveries);
    }

    internal static SubmitDeliveries DecodeBody(ref TlsReader reader) => new(
        reader.ReadUInt32(), reader.ReadVector<Delivery>(ProtocolLimits.Deliveries));
}
