using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Holdfast.Protocol;

namespace Holdfast.Server.Connections;

/// <summary>RFC 6455 §5.2: what a frame is.</summary>
internal enum Opcode
{
    /// <summary>The next part of a message.</summary>
    Continuation = 0,

    /// <summary>A message, or its first part.</summary>
    Binary = 2,

    /// <summary>Nothing more will come.</summary>
    Close = 8,

    /// <summary>Asks for a pong.</summary>
    Ping = 9,

    /// <summary>The peer is there.</summary>
    Pong = 10,
}

/// <summary>RFC 6455 §5.2: how a frame begins.</summary>
/// <param name="Opcode">What it is.</param>
/// <param name="IsLast">Whether its message ends with it.</param>
/// <param name="Size">How many bytes this beginning has.</param>
/// <param name="Length">How many bytes of content follow.</param>
/// <param name="Mask">What the content is masked with, in the order in which it lies there.</param>
internal readonly record struct WebSocketFrame(Opcode Opcode, bool IsLast, int Size, int Length, uint Mask)
{
    /// <summary>The most bytes a beginning has that the server writes.</summary>
    public const int MostBytes = 10;

    private const byte Last = 0x80, Reserved = 0x70, Masked = 0x80;
    private const int ControlBytes = 125, TwoBytes = 126, EightBytes = 127;

    /// <summary>Reads the beginning of a client's frame; false while not all of it is there.</summary>
    /// <exception cref="RefusalException">It is none, or announces more than the limit.</exception>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out WebSocketFrame frame)
    {
        frame = default;
        if (bytes.Length < 2) return false;
        // §5.1: a client masks. §5.2: no extension was agreed on, so that the reserved bits are 0.
        if ((bytes[1] & Masked) == 0 || (bytes[0] & Reserved) != 0) throw new RefusalException(RefusalCode.Malformed);
        int length = bytes[1] & ~Masked, size = 2 + sizeof(uint) + length switch { TwoBytes => 2, EightBytes => 8, _ => 0 };
        if (bytes.Length < size) return false;
        if (length >= TwoBytes) length = ReadLength(bytes[2..], length);
        frame = new((Opcode)(bytes[0] & 0xf), (bytes[0] & Last) != 0, size, length, MemoryMarshal.Read<uint>(bytes[(size - sizeof(uint))..]));
        bool isControl = frame.Opcode >= Opcode.Close;
        bool isKnown = frame.Opcode is Opcode.Continuation or Opcode.Binary or Opcode.Close or Opcode.Ping or Opcode.Pong;
        // §5.5: a control frame is short and in one piece.
        if (!isKnown || (isControl && (length > ControlBytes || !frame.IsLast))) throw new RefusalException(RefusalCode.Malformed);
        return true;
    }

    /// <summary>Writes the beginning of a whole message of the server's; returns its size.</summary>
    public static int Write(Span<byte> to, Opcode opcode, int length)
    {
        to[0] = (byte)(Last | (byte)opcode);
        if (length <= ControlBytes)
        {
            to[1] = (byte)length;
            return 2;
        }
        if (length <= ushort.MaxValue)
        {
            to[1] = TwoBytes;
            BinaryPrimitives.WriteUInt16BigEndian(to[2..], (ushort)length);
            return 4;
        }
        to[1] = EightBytes;
        BinaryPrimitives.WriteUInt64BigEndian(to[2..], (ulong)length);
        return 10;
    }

    /// <summary>§5.3: takes the mask off.</summary>
    public void Unmask(Span<byte> content)
    {
        ulong wide = ((ulong)Mask << 32) | Mask;
        var words = MemoryMarshal.Cast<byte, ulong>(content);
        for (int i = 0; i < words.Length; i++) words[i] ^= wide;
        Span<byte> mask = stackalloc byte[sizeof(uint)];
        MemoryMarshal.Write(mask, Mask);
        for (int i = words.Length * sizeof(ulong); i < content.Length; i++) content[i] ^= mask[i % mask.Length];
    }

    /// <summary>§5.2: the shortest form, and no more than a frame may have.</summary>
    private static int ReadLength(ReadOnlySpan<byte> bytes, int form)
    {
        ulong length = form == TwoBytes ? BinaryPrimitives.ReadUInt16BigEndian(bytes) : BinaryPrimitives.ReadUInt64BigEndian(bytes);
        if (length <= (form == TwoBytes ? (ulong)ControlBytes : ushort.MaxValue)) throw new RefusalException(RefusalCode.Malformed);
        if (length > ProtocolLimits.FrameBytes) throw new RefusalException(RefusalCode.TooLarge);
        return (int)length;
    }
}
