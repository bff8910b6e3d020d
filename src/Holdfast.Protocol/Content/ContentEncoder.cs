using System.Formats.Cbor;
using Holdfast.Codec;

namespace Holdfast.Protocol;

/// <summary>Content to bytes: RFC 8949 §4.2.1, as draft-ietf-mimi-content §6.1 demands.</summary>
internal static class ContentEncoder
{
    internal static byte[] Encode(MimiContent content)
    {
        var writer = new CborWriter(CborConformanceMode.Strict);
        writer.WriteStartArray(7);
        writer.WriteByteString(content.Salt.Span);
        WriteReference(writer, content.Replaces);
        writer.WriteByteString(content.TopicId.Span);
        WriteExpiration(writer, content.Expires);
        WriteReference(writer, content.InReplyTo);
        WriteExtensions(writer, content.Extensions);
        WritePart(writer, content.Body);
        writer.WriteEndArray();
        byte[] encoded = writer.Encode();
        ExpectReadable(encoded);
        return encoded;
    }

    /// <summary>Every rule is written down once, in the decoder: what it refuses is not sent.</summary>
    private static void ExpectReadable(byte[] encoded)
    {
        try { ContentDecoder.Decode(encoded); }
        catch (CodecException refused) { throw new InvalidOperationException($"this content cannot be sent: {refused.Message}", refused); }
    }

    private static void WriteReference(CborWriter writer, MimiMessageId? id)
    {
        if (id is { } value) writer.WriteByteString(value.ToBytes());
        else writer.WriteNull();
    }

    private static void WriteExpiration(CborWriter writer, Expiration? expires)
    {
        if (expires is null)
        {
            writer.WriteNull();
            return;
        }
        writer.WriteStartArray(2);
        writer.WriteBoolean(expires.Relative);
        writer.WriteUInt32(expires.Seconds);
        writer.WriteEndArray();
    }

    /// <summary>RFC 8949 §4.2.1: keys in the bytewise order of their encodings. A key given twice is refused by the reading back.</summary>
    private static void WriteExtensions(CborWriter writer, IReadOnlyList<ContentExtension> extensions)
    {
        var sorted = extensions.Select(extension => (Key: EncodeKey(extension.Key), extension.Value)).ToList();
        sorted.Sort(static (left, right) => left.Key.AsSpan().SequenceCompareTo(right.Key));
        var map = new CborWriter(CborConformanceMode.Lax);
        map.WriteStartMap(sorted.Count);
        foreach (var (key, value) in sorted)
        {
            map.WriteEncodedValue(key);
            map.WriteEncodedValue(value.Span);
        }
        map.WriteEndMap();
        writer.WriteEncodedValue(map.Encode());
    }

    private static byte[] EncodeKey(ExtensionKey key)
    {
        var writer = new CborWriter(CborConformanceMode.Strict);
        if (key.Name is null) writer.WriteInt64(key.Number);
        else writer.WriteTextString(key.Name);
        return writer.Encode();
    }

    private static void WritePart(CborWriter writer, NestedPart part)
    {
        writer.WriteStartArray(part is ExternalPart ? 15 : part is NullPart ? 3 : 5);
        writer.WriteUInt32((byte)part.Disposition);
        writer.WriteTextString(part.Language);
        switch (part)
        {
            case NullPart: writer.WriteUInt32((byte)Cardinality.NullPart); break;
            case SinglePart single: WriteSingle(writer, single); break;
            case ExternalPart external: WriteExternal(writer, external); break;
            case MultiPart multi: WriteMulti(writer, multi); break;
            default: throw new InvalidOperationException("an unknown kind of part");
        }
        writer.WriteEndArray();
    }

    private static void WriteSingle(CborWriter writer, SinglePart part)
    {
        writer.WriteUInt32((byte)Cardinality.Single);
        writer.WriteTextString(part.ContentType);
        writer.WriteByteString(part.Content.Span);
    }

    private static void WriteExternal(CborWriter writer, ExternalPart part)
    {
        writer.WriteUInt32((byte)Cardinality.External);
        writer.WriteTextString(part.ContentType);
        writer.WriteTextString(part.Url);
        writer.WriteUInt32(part.Expires);
        writer.WriteUInt64(part.Size);
        writer.WriteUInt32((ushort)part.EncAlg);
        writer.WriteByteString(part.Key.Span);
        writer.WriteByteString(part.Nonce.Span);
        writer.WriteByteString(part.Aad.Span);
        writer.WriteUInt32(part.HashAlg);
        writer.WriteByteString(part.ContentHash.Span);
        writer.WriteTextString(part.Description);
        writer.WriteTextString(part.FileName);
    }

    private static void WriteMulti(CborWriter writer, MultiPart part)
    {
        writer.WriteUInt32((byte)Cardinality.Multi);
        writer.WriteUInt32((byte)part.Semantics);
        writer.WriteStartArray(part.Parts.Count);
        foreach (var nested in part.Parts) WritePart(writer, nested);
        writer.WriteEndArray();
    }
}
