using Holdfast.Codec;

namespace Holdfast.Protocol;

/// <summary>Names one inbox item, chosen by the server: 16 random bytes.</summary>
public readonly record struct InboxItemId(UInt128 Value) : ITlsStruct<InboxItemId>
{
    /// <summary>The id of 16 bytes.</summary>
    public static InboxItemId Of(ReadOnlySpan<byte> bytes) => new(Id128.Read(bytes));

    /// <summary>The id of its 32 hexadecimal digits, or null.</summary>
    public static InboxItemId? Parse(string text) => Id128.Parse(text) is { } value ? new(value) : null;

    /// <inheritdoc/>
    public static InboxItemId Decode(ref TlsReader reader) => Of(reader.ReadBytes(Id128.Size));

    /// <inheritdoc/>
    public void Encode(TlsWriter writer) => writer.WriteBytes(ToBytes());

    /// <summary>The 16 bytes.</summary>
    public byte[] ToBytes() => Id128.Write(Value);

    /// <summary>32 hexadecimal digits.</summary>
    public override string ToString() => Convert.ToHexStringLower(ToBytes());
}
