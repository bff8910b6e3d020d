using System.Formats.Cbor;

namespace Holdfast.Protocol;

/// <summary>draft-ietf-mimi-content §4.3: something more that a message says.</summary>
/// <param name="Key">Which.</param>
/// <param name="Value">One CBOR item in its deterministic encoding.</param>
public sealed record ContentExtension(ExtensionKey Key, ReadOnlyMemory<byte> Value)
{
    /// <summary>An extension that is text.</summary>
    public static ContentExtension OfText(ExtensionKey key, string text) => Of(key, writer => writer.WriteTextString(text));

    /// <summary>An extension that is bytes.</summary>
    public static ContentExtension OfBytes(ExtensionKey key, ReadOnlyMemory<byte> bytes) => Of(key, writer => writer.WriteByteString(bytes.Span));

    /// <summary>An extension that is a number.</summary>
    public static ContentExtension OfNumber(ExtensionKey key, ulong number) => Of(key, writer => writer.WriteUInt64(number));

    /// <summary>The text, or null where it is something else.</summary>
    public string? AsText() => Reader(CborReaderState.TextString)?.ReadTextString();

    /// <summary>The bytes, or null where it is something else.</summary>
    public ReadOnlyMemory<byte>? AsBytes() => Reader(CborReaderState.ByteString)?.ReadDefiniteLengthByteString();

    /// <summary>The number, or null where it is something else.</summary>
    public ulong? AsNumber() => Reader(CborReaderState.UnsignedInteger)?.ReadUInt64();

    /// <summary>Which extension and how large, not what it says.</summary>
    public override string ToString() => $"ContentExtension({Key}, {Value.Length} bytes)";

    private static ContentExtension Of(ExtensionKey key, Action<CborWriter> write)
    {
        var writer = new CborWriter(CborConformanceMode.Strict);
        write(writer);
        return new(key, writer.Encode());
    }

    private CborReader? Reader(CborReaderState expected)
    {
        var reader = new CborReader(Value, CborConformanceMode.Strict);
        return reader.PeekState() == expected ? reader : null;
    }
}
