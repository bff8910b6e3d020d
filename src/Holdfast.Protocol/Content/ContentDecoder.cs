using System.Formats.Cbor;
using System.Text;
using Holdfast.Codec;

namespace Holdfast.Protocol;

/// <summary>Hostile bytes to content. <see cref="DeterministicCbor"/> has judged the encoding before a field is read.</summary>
internal sealed class ContentDecoder
{
    /// <summary>draft-ietf-mimi-content §6.3: the extensions' own map is the first of four levels.</summary>
    private const int ExtensionLevels = 4;

    /// <summary>The content's array, and for each level of parts the part's array and, but for the last, the array of its parts.</summary>
    private const int Levels = 2 * ProtocolLimits.ContentDepth;

    private readonly CborReader _cbor;
    private int _parts;

    private ContentDecoder(byte[] input) => _cbor = new CborReader(input, CborConformanceMode.Lax);

    internal static MimiContent Decode(ReadOnlySpan<byte> input)
    {
        if (input.Length > ProtocolLimits.ContentBytes) throw new CodecException($"content has at most {ProtocolLimits.ContentBytes} bytes");
        DeterministicCbor.Check(input, Levels);
        try { return new ContentDecoder(input.ToArray()).ReadContent(); }
        catch (Exception wrongType) when (wrongType is CborContentException or InvalidOperationException or OverflowException)
        {
            throw new CodecException("draft-ietf-mimi-content §4: a field is not of its type");
        }
    }

    private MimiContent ReadContent()
    {
        if (_cbor.ReadStartArray() != 7) throw new CodecException("draft-ietf-mimi-content §4.1: content has seven fields");
        var salt = ReadBytes(MimiContent.SaltBytes);
        if (salt.Length != MimiContent.SaltBytes) throw new CodecException("draft-ietf-mimi-content §4.1: the salt has 16 bytes");
        var content = new MimiContent(
            salt, ReadReference(), ReadBytes(ProtocolLimits.ContentTopicBytes), ReadExpiration(), ReadReference(),
            ReadExtensions(), ReadPart(ProtocolLimits.ContentDepth));
        _cbor.ReadEndArray();
        return content;
    }

    private MimiMessageId? ReadReference() => ReadNull() ? null : MimiMessageId.Of(ReadBytes(MimiMessageId.Size).Span);

    private Expiration? ReadExpiration()
    {
        if (ReadNull()) return null;
        if (_cbor.ReadStartArray() != 2) throw new CodecException("draft-ietf-mimi-content §4.1: an expiration has two fields");
        var expires = new Expiration(_cbor.ReadBoolean(), _cbor.ReadUInt32());
        _cbor.ReadEndArray();
        return expires;
    }

    private List<ContentExtension> ReadExtensions()
    {
        int count = _cbor.ReadStartMap() ?? 0;
        if (count > ProtocolLimits.ContentExtensions) throw new CodecException("content has too many extensions");
        var extensions = new List<ContentExtension>(count);
        for (int i = 0; i < count; i++) extensions.Add(ReadExtension());
        _cbor.ReadEndMap();
        return extensions;
    }

    private ContentExtension ReadExtension()
    {
        var key = ReadExtensionKey();
        var value = _cbor.ReadEncodedValue();
        DeterministicCbor.Check(value.Span, ExtensionLevels - 1);
        var extension = new ContentExtension(key, value);
        if ((key == ExtensionKey.SenderUri || key == ExtensionKey.RoomUri) && extension.AsText() is null)
            throw new CodecException("draft-ietf-mimi-content §4.3: the sender's and the room's URI are text");
        return extension;
    }

    private ExtensionKey ReadExtensionKey()
    {
        if (_cbor.PeekState() != CborReaderState.TextString)
        {
            long number = _cbor.ReadInt64();
            return number != 0 ? ExtensionKey.Numbered(number) : throw new CodecException("draft-ietf-mimi-content §8.2.1: key 0 is reserved");
        }
        string name = ReadText(byte.MaxValue);
        return name.Length > 0 ? ExtensionKey.Named(name) : throw new CodecException("draft-ietf-mimi-content §4.3: an empty key");
    }

