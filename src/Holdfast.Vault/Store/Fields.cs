using Holdfast.Codec;

namespace Holdfast.Vault;

/// <summary>Fields that records of the store share.</summary>
internal static class Fields
{
    internal static void WriteFlag(this TlsWriter writer, bool value) => writer.WriteUInt8(value ? (byte)1 : (byte)0);
}
