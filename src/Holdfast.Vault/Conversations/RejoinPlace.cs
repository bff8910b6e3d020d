using Holdfast.Codec;
using Holdfast.Mls;
using Holdfast.Protocol;

namespace Holdfast.Vault;

/// <summary>Where a stranded device sat, as far as it takes to ask to be added again: what remains of a group that we may have to give up.</summary>
/// <param name="Leaf">The encryption key of our leaf.</param>
/// <param name="Sponsors">The leaves of some other members.</param>
internal sealed record RejoinPlace(ReadOnlyMemory<byte> Leaf, IReadOnlyList<LeafNode> Sponsors) : ITlsStruct<RejoinPlace>
{
    private const int MostSponsors = 8;

    internal static RejoinPlace Of(Group group) => new(
        group.Members.Single(member => member.Index == group.OwnLeaf).Leaf.EncryptionKey,
        [.. group.Members.Where(member => member.Index != group.OwnLeaf).Take(MostSponsors).Select(static member => member.Leaf)]);

    /// <inheritdoc/>
    public static RejoinPlace Decode(ref TlsReader reader) =>
        new(reader.ReadOpaque(ProtocolLimits.EncryptionKeyBytes).ToArray(), reader.ReadVector<LeafNode>());

    /// <inheritdoc/>
    public void Encode(TlsWriter writer)
    {
        writer.WriteOpaque(Leaf.Span);
        writer.WriteVector(Sponsors);
    }
}
