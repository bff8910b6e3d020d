using System.Buffers.Binary;
using System.Globalization;
using Holdfast.Codec;

namespace Holdfast.Protocol;

/// <summary>What the identifiers have in common. Each has a type of its own, so that none passes for another.</summary>
public static class Id128
{
    /// <summary>The size of every identifier in bytes.</summary>
    public const int Size = 16;

    internal static UInt128 Read(ReadOnlySpan<byte> bytes) => bytes.Length == Size
        ? BinaryPrimitives.ReadUInt128BigEndian(bytes)
        : throw new CodecException("an identifier has 16 bytes");

    internal static byte[] Write(UInt128 value)
    {
        var bytes = new byte[Size];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, value);
        return bytes;
    }

    internal static UInt128? Parse(string text) =>
        text.Length == 2 * Size && UInt128.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value)
            ? value
            : null;
}
