using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Holdfast.Client;

/// <summary>The socket between a face and the agent: a four-byte length, then one JSON object.</summary>
internal static class FaceFrame
{
    /// <summary>The most bytes of one object.</summary>
    internal const int MaxBytes = 8 << 20;

    private const int HeaderBytes = 4;

    internal static async ValueTask WriteAsync<T>(Stream stream, T value, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(value, type), frame = new byte[HeaderBytes + json.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame, json.Length);
        json.CopyTo(frame, HeaderBytes);
        try { await stream.WriteAsync(frame, cancellationToken); }
        finally
        {
            CryptographicOperations.ZeroMemory(json);   // a passcode may be in it
            CryptographicOperations.ZeroMemory(frame);
        }
    }

    /// <summary>The next object, or null where the other side has hung up.</summary>
    /// <exception cref="InvalidDataException">The bytes are not a frame.</exception>
    internal static async ValueTask<T?> ReadAsync<T>(Stream stream, JsonTypeInfo<T> type, CancellationToken cancellationToken) where T : class
    {
        var header = new byte[HeaderBytes];
        int read = await stream.ReadAtLeastAsync(header, HeaderBytes, throwOnEndOfStream: false, cancellationToken);
        if (read < HeaderBytes) return null;
        int length = BinaryPrimitives.ReadInt32BigEndian(header);
        if (length is <= 0 or > MaxBytes) throw new InvalidDataException("a frame of the agent's socket is empty or too long");
        var json = new byte[length];
        try
        {
            read = await stream.ReadAtLeastAsync(json, length, throwOnEndOfStream: false, cancellationToken);
            return read < length ? null : JsonSerializer.Deserialize(json, type) ?? throw new InvalidDataException("a frame holds nothing");
        }
        catch (Exception malformed) when (malformed is JsonException or NotSupportedException)   // the second: no type, or none that is known
        {
            throw new InvalidDataException("a frame of the agent's socket is not a known object");
        }
        finally
        {
            CryptographicOperations.ZeroMemory(json);
        }
    }
}
