using Holdfast.Codec;

namespace Holdfast.Protocol;

/// <summary>Fields that many structures share.</summary>
internal static class Wire
{
    internal static void ReadVersion(ref TlsReader reader)
    {
        if (reader.ReadUInt8() != ProtocolLimits.Version) throw new CodecException("made by a newer version: update Holdfast");
    }

    internal static PostKind ReadKind(ref TlsReader reader) => (PostKind)reader.ReadUInt8() switch
    {
        var kind and (PostKind.Application or PostKind.Proposal or PostKind.Commit) => kind,
        _ => throw new CodecException("unknown kind of post"),
    };

    internal static ExpiryBucket ReadExpiry(ref TlsReader reader) => (ExpiryBucket)reader.ReadUInt8() switch
    {
        var bucket and <= ExpiryBucket.Month => bucket,
        _ => throw new CodecException("unknown expiry bucket"),
    };

    internal static byte[] ReadPublicKey(ref TlsReader reader) => reader.ReadBytes(ProtocolLimits.PublicKeyBytes).ToArray();

    internal static byte[] ReadSignature(ref TlsReader reader) => reader.ReadBytes(ProtocolLimits.SignatureBytes).ToArray();

    internal static T ReadEnum<T>(ref TlsReader reader) where T : struct, Enum
    {
        var value = (T)Enum.ToObject(typeof(T), reader.ReadUInt8());
        return Enum.IsDefined(value) ? value : throw new CodecException($"unknown {typeof(T).Name}");
    }

    internal static void WriteOptionalText(TlsWriter writer, string? text)
    {
        writer.WriteUInt8(text is null ? (byte)0 : (byte)1);
        if (text is not null) writer.WriteText(text);
    }

    internal static void WriteOptionalPin(TlsWriter writer, Pin? pin)
    {
        writer.WriteUInt8(pin is null ? (byte)0 : (byte)1);
        pin?.Encode(writer);
    }
}
