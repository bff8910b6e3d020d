using Holdfast.Codec;

namespace Holdfast.Mls;

/// <summary>draft-ietf-mls-extensions: a pre-shared key of an application's component, apart from those of all others.</summary>
/// <param name="Component">The component whose key it is.</param>
/// <param name="Id">The component's name for it.</param>
/// <param name="Nonce">Fresh random bytes of the hash's size.</param>
public sealed record ApplicationPskId(ushort Component, ReadOnlyMemory<byte> Id, ReadOnlyMemory<byte> Nonce) : PreSharedKeyId(Nonce)
{
    internal const byte Tag = CodePoints.ApplicationPsk;

    internal static ApplicationPskId DecodeBody(ref TlsReader reader) => new(
        reader.ReadUInt16(), reader.ReadOpaque(MlsLimits.MaxIdentitySize).ToArray(), reader.ReadOpaque(MlsLimits.MaxHashSize).ToArray());

    private protected override void EncodeName(TlsWriter writer)
    {
        writer.WriteUInt8(Tag);
        writer.WriteUInt16(Component);
        writer.WriteOpaque(Id.Span);
    }
}
