using System.Text.Json;

namespace Holdfast.Mls.Vectors;

/// <summary>RFC 9420 §12.4.3.1: resolutions, tree hashes, parent hashes and signatures of a tree.</summary>
internal static class TreeValidation
{
    internal static void Verify(JsonElement vector)
    {
        var suite = vector.Suite();
        byte[] encoded = vector.Hex("tree");
        var tree = RatchetTree.Decode(suite, encoded);
        Expect.Same("tree", encoded, tree.Encode());
        int nodes = TreeMath.NodeCount(tree.LeafCount);
        Expect.Equal("the count of resolutions", vector.GetProperty("resolutions").GetArrayLength(), nodes);
        Expect.Equal("the count of tree_hashes", vector.GetProperty("tree_hashes").GetArrayLength(), nodes);
        for (int i = 0; i < nodes; i++)
        {
            var node = new NodeIndex((uint)i);
            var published = vector.GetProperty("resolutions")[i].EnumerateArray().Select(entry => new NodeIndex(entry.GetUInt32()));
            Expect.Holds($"resolutions[{i}] is as published", published.SequenceEqual(tree.Resolution(node)));
            Expect.Same($"tree_hashes[{i}]", vector.GetProperty("tree_hashes")[i].Hex(), tree.Root.Find(node).Hash(suite.Hkdf));
        }
        tree.Validate(new GroupContext(ProtocolVersion.Mls10, suite.Id, vector.Hex("group_id"), 0, tree.TreeHash, default, []));
    }
}
