using Holdfast.Codec;

namespace Holdfast.Mls;

/// <summary>RFC 9420 §7.6: new keys from the sender's leaf up to the root, with their secrets for everybody beside the path.</summary>
/// <param name="LeafNode">The sender's new leaf.</param>
/// <param name="Nodes">One entry for each node of the sender's filtered direct path, from the leaf upwards.</param>
public sealed record UpdatePath(LeafNode LeafNode, IReadOnlyList<UpdatePathNode> Nodes) : ITlsStruct<UpdatePath>
{
    /// <inheritdoc/>
    public void Encode(TlsWriter writer)
    {
        writer.Write(LeafNode);
        writer.WriteVector(Nodes);
    }

    /// <inheritdoc/>
    public static UpdatePath Decode(ref TlsReader reader) =>
        new(LeafNode.Decode(ref reader), reader.ReadVector<UpdatePathNode>(MlsLimits.MaxPathLength));
}

/// <summary>RFC 9420 §7.6: one parent node's new key and its path secret.</summary>
/// <param name="EncryptionKey">The node's new public key.</param>
/// <param name="EncryptedPathSecret">The path secret, once for each node in the resolution of the copath child.</param>
public sealed record UpdatePathNode(ReadOnlyMemory<byte> EncryptionKey, IReadOnlyList<HpkeCiphertext> EncryptedPathSecret)
    : ITlsStruct<UpdatePathNode>
{
    /// <inheritdoc/>
    public void Encode(TlsWriter writer)
    {
        writer.WriteOpaque(EncryptionKey.Span);
        writer.WriteVector(EncryptedPathSecret);
    }

    /// <inheritdoc/>
    public static UpdatePathNode Decode(ref TlsReader reader) =>
        new(reader.ReadOpaque(MlsLimits.MaxKeySize).ToArray(), reader.ReadVector<HpkeCiphertext>(MlsLimits.MaxLeaves, HpkeCiphertext.LeastSize));
}
