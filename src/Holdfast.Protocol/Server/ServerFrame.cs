using Holdfast.Codec;

namespace Holdfast.Protocol;

/// <summary>What the server sends on a device's connection, one structure per WebSocket frame.</summary>
public abstract record ServerFrame : ITlsStruct<ServerFrame>
{
    /// <inheritdoc/>
    public static ServerFrame Decode(ref TlsReader reader) => reader.ReadUInt8() switch
    {
        1 => Greeting.DecodeBody(ref reader),
        2 => LoggedIn.DecodeBody(ref reader),
        3 => Done.DecodeBody(ref reader),
        4 => Refused.DecodeBody(ref reader),
        5 => Subscribed.DecodeBody(ref reader),
        6 => Accepted.DecodeBody(ref reader),
        7 => HeadMoved.DecodeBody(ref reader),
        8 => Entries.DecodeBody(ref reader),
        9 => Behind.DecodeBody(ref reader),
        10 => InboxItems.DecodeBody(ref reader),
        _ => throw new CodecException("unknown kind of frame"),
    };

    /// <inheritdoc/>
    public abstract void Encode(TlsWriter writer);
}

/// <summary>The first frame: what the login must sign.</summary>
/// <param name="Nonce">Fresh for this connection.</param>
public sealed record Greeting(ReadOnlyMemory<byte> Nonce) : ServerFrame
{
    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(1);
        writer.WriteBytes(Nonce.Span);
    }

    internal static Greeting DecodeBody(ref TlsReader reader) => new(Wire.ReadNonce(ref reader));
}

/// <summary>The login is good.</summary>
/// <param name="Session">The bearer token for REST calls; it ends with the connection. Zeros on a delivery connection, which has none.</param>
/// <param name="KeyPackages">How many one-time key packages of this device are left; a delivery connection is not told.</param>
public sealed record LoggedIn(ReadOnlyMemory<byte> Session, ushort KeyPackages) : ServerFrame
{
    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(2);
        writer.WriteBytes(Session.Span);
        writer.WriteUInt16(KeyPackages);
    }

    internal static LoggedIn DecodeBody(ref TlsReader reader) => new(Wire.ReadNonce(ref reader), reader.ReadUInt16());
}

/// <summary>The request was carried out, durably where it stores something.</summary>
/// <param name="Request">Chosen by the client; the answer carries it.</param>
public sealed record Done(uint Request) : ServerFrame
{
    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(3);
        writer.WriteUInt32(Request);
    }

    internal static Done DecodeBody(ref TlsReader reader) => new(reader.ReadUInt32());
}

/// <summary>The request was not carried out and changed nothing. Request 0 is the connection itself, which then ends.</summary>
/// <param name="Request">Chosen by the client; the answer carries it.</param>
/// <param name="Code">Why.</param>
public sealed record Refused(uint Request, RefusalCode Code) : ServerFrame
{
    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(4);
        writer.WriteUInt32(Request);
        writer.WriteUInt8((byte)Code);
    }

    internal static Refused DecodeBody(ref TlsReader reader) => new(reader.ReadUInt32(), (RefusalCode)reader.ReadUInt8());
}

/// <summary>The subscription stands.</summary>
/// <param name="Request">Chosen by the client; the answer carries it.</param>
/// <param name="Head">The log's last position.</param>
public sealed record Subscribed(uint Request, ulong Head) : ServerFrame
{
    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(5);
        writer.WriteUInt32(Request);
        writer.WriteUInt64(Head);
    }

    internal static Subscribed DecodeBody(ref TlsReader reader) => new(reader.ReadUInt32(), reader.ReadUInt64());
}

/// <summary>The post is on disk.</summary>
/// <param name="Request">Chosen by the client; the answer carries it.</param>
/// <param name="Position">Its position.</param>
public sealed record Accepted(uint Request, ulong Position) : ServerFrame
{
    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(6);
        writer.WriteUInt32(Request);
        writer.WriteUInt64(Position);
    }

    internal static Accepted DecodeBody(ref TlsReader reader) => new(reader.ReadUInt32(), reader.ReadUInt64());
}

/// <summary>The post was refused: a commit has landed that its sender had not seen.</summary>
/// <param name="Request">Chosen by the client; the answer carries it.</param>
/// <param name="Head">The log's last position.</param>
public sealed record HeadMoved(uint Request, ulong Head) : ServerFrame
{
    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(7);
        writer.WriteUInt32(Request);
        writer.WriteUInt64(Head);
    }

    internal static HeadMoved DecodeBody(ref TlsReader reader) => new(reader.ReadUInt32(), reader.ReadUInt64());
}

/// <summary>Entries of one log, in order: an answer, or (request 0) a push.</summary>
/// <param name="Request">Chosen by the client; the answer carries it.</param>
/// <param name="Log">The log.</param>
/// <param name="Head">The log's last position.</param>
/// <param name="Items">The entries.</param>
public sealed record Entries(uint Request, LogId Log, ulong Head, IReadOnlyList<LogEntry> Items) : ServerFrame
{
    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(8);
        writer.WriteUInt32(Request);
        Log.Encode(writer);
        writer.WriteUInt64(Head);
        writer.WriteVector(Items);
    }

    internal static Entries DecodeBody(ref TlsReader reader) => new(
        reader.ReadUInt32(), LogId.Decode(ref reader), reader.ReadUInt64(), reader.ReadVector<LogEntry>(ProtocolLimits.EntriesPerRead));
}

/// <summary>The connection was too slow for pushes: read the log.</summary>
/// <param name="Log">The log.</param>
/// <param name="Head">The log's last position.</param>
public sealed record Behind(LogId Log, ulong Head) : ServerFrame
{
    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(9);
        Log.Encode(writer);
        writer.WriteUInt64(Head);
    }

    internal static Behind DecodeBody(ref TlsReader reader) => new(LogId.Decode(ref reader), reader.ReadUInt64());
}

/// <summary>What waits in the inbox: an answer, or (request 0) a push of what just arrived.</summary>
/// <param name="Request">Chosen by the client; the answer carries it.</param>
/// <param name="Items">The items.</param>
public sealed record InboxItems(uint Request, IReadOnlyList<InboxItem> Items) : ServerFrame
{
    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(10);
        writer.WriteUInt32(Request);
        writer.WriteVector(Items);
    }

    internal static InboxItems DecodeBody(ref TlsReader reader) => new(reader.ReadUInt32(), reader.ReadVector<InboxItem>());
}
