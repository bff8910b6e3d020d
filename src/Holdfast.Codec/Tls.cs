using System.Text;

namespace Holdfast.Codec;

/// <summary>Whole structures to bytes and back.</summary>
public static class Tls
{
    /// <summary>Text that is not well-formed is refused in either direction, never mended: it may be under a signature.</summary>
    internal static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The encoding of one structure.</summary>
    public static byte[] Encode<T>(T value) where T : ITlsStruct<T>
    {
        using var writer = new TlsWriter();
        value.Encode(writer);
        return writer.ToArray();
    }

    /// <summary>Reads one structure that must fill the input to its last byte.</summary>
    /// <exception cref="CodecException">The bytes are malformed, or some are left over.</exception>
    public static T Decode<T>(ReadOnlySpan<byte> input) where T : ITlsStruct<T>
    {
        var reader = new TlsReader(input);
        T value = T.Decode(ref reader);
        reader.ExpectEnd();
        return value;
    }
}
