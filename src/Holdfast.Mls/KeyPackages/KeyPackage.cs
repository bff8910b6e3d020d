using Holdfast.Codec;
using Holdfast.Cryptography;

namespace Holdfast.Mls;

/// <summary>RFC 9420 §10: how to add a client that is not online.</summary>
/// <param name="Version">The version the client is to be added with.</param>
/// <param name="CipherSuite">The cipher suite the client is to be added with.</param>
/// <param name="InitKey">The key the Welcome is sealed to; used once.</param>
/// <param name="LeafNode">The leaf the client will have.</param>
/// <param name="Extensions">Further data; unknown types are ignored.</param>
/// <param name="Signature">The client's signature over all before it.</param>
public sealed record KeyPackage(
    ProtocolVersion Version,
    ushort CipherSuite,
    ReadOnlyMemory<byte> InitKey,
    LeafNode LeafNode,
    IReadOnlyList<Extension> Extensions,
    ReadOnlyMemory<byte> Signature) : ITlsStruct<KeyPackage>
{
    /// <inheritdoc/>
    public void Encode(TlsWriter writer)
    {
        EncodeContent(writer);
        writer.WriteOpaque(Signature.Span);
    }

    /// <inheritdoc/>
    public static KeyPackage Decode(ref TlsReader reader) => new(
        (ProtocolVersion)reader.ReadUInt16(),
        reader.ReadUInt16(),
        reader.ReadOpaque(MlsLimits.MaxKeySize).ToArray(),
        LeafNode.Decode(ref reader),
        Extension.DecodeList(ref reader),
        reader.ReadOpaque(MlsLimits.MaxSignatureSize).ToArray());

    /// <summary>RFC 9420 §5.2 KeyPackageRef: how a Welcome names the key package.</summary>
    internal byte[] Reference(CipherSuite suite) => suite.RefHash(Labels.KeyPackageReference, Tls.Encode(this));

    /// <summary>RFC 9420 §10 KeyPackageTBS: what the signature covers.</summary>
    internal byte[] Tbs()
    {
        var writer = new TlsWriter();
        EncodeContent(writer);
        return writer.ToArray();
    }

    private void EncodeContent(TlsWriter writer)
    {
        writer.WriteUInt16((ushort)Version);
        writer.WriteUInt16(CipherSuite);
        writer.WriteOpaque(InitKey.Span);
        writer.Write(LeafNode);
        writer.WriteVector(Extensions);
    }
}