    private NestedPart ReadPart(int depth)
    {
        if (depth == 0) throw new CodecException("draft-ietf-mimi-content §6.3: parts are nested too deeply");
        if (++_parts > ProtocolLimits.ContentParts) throw new CodecException("content has too many parts");
        int? fields = _cbor.ReadStartArray();
        var disposition = (Disposition)ReadByte();
        string language = ReadText(ProtocolLimits.ContentFieldBytes);
        var cardinality = (Cardinality)ReadByte();
        NestedPart part = (cardinality, fields) switch
        {
            (Cardinality.NullPart, 3) => new NullPart(disposition, language),
            (Cardinality.Single, 5) => new SinglePart(
                disposition, language, ReadText(ProtocolLimits.ContentFieldBytes), ReadBytes(ProtocolLimits.ContentBytes)),
            (Cardinality.External, 15) => ReadExternal(disposition, language),
            (Cardinality.Multi, 5) => ReadMulti(disposition, language, depth),
            _ => throw new CodecException("draft-ietf-mimi-content §4.4: unknown cardinality, or not its number of fields"),
        };
        _cbor.ReadEndArray();
        return part;
    }

    private ExternalPart ReadExternal(Disposition disposition, string language)
    {
        var part = new ExternalPart(
            disposition, language, ReadText(ProtocolLimits.ContentFieldBytes), ReadText(ProtocolLimits.ContentFieldBytes),
            _cbor.ReadUInt32(), _cbor.ReadUInt64(), (AeadAlgorithm)checked((ushort)_cbor.ReadUInt32()),
            ReadBytes(ProtocolLimits.ContentFieldBytes), ReadBytes(ProtocolLimits.ContentFieldBytes), ReadBytes(ProtocolLimits.ContentFieldBytes),
            ReadByte(), ReadBytes(ProtocolLimits.ContentFieldBytes),
            ReadText(ProtocolLimits.ContentFieldBytes), ReadText(ProtocolLimits.NameBytes));
        if (part.EncAlg == AeadAlgorithm.None && (part.Key.Length | part.Nonce.Length | part.Aad.Length) != 0)
            throw new CodecException("draft-ietf-mimi-content §4.5: what is not encrypted has no key, nonce or aad");
        if (part.HashAlg == 0 ? part.ContentHash.Length != 0 : part.HashAlg == ExternalPart.Sha256 && part.ContentHash.Length != ProtocolLimits.DigestBytes)
            throw new CodecException("draft-ietf-mimi-content §4.5: the hash does not have its algorithm's size");
        return part;
    }

    private MultiPart ReadMulti(Disposition disposition, string language, int depth)
    {
        var semantics = (PartSemantics)ReadByte();
        if (semantics > PartSemantics.ProcessAll) throw new CodecException("draft-ietf-mimi-content §9.1: unknown part semantics");
        int count = _cbor.ReadStartArray() ?? 0;
        if (count < 2) throw new CodecException("draft-ietf-mimi-content §4.4: a multipart has two parts or more");
        var parts = new List<NestedPart>(Math.Min(count, ProtocolLimits.ContentParts));
        for (int i = 0; i < count; i++) parts.Add(ReadPart(depth - 1));
        _cbor.ReadEndArray();
        return new MultiPart(disposition, language, semantics, parts);
    }

    private bool ReadNull()
    {
        if (_cbor.PeekState() != CborReaderState.Null) return false;
        _cbor.ReadNull();
        return true;
    }

    private byte ReadByte() => checked((byte)_cbor.ReadUInt32());

    private ReadOnlyMemory<byte> ReadBytes(int limit) => Limit(_cbor.ReadDefiniteLengthByteString(), limit);

    private string ReadText(int limit) => Encoding.UTF8.GetString(Limit(_cbor.ReadDefiniteLengthTextStringBytes(), limit).Span);

    private static ReadOnlyMemory<byte> Limit(ReadOnlyMemory<byte> field, int limit) =>
        field.Length <= limit ? field : throw new CodecException($"a field of {field.Length} bytes is over its limit of {limit}");
}
