using System.Buffers.Binary;
using Holdfast.Codec;

namespace Holdfast.Protocol;

/// <summary>The pipe between Client and vault: a four-byte length, then one <see cref="VaultCall"/> or <see cref="VaultReply"/>.</summary>
public static class VaultFrame
{
    /// <summary>The size of the length in bytes.</summary>
    public const int HeaderBytes = 4;

    /// <summary>A whole frame.</summary>
    public static byte[] Wrap<T>(T value) where T : ITlsStruct<T>
    {
        using var writer = new TlsWriter();
        writer.WriteUInt32(0);
        value.Encode(writer);
        byte[] frame = writer.ToArray();
        BinaryPrimitives.WriteUInt32BigEndian(frame, (uint)(frame.Length - HeaderBytes));
        return frame;
    }

    /// <summary>The length a header announces, checked before anything is allocated.</summary>
    /// <exception cref="CodecException">It is zero or over the limit.</exception>
    public static int ReadLength(ReadOnlySpan<byte> header)
    {
        uint length = BinaryPrimitives.ReadUInt32BigEndian(header);
        if (length is 0 or > ProtocolLimits.VaultFrameBytes) throw new CodecException("a frame of the vault's pipe is empty or too long");
        return (int)length;
    }
}
