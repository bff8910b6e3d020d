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
}
