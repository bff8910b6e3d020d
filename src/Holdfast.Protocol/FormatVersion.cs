using Holdfast.Codec;

namespace Holdfast.Protocol;

/// <summary>The version that every wire, stored and authenticated structure starts with, in one byte.</summary>
public static class FormatVersion
{
    /// <summary>Writes the version of this build.</summary>
    public static void Write(TlsWriter writer) => writer.WriteUInt8(ProtocolLimits.Version);

    /// <summary>Reads it, and refuses every other.</summary>
    /// <exception cref="CodecException">It is another than this build's.</exception>
    public static void Read(ref TlsReader reader)
    {
        if (reader.ReadUInt8() != ProtocolLimits.Version) throw new CodecException("made by a newer version: update Holdfast");
    }
}
