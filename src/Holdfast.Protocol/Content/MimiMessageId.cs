using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Holdfast.Codec;

namespace Holdfast.Protocol;

/// <summary>
/// draft-ietf-mimi-content §3.3: the id by which messages refer to each other, a hash of what was said, by whom and where.
/// (A post's <see cref="MessageId"/> is something else: the server sees it.)
/// </summary>
public readonly record struct MimiMessageId
{
    /// <summary>The size in bytes.</summary>
    public const int Size = 32;

    private const byte Sha256Algorithm = 1;

    private readonly UInt128 _high;
    private readonly UInt128 _low;

    private MimiMessageId(ReadOnlySpan<byte> bytes) =>
        (_high, _low) = (BinaryPrimitives.ReadUInt128BigEndian(bytes), BinaryPrimitives.ReadUInt128BigEndian(bytes[16..]));

    /// <summary>The id of 32 bytes.</summary>
    /// <exception cref="CodecException">They are not 32, or were made with another hash than SHA-256 (§9.1).</exception>
    public static MimiMessageId Of(ReadOnlySpan<byte> bytes) => bytes.Length == Size && bytes[0] == Sha256Algorithm
        ? new(bytes)
        : throw new CodecException("draft-ietf-mimi-content §3.3: a message id has 32 bytes and begins with a known hash algorithm");

    /// <summary>Computes a message's id.</summary>
    /// <param name="senderUri">Who sent it, as the group says.</param>
    /// <param name="roomUri">Where, as the group says.</param>
    /// <param name="message">The encoded content, as sent.</param>
    /// <param name="salt">The content's salt.</param>
    public static MimiMessageId Compute(string senderUri, string roomUri, ReadOnlySpan<byte> message, ReadOnlySpan<byte> salt)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        AppendUri(hash, senderUri);
        AppendUri(hash, roomUri);
        hash.AppendData(message);
        hash.AppendData(salt);
        byte[] output = hash.GetHashAndReset();
        return new([Sha256Algorithm, .. output.AsSpan(..^1)]);
    }

    /// <summary>The 32 bytes.</summary>
    public byte[] ToBytes()
    {
        var bytes = new byte[Size];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, _high);
        BinaryPrimitives.WriteUInt128BigEndian(bytes.AsSpan(16), _low);
        return bytes;
    }

    /// <summary>64 hexadecimal digits.</summary>
    public override string ToString() => Convert.ToHexStringLower(ToBytes());

    private static void AppendUri(IncrementalHash hash, string uri)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(uri);
        if (bytes.Length > ushort.MaxValue) throw new ArgumentException("a URI has at most 65535 bytes", nameof(uri));
        Span<byte> length = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(length, (ushort)bytes.Length);
        hash.AppendData(length);
        hash.AppendData(bytes);
    }
}
