using Holdfast.Codec;

namespace Holdfast.Mls;

/// <summary>RFC 9420 §6.</summary>
public enum ProtocolVersion : ushort
{
    /// <summary>Reserved, and never sent.</summary>
    Reserved = 0,

    /// <summary>RFC 9420 itself.</summary>
    Mls10 = 1,
}

/// <summary>Reading and writing a <see cref="ProtocolVersion"/>.</summary>
public static class ProtocolVersionCodec
{
    /// <summary>Writes the version.</summary>
    public static void WriteVersion(this TlsWriter writer, ProtocolVersion version) => writer.WriteUInt16((ushort)version);

    /// <summary>Reads a version of any value: for structures in which another version is lawful (RFC 9420 §12.1.5).</summary>
    public static ProtocolVersion ReadVersion(this ref TlsReader reader) => (ProtocolVersion)reader.ReadUInt16();

    /// <summary>RFC 9420 §6: reads a version that must be this one.</summary>
    public static ProtocolVersion ReadMls10(this ref TlsReader reader) =>
        reader.ReadVersion() is ProtocolVersion.Mls10
            ? ProtocolVersion.Mls10
            : throw new CodecException("RFC 9420 §6: the protocol version is not mls10");
}
