using System.Text.Json.Nodes;
using Holdfast.Codec;
using Holdfast.Cryptography;
using Holdfast.Mls.Tests.Trees;
using Holdfast.Tests;
using Xunit;

namespace Holdfast.Mls.Tests.Differential;

/// <summary>Small trees before ts-mls and before us: the same are refused, but where ts-mls is known to be wrong (ATTACKS B-3).</summary>
public sealed class TreeDifferentialTests
{
    [Fact]
    public void BothImplementationsAcceptTheSameTrees()
    {
        using var theirs = TsMls.Start();
        var tally = new Tally();
        Compare(theirs, 2, 1, tally);
        Compare(theirs, 4, LongRun.IsWanted ? 1 : 7, tally);
        Compare(theirs, 8, LongRun.IsWanted ? 97 : 29_989, tally);
        if (LongRun.IsWanted) Recording.Write("mls-trees-differential", tally.Counts);
    }

    private static void Compare(TsMls theirs, int leafCount, int step, Tally tally)
    {
        using var parts = new TreeParts(leafCount, signs: true);
        int number = 0;
        foreach (var pattern in TreePattern.WellFormed(leafCount, step))
        {
            var tree = pattern.Build(parts, sides: number++);
            if (!Array.Exists(tree.Nodes, static node => node is not null)) continue;
            tally.Count($"{leafCount} leaves: {Verdict(theirs, pattern, tree)}");
        }
    }

    private static string Verdict(TsMls theirs, TreePattern pattern, ReferenceTree tree)
    {
        byte[] encoded = tree.Encode();
        var decoded = RatchetTree.Decode(CipherSuite.Mandatory, encoded);
        var answer = theirs.Ask("validateTree", new JsonObject
        {
            ["suite"] = CipherSuite.Mandatory.Id,
            ["context"] = Convert.ToHexString(Tls.Encode(TreeGroup.ContextOf(decoded))),
            ["ratchetTree"] = Convert.ToHexString(encoded),
        });
        bool accepted = TreeVerdict.OfLibraryWithSignatures(tree), acceptedThere = answer["valid"]!.GetValue<bool>();
        Assert.Equal(Convert.ToHexStringLower(decoded.TreeHash.Span), answer["treeHash"]!.GetValue<string>());
        if (accepted == acceptedThere) return accepted ? "accepted by both" : "refused by both";
        string? refusal = answer["why"]?.GetValue<string>();
        if (accepted && KnownFaults.RefusesUnmergedLeaves(CipherSuite.Mandatory, encoded, refusal))
            return "accepted by us, refused by a known fault of ts-mls";
        Assert.Fail(
            $"leaves {string.Join(',', pattern.Leaves)}, unmerged {string.Join(',', pattern.Unmerged)}: " +
            $"we say {accepted}, ts-mls says {refusal}");
        return "";
    }
}
