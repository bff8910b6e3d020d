using Holdfast.Codec;
using Holdfast.Cryptography;

namespace Holdfast.Mls.Bench;

/// <summary>
/// A group in which every member has updated, one after the other from left to right, without that all of them do so: what is left of
/// a node is what the rightmost member below it put there, so each node is made once (RFC 9420 §7.9). The keys of all are known here,
/// and any member can be had as a <see cref="Group"/>.
/// </summary>
internal sealed class FullGroup
{
    private readonly Cast _cast;
    private readonly int _members;
    private readonly byte[] _groupId = RandomSource.System.PublicBytes(32);
    private readonly byte[] _joinerSecret = RandomSource.System.PublicBytes(64);
    private readonly Dictionary<uint, KemKey> _nodeKeys = [];
    private readonly SignatureKey[] _signatureKeys;
    private readonly object?[] _nodes;
    private readonly RatchetTree _tree;
    private readonly GroupContext _context;

    internal FullGroup(Cast cast, int members)
    {
        (_cast, _members) = (cast, members);
        int leafCount = TreeMath.FullLeafCount(members);
        _signatureKeys = [.. Enumerable.Range(0, members).Select(_ => cast.Suite.Signature.Generate(RandomSource.System))];
        _nodes = new object?[TreeMath.NodeCount(leafCount)];
        Make(TreeMath.Root(leafCount), []);
        _tree = RatchetTree.Decode(cast.Suite, Encode());
        _context = new GroupContext(ProtocolVersion.Mls10, cast.Suite.Id, _groupId, 1, _tree.TreeHash, RandomSource.System.PublicBytes(32), []);
    }

    /// <summary>The group as that member sees it; who keeps it disposes it.</summary>
    internal Group Member(int member, GroupPolicy policy)
    {
        var leaf = new LeafIndex((uint)member);
        using var keys = TreePrivateKeys.Create(_cast.Suite, leaf, _nodeKeys[leaf.Node.Value]);
        foreach (var node in TreeMath.DirectPath(leaf.Node, _tree.LeafCount))
        {
            if (_nodeKeys.TryGetValue(node.Value, out var key)) keys.Put(node, key);
        }
        var joiner = Secret.CopyOf(_joinerSecret.AsSpan(0, _cast.Suite.Hkdf.HashSize));
        using var psk = new Secret(_cast.Suite.Hkdf.HashSize);
        using var derived = DerivedEpoch.FromJoinerSecret(_tree, joiner, psk, _context, policy.Ratchets);
        return Group.Begin(_tree, derived, keys, _signatureKeys[member], policy);
    }

    /// <summary>Makes a node and all below it, and gives its tree hash.</summary>
    private byte[] Make(NodeIndex index, byte[] parentHash)
    {
        if (index.IsLeaf) return MakeLeaf(index, parentHash);
        if (FirstLeafBelow(index.Right) >= _members) return HashParent(null, Make(index.Left, parentHash), Make(index.Right, []));
        // What the left child says of its parent is of the time before the right child's update: its truth cannot be checked any more.
        byte[] left = Make(index.Left, RandomSource.System.PublicBytes(_cast.Suite.Hkdf.HashSize));
        var key = _cast.Suite.Hpke.Kem.Generate(RandomSource.System);
        var parent = new ParentNode(key.PublicKey, parentHash, []);
        (_nodes[index.Value], _nodeKeys[index.Value]) = (parent, key);
        var input = new TlsWriter();
        input.WriteOpaque(parent.EncryptionKey.Span);
        input.WriteOpaque(parent.ParentHash.Span);
        input.WriteOpaque(left);
        return HashParent(parent, left, Make(index.Right, _cast.Suite.Hkdf.Hash(input.Written)));
    }

    private byte[] MakeLeaf(NodeIndex index, byte[] parentHash)
    {
        var input = new TlsWriter();
        input.WriteUInt8(1);
        input.Write(index.Leaf);
        int number = (int)index.Leaf.Value;
        if (number >= _members)
        {
            input.WritePresence(false);
            return _cast.Suite.Hkdf.Hash(input.Written);
        }
        var key = _cast.Suite.Hpke.Kem.Generate(RandomSource.System);
        var leaf = _cast.CommittedLeaf(_signatureKeys[number], key, number, _groupId, parentHash);
        (_nodes[index.Value], _nodeKeys[index.Value]) = (leaf, key);
        input.WriteOptional(leaf);
        return _cast.Suite.Hkdf.Hash(input.Written);
    }

    private byte[] HashParent(ParentNode? parent, byte[] left, byte[] right)
    {
        var input = new TlsWriter();
        input.WriteUInt8(2);
        input.WriteOptional(parent);
        input.WriteOpaque(left);
        input.WriteOpaque(right);
        return _cast.Suite.Hkdf.Hash(input.Written);
    }

    private byte[] Encode()
    {
        var writer = new TlsWriter(_nodes.Length * 128);
        int last = Array.FindLastIndex(_nodes, static node => node is not null);
        writer.WriteVector(_nodes.Take(last + 1), static (output, node) =>
        {
            output.WritePresence(node is not null);
            if (node is null) return;
            output.WriteUInt8(node is LeafNode ? (byte)1 : (byte)2);
            (node as LeafNode)?.Encode(output);
            (node as ParentNode)?.Encode(output);
        });
        return writer.ToArray();
    }

    private static uint FirstLeafBelow(NodeIndex index)
    {
        while (!index.IsLeaf) index = index.Left;
        return index.Leaf.Value;
    }
}
