using System.Buffers;
using System.Buffers.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Holdfast.Client;

/// <summary>Reads a passcode into memory that the garbage collector does not move, so that wiping it wipes the only copy.</summary>
internal sealed class PinnedBytesConverter : JsonConverter<byte[]>
{
    public override byte[] Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.String || reader.HasValueSequence || reader.ValueIsEscaped)
            throw new JsonException("these are no bytes");
        var digits = reader.ValueSpan;
        int length = (digits.Length / 4 * 3) - (digits.EndsWith("=="u8) ? 2 : digits.EndsWith("="u8) ? 1 : 0);
        byte[] bytes = GC.AllocateUninitializedArray<byte>(length, pinned: length > 0);
        return Base64.DecodeFromUtf8(digits, bytes, out int consumed, out int written) == OperationStatus.Done && consumed == digits.Length && written == length
            ? bytes : throw new JsonException("these are no bytes");
    }

    public override void Write(Utf8JsonWriter writer, byte[] value, JsonSerializerOptions options) => writer.WriteBase64StringValue(value);
}
