using System.Buffers.Binary;
using Holdfast.Codec;

namespace Holdfast.Protocol;

/// <summary>The pipe to a token host: a four-byte length, the version, then one <see cref="TokenCall"/> or <see cref="TokenReply"/>.</summary>
public static class TokenFrame
{
    /// <summary>The size of the length in bytes.</summary>
    public const int HeaderBytes = 4;

    /// <summary>A whole frame, which the garbage collector does not copy: a token PIN may be in it, and wiping it is the caller's.</summary>
    public static byte[] Wrap<T>(T value) where T : ITlsStruct<T>
    {
        using var writer = new TlsWriter(capacity: 2048, pinned: true);
        writer.WriteUInt32(0);
        writer.WriteUInt8(TokenLimits.Version);
        value.Encode(writer);
        byte[] frame = GC.AllocateUninitializedArray<byte>(writer.Length, pinned: true);
        writer.Written.CopyTo(frame);
        BinaryPrimitives.WriteUInt32BigEndian(frame, (uint)(frame.Length - HeaderBytes));
        return frame;
    }

    /// <summary>The length a header announces, checked before anything is allocated.</summary>
    /// <exception cref="CodecException">It is zero or over the limit.</exception>
    public static int ReadLength(ReadOnlySpan<byte> header)
    {
        uint length = BinaryPrimitives.ReadUInt32BigEndian(header);
        if (length is 0 or > TokenLimits.FrameBytes) throw new CodecException("a frame of the token host's pipe is empty or too long");
        return (int)length;
    }

    /// <summary>Reads what is behind the header.</summary>
    /// <exception cref="CodecException">It is malformed, or of another version.</exception>
    public static T Read<T>(ReadOnlySpan<byte> body) where T : ITlsStruct<T>
    {
        var reader = new TlsReader(body);
        if (reader.ReadUInt8() != TokenLimits.Version) throw new CodecException("the token host is of another version");
        T value = T.Decode(ref reader);
        reader.ExpectEnd();
        return value;
    }
}
