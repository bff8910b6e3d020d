using Holdfast.Codec;

namespace Holdfast.Mls;

/// <summary>RFC 9420 §7.1: a key shared by the members below it.</summary>
/// <param name="EncryptionKey">The HPKE public key whose private half only members below have.</param>
/// <param name="ParentHash">The parent hash of the next non-blank node above, empty at the top.</param>
/// <param name="UnmergedLeaves">The leaves below that do not have the private key, strictly increasing.</param>
public sealed record ParentNode(
    ReadOnlyMemory<byte> EncryptionKey, ReadOnlyMemory<byte> ParentHash, IReadOnlyList<LeafIndex> UnmergedLeaves)
    : ITlsStruct<ParentNode>
{
    /// <inheritdoc/>
    public void Encode(TlsWriter writer)
    {
        writer.WriteOpaque(EncryptionKey.Span);
        writer.WriteOpaque(ParentHash.Span);
        writer.WriteVector(UnmergedLeaves);
    }

    /// <inheritdoc/>
    public static ParentNode Decode(ref TlsReader reader)
    {
        var node = new ParentNode(
            reader.ReadOpaque(MlsLimits.MaxKeySize).ToArray(),
            reader.ReadOpaque(MlsLimits.MaxHashSize).ToArray(),
            reader.ReadVector<LeafIndex>(MlsLimits.MaxLeaves));
        for (int i = 1; i < node.UnmergedLeaves.Count; i++)
        {
            if (node.UnmergedLeaves[i - 1] >= node.UnmergedLeaves[i])
                throw new StructureException(MlsError.InvalidTree, "RFC 9420 §7.1: unmerged_leaves must be sorted in increasing order");
        }
        return node;
    }

    /// <summary>RFC 9420 §12.1.1: this node when a leaf is added below it.</summary>
    internal ParentNode WithUnmerged(LeafIndex leaf)
    {
        var leaves = new List<LeafIndex>(UnmergedLeaves);
        int place = leaves.BinarySearch(leaf);
        if (place < 0) leaves.Insert(~place, leaf);
        return this with { UnmergedLeaves = leaves };
    }

    /// <summary>RFC 9420 §7.9: this node as it was before those leaves, strictly increasing, were added.</summary>
    internal ParentNode WithoutUnmerged(ReadOnlySpan<LeafIndex> removed)
    {
        var leaves = new List<LeafIndex>(UnmergedLeaves.Count);
        foreach (var leaf in UnmergedLeaves)
        {
            if (removed.BinarySearch(leaf) < 0) leaves.Add(leaf);
        }
        return leaves.Count == UnmergedLeaves.Count ? this : this with { UnmergedLeaves = leaves };
    }
}
