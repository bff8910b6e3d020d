using Holdfast.Cryptography;

namespace Holdfast.Mls.Tests.Trees;

/// <summary>Keys and signed leaves that trees are put together from.</summary>
internal sealed class TreeParts : IDisposable
{
    private readonly List<SignatureKey> _signers = [];
    private readonly List<LeafNode> _leaves = [];
    private readonly List<ReadOnlyMemory<byte>> _nodeKeys = [];
    private readonly bool _signs;

    /// <param name="leafCount">The most leaves of a tree.</param>
    /// <param name="signs">Whether the leaves are signed anew when they get a parent hash, which costs much.</param>
    internal TreeParts(int leafCount, bool signs)
    {
        _signs = signs;
        var random = new SeededRandom(leafCount);
        for (int i = 0; i < leafCount; i++)
        {
            _signers.Add(TreeGroup.Suite.Signature.Generate(random));
            using var bundle = KeyPackageBundle.Create(
                TreeGroup.Suite,
                _signers[i],
                new BasicCredential(new byte[] { (byte)i }),
                TreeGroup.Capable,
                new Lifetime(0, 1000),
                [],
                [],
                random);
            _leaves.Add(bundle.KeyPackage.LeafNode);
        }
        for (int i = 0; i < 2 * leafCount; i++)
        {
            using var key = TreeGroup.Suite.Hpke.Kem.Generate(random);
            _nodeKeys.Add(key.PublicKey);
        }
    }

    /// <summary>What a parent says of a node above it that has gone since.</summary>
    internal byte[] StaleHash { get; } = [.. Enumerable.Repeat((byte)0xAB, 32)];

    internal LeafNode Leaf(int index) => _leaves[index];

    internal ReadOnlyMemory<byte> NodeKey(int place) => _nodeKeys[place];

    /// <summary>The leaf as its member's commit would put it into the tree.</summary>
    internal LeafNode Committed(LeafNode leaf, int index, byte[] parentHash)
    {
        var committed = leaf with { Source = LeafNodeSource.Commit, Lifetime = null, ParentHash = parentHash };
        return _signs ? committed.Sign(TreeGroup.Suite, _signers[index], TreeGroup.GroupId, new LeafIndex((uint)index)) : committed;
    }

    public void Dispose()
    {
        foreach (var signer in _signers) signer.Dispose();
    }
}
