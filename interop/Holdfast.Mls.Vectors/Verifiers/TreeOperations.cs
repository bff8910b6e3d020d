using System.Text.Json;
using Holdfast.Codec;

namespace Holdfast.Mls.Vectors;

/// <summary>RFC 9420 §12.1.1–3: what a proposal does to the tree.</summary>
internal static class TreeOperations
{
    internal static void Verify(JsonElement vector)
    {
        var suite = vector.Suite();
        byte[] encoded = vector.Hex("tree_before");
        var before = RatchetTree.Decode(suite, encoded);
        Expect.Same("tree_before", encoded, before.Encode());
        Expect.Same("tree_hash_before", vector.Hex("tree_hash_before"), before.TreeHash.Span);
        var after = Apply(before, Tls.Decode<Proposal>(vector.Hex("proposal")), new LeafIndex(vector.UInt32("proposal_sender")));
        Expect.Same("tree_after", vector.Hex("tree_after"), after.Encode());
        Expect.Same("tree_hash_after", vector.Hex("tree_hash_after"), after.TreeHash.Span);
    }

    private static RatchetTree Apply(RatchetTree tree, Proposal proposal, LeafIndex sender) => proposal switch
    {
        AddProposal add => tree.Add(add.KeyPackage.LeafNode).Tree,
        UpdateProposal update => tree.Update(sender, update.LeafNode),
        RemoveProposal remove => tree.Remove(remove.Removed),
        _ => throw new VectorMismatchException("a proposal of a kind that is not in this format"),
    };
}
