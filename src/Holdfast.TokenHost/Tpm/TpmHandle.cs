using Holdfast.Codec;

namespace Holdfast.TokenHost.Tpm;

/// <summary>What finds a TPM's key again: its public area, and its private one as the parent has sealed it.</summary>
internal static class TpmHandle
{
    internal static byte[] Pack(ReadOnlySpan<byte> publicPart, ReadOnlySpan<byte> sealedPart)
    {
        using var writer = new TlsWriter();
        writer.WriteOpaque(publicPart);
        writer.WriteOpaque(sealedPart);
        return writer.ToArray();
    }

    /// <summary>Null for what is none.</summary>
    internal static (byte[] Public, byte[] Sealed)? Unpack(ReadOnlySpan<byte> handle)
    {
        try
        {
            var reader = new TlsReader(handle);
            byte[] publicPart = reader.ReadOpaque().ToArray(), sealedPart = reader.ReadOpaque().ToArray();
            reader.ExpectEnd();
            return (publicPart, sealedPart);
        }
        catch (CodecException) { return null; }
    }
}
