using System.Security.Cryptography;
using Holdfast.Codec;

namespace Holdfast.Mls.Tests.Trees;

/// <summary>
/// RFC 9420 §4 and §7 as they are written, over an array of nodes: slow, without any cache, and sharing nothing with the tree
/// of the library but the encoding of single nodes. Hashes are SHA-256.
/// </summary>
internal sealed class ReferenceTree(object?[] nodes)
{
    internal object?[] Nodes => nodes;

    internal int LeafCount => (nodes.Length + 1) / 2;

    internal int Root => LeafCount - 1;

    /// <summary>Appendix C: the number of 1-bits at the end.</summary>
    internal static int Level(int node)
    {
        int level = 0;
        while ((node >> level) % 2 == 1) level++;
        return level;
    }

    internal static int Left(int node) => node - (1 << (Level(node) - 1));

    internal static int Right(int node) => node + (1 << (Level(node) - 1));

    /// <summary>Whether <paramref name="node"/> is <paramref name="ancestor"/> or below it.</summary>
    internal static bool IsWithin(int node, int ancestor)
    {
        int reach = (1 << Level(ancestor)) - 1;
        return node >= ancestor - reach && node <= ancestor + reach;
    }

    /// <summary>The nodes from the leaf's parent up to the root.</summary>
    internal List<int> DirectPath(int node) =>
        [.. Enumerable.Range(0, nodes.Length).Where(other => other != node && IsWithin(node, other)).OrderBy(Level)];

    /// <summary>§4.1.1.</summary>
    internal List<int> Resolution(int node) => nodes[node] switch
    {
        ParentNode parent => [node, .. parent.UnmergedLeaves.Select(leaf => (int)leaf.Value * 2)],
        LeafNode => [node],
        _ => node % 2 == 0 ? [] : [.. Resolution(Left(node)), .. Resolution(Right(node))],
    };

    /// <summary>§7.8; §7.9: as if the leaves in <paramref name="without"/> were blank and listed nowhere.</summary>
    internal byte[] TreeHash(int node, IReadOnlyCollection<LeafIndex> without)
    {
        var writer = new TlsWriter();
        writer.WriteUInt8((byte)(node % 2 == 0 ? 1 : 2));
        if (node % 2 == 0)
        {
            var index = new LeafIndex((uint)node / 2);
            writer.Write(index);
            writer.WriteOptional(without.Contains(index) ? null : (LeafNode?)nodes[node]);
            return SHA256.HashData(writer.Written);
        }
        var parent = (ParentNode?)nodes[node];
        writer.WriteOptional(
            parent is null ? null : parent with { UnmergedLeaves = [.. parent.UnmergedLeaves.Where(leaf => !without.Contains(leaf))] });
        writer.WriteOpaque(TreeHash(Left(node), without));
        writer.WriteOpaque(TreeHash(Right(node), without));
        return SHA256.HashData(writer.Written);
    }

    /// <summary>§7.9: the parent hash of a node with that copath child.</summary>
    internal byte[] ParentHash(ParentNode parent, int sibling)
    {
        var writer = new TlsWriter();
        writer.WriteOpaque(parent.EncryptionKey.Span);
        writer.WriteOpaque(parent.ParentHash.Span);
        writer.WriteOpaque(TreeHash(sibling, [.. parent.UnmergedLeaves]));
        return SHA256.HashData(writer.Written);
    }

    /// <summary>§7.1, §12.4.3.1: what must hold of every unmerged_leaves.</summary>
    internal bool UnmergedLeavesAreValid()
    {
        for (int place = 1; place < nodes.Length; place += 2)
        {
            if (nodes[place] is not ParentNode parent) continue;
            for (int i = 0; i < parent.UnmergedLeaves.Count; i++)
            {
                if (i > 0 && parent.UnmergedLeaves[i - 1] >= parent.UnmergedLeaves[i]) return false;
                if (!IsUnmergedBelow(parent.UnmergedLeaves[i], place)) return false;
            }
        }
        return true;
    }

    /// <summary>§7.9.2: every parent node is set together with a descendant.</summary>
    internal bool ParentHashesAreValid() => Enumerable.Range(0, nodes.Length).All(place =>
        nodes[place] is not ParentNode || Candidates(place).Any(found => IsSetWith((ParentNode)nodes[place]!, found)));

    /// <summary>§7.9.2, all but the hash: the descendants D that could have been set with P, each with the copath child S.</summary>
    internal List<(int Descendant, int Child, int Sibling)> Candidates(int place)
    {
        var unmerged = ((ParentNode)nodes[place]!).UnmergedLeaves.Select(leaf => (int)leaf.Value * 2).ToList();
        var found = new List<(int, int, int)>();
        foreach (var (child, sibling) in new[] { (Left(place), Right(place)), (Right(place), Left(place)) })
        {
            var below = unmerged.Where(leaf => IsWithin(leaf, child)).ToHashSet();
            var resolution = Resolution(child);
            found.AddRange(
                resolution.Where(node => below.SetEquals(resolution.Where(other => other != node))).Select(node => (node, child, sibling)));
        }
        return found;
    }

    /// <summary>§12.4.3.3.</summary>
    internal byte[] Encode()
    {
        int count = Array.FindLastIndex(nodes, static node => node is not null) + 1;
        var writer = new TlsWriter();
        writer.WriteVector(nodes.Take(count), static (output, node) =>
        {
            output.WriteUInt8(node is null ? (byte)0 : (byte)1);
            if (node is null) return;
            output.WriteUInt8(node is LeafNode ? (byte)1 : (byte)2);
            if (node is LeafNode leaf) output.Write(leaf);
            if (node is ParentNode parent) output.Write(parent);
        });
        return writer.ToArray();
    }

    private bool IsUnmergedBelow(LeafIndex leaf, int place)
    {
        if (leaf.Value >= LeafCount || nodes[leaf.Value * 2] is null || !IsWithin((int)leaf.Value * 2, place)) return false;
        var between = DirectPath((int)leaf.Value * 2).Where(node => node != place && IsWithin(node, place));
        return between.All(node => nodes[node] is not ParentNode parent || parent.UnmergedLeaves.Contains(leaf));
    }

    private bool IsSetWith(ParentNode parent, (int Descendant, int Child, int Sibling) found)
    {
        ReadOnlyMemory<byte>? said = nodes[found.Descendant] switch
        {
            ParentNode below => below.ParentHash,
            LeafNode { Source: LeafNodeSource.Commit } leaf => leaf.ParentHash,
            _ => null,
        };
        return said is { } hash && hash.Span.SequenceEqual(ParentHash(parent, found.Sibling));
    }
}
