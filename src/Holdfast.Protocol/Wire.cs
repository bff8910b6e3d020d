using Holdfast.Codec;

namespace Holdfast.Protocol;

/// <summary>Fields that many structures share.</summary>
internal static class Wire
{
    /// <summary>Bytes for the receiver to wipe: the garbage collector makes no copies of them.</summary>
    internal static byte[] ReadSecret(ref TlsReader reader, int limit)
    {
        var read = reader.ReadOpaque(limit);
        byte[] bytes = GC.AllocateUninitializedArray<byte>(read.Length, pinned: true);
        read.CopyTo(bytes);
        return bytes;
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

    /// <summary>A public key, or nothing.</summary>
    internal static byte[] ReadOptionalKey(ref TlsReader reader)
    {
        var key = reader.ReadOpaque(ProtocolLimits.PublicKeyBytes);
        return key.Length is 0 or ProtocolLimits.PublicKeyBytes ? key.ToArray() : throw new CodecException("a key of another size");
    }

    internal static byte[] ReadSignature(ref TlsReader reader) => reader.ReadBytes(ProtocolLimits.SignatureBytes).ToArray();

    internal static T ReadEnum<T>(ref TlsReader reader) where T : struct, Enum
    {
        var value = (T)Enum.ToObject(typeof(T), reader.ReadUInt8());
        return Enum.IsDefined(value) ? value : throw new CodecException($"unknown {typeof(T).Name}");
    }

    internal static byte[] ReadDigest(ref TlsReader reader) => reader.ReadBytes(ProtocolLimits.DigestBytes).ToArray();

    internal static byte[] ReadNonce(ref TlsReader reader) => reader.ReadBytes(ProtocolLimits.NonceBytes).ToArray();

    internal static byte[] ReadFileKey(ref TlsReader reader) => reader.ReadBytes(ProtocolLimits.FileKeyBytes).ToArray();

    internal static byte[] ReadDeleteToken(ref TlsReader reader) => reader.ReadBytes(ProtocolLimits.DeleteTokenBytes).ToArray();

    internal static Pin? ReadOptionalPin(ref TlsReader reader) => reader.ReadPresence() ? Pin.Decode(ref reader) : null;

    internal static void WriteOptionalPin(TlsWriter writer, Pin? pin)
    {
        writer.WritePresence(pin is not null);
        pin?.Encode(writer);
    }
}
