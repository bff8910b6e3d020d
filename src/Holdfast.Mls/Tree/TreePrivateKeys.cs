using Holdfast.Codec;
using Holdfast.Cryptography;

namespace Holdfast.Mls;

/// <summary>
/// RFC 9420 §4.2: a member's own view of the tree, the private keys of its leaf and of the nodes above that it has. It never
/// changes and owns its keys: every operation returns another with copies of its own, and each is disposed by itself.
/// </summary>
public sealed class TreePrivateKeys : IDisposable
{
    private readonly CipherSuite _suite;
    private readonly SortedDictionary<uint, NodeKey> _keys = [];

    private TreePrivateKeys(CipherSuite suite, LeafIndex own) => (_suite, OwnLeaf) = (suite, own);

    /// <summary>The member's own leaf.</summary>
    public LeafIndex OwnLeaf { get; }

    /// <summary>The keys of a member that has only its leaf's; the key is copied.</summary>
    public static TreePrivateKeys Create(CipherSuite suite, LeafIndex own, KemKey leafKey)
    {
        var keys = new TreePrivateKeys(suite, own);
        keys.Put(own.Node, leafKey);
        return keys;
    }

    /// <summary>The keys of somebody who is about to take that leaf and has none yet.</summary>
    public static TreePrivateKeys None(CipherSuite suite, LeafIndex own) => new(suite, own);

    /// <summary>Whether this has the private key of that node.</summary>
    public bool Has(NodeIndex node) => _keys.ContainsKey(node.Value);

    /// <summary>
    /// RFC 9420 §7.5: what is still good in <paramref name="tree"/>. A key whose public half is no longer there is left out:
    /// outdated keys MUST be deleted.
    /// </summary>
    public TreePrivateKeys For(RatchetTree tree)
    {
        var next = new TreePrivateKeys(_suite, OwnLeaf);
        foreach (var (node, key) in _keys)
        {
            if (tree.EncryptionKey(new NodeIndex(node)).Span.SequenceEqual(key.PublicKey.Span)) next._keys.Add(node, key.Copy());
        }
        return next;
    }

    /// <summary>The same with another leaf key, for the time when our own Update is committed; the key is copied.</summary>
    public TreePrivateKeys WithLeafKey(KemKey leafKey)
    {
        var next = Copy();
        next.Put(OwnLeaf.Node, leafKey);
        return next;
    }

    /// <summary>The same keys once more.</summary>
    public TreePrivateKeys Copy()
    {
        var next = new TreePrivateKeys(_suite, OwnLeaf);
        foreach (var (node, key) in _keys) next._keys.Add(node, key.Copy());
        return next;
    }

    /// <summary>
    /// RFC 9420 §12.4.3.1: a joiner's keys, from the path secret of the lowest common ancestor with who let it in.
    /// </summary>
    /// <param name="tree">The tree of the epoch that is joined.</param>
    /// <param name="own">The joiner's leaf.</param>
    /// <param name="leafKey">The joiner's leaf key; it is copied.</param>
    /// <param name="committer">The leaf of who let it in.</param>
    /// <param name="pathSecret">The path secret, or null where the commit had no path.</param>
    /// <exception cref="MlsException">The secret is not that of the tree's keys.</exception>
    public static TreePrivateKeys Join(RatchetTree tree, LeafIndex own, KemKey leafKey, LeafIndex committer, Secret? pathSecret)
    {
        var keys = Create(tree.Suite, own, leafKey);
        if (pathSecret is null) return keys;
        try
        {
            MlsException.Require(
                tree.Leaf(committer) is not null, MlsError.InvalidTree, "RFC 9420 §12.4.3.1: the committer's leaf is blank");
            var ancestor = TreeMath.CommonAncestor(own.Node, committer.Node);
            MlsException.Require(
                tree.Parent(ancestor) is not null,
                MlsError.InvalidPathSecret,
                "RFC 9420 §12.4.3.1: a path secret for a node that is blank");
            var nodes = TreeMath.DirectPath(ancestor, tree.LeafCount).Prepend(ancestor).Where(node => tree.Parent(node) is not null);
            using var secrets = PathSecrets.From(tree.Suite, pathSecret, [.. nodes]);
            keys.Put(secrets, tree);
            return keys;
        }
        catch
        {
            keys.Dispose();
            throw;
        }
    }

    /// <summary>The records that differ between two states, of which the older may be missing.</summary>
    internal static void Compare(TreePrivateKeys? older, TreePrivateKeys newer, RecordChanges changes)
    {
        foreach (var (node, key) in newer._keys)
        {
            var before = older?._keys.GetValueOrDefault(node);
            if (before is null || !before.PublicKey.Span.SequenceEqual(key.PublicKey.Span)) changes.Change(NameOf(node), before, key);
        }
        if (older is null) return;
        foreach (var (node, key) in older._keys)
        {
            if (!newer._keys.ContainsKey(node)) changes.Change(NameOf(node), key, null);
        }
    }

    /// <summary>Reads the private keys of a member of <paramref name="tree"/>, which has their public halves.</summary>
    /// <exception cref="CodecException">A key stands where this member can have none, or its leaf's is missing.</exception>
    internal static TreePrivateKeys Restore(StateReading records, RatchetTree tree, LeafIndex own)
    {
        var keys = new TreePrivateKeys(tree.Suite, own);
        foreach (var name in records.Keys(RecordType.PrivateKey))
        {
            var node = new NodeIndex(name.Index);
            var publicKey = tree.EncryptionKey(node);
            if (!node.Covers(own.Node)) throw new CodecException("group state: a private key of no node of ours");
            var record = records.Take(name);
            CheckIsKeyOf(tree.Suite, publicKey.Span, record);
            keys._keys.Add(node.Value, new NodeKey(publicKey, Secret.CopyOf(record)));
        }
        return keys.Has(own.Node) ? keys : throw new CodecException("group state: our leaf's private key is missing");
    }

    /// <summary>Wipes the keys.</summary>
    public void Dispose()
    {
        foreach (var key in _keys.Values) key.PrivateKey.Dispose();
        _keys.Clear();
    }

    /// <summary>How many keys, never which.</summary>
    public override string ToString() => $"TreePrivateKeys({_keys.Count})";

    /// <summary>The private key of a node, which the caller disposes.</summary>
    internal KemKey Open(NodeIndex node) => _suite.Hpke.Kem.Import(_keys[node.Value].PrivateKey.Reveal());

    internal void Put(NodeIndex node, KemKey key)
    {
        if (_keys.TryGetValue(node.Value, out var old)) old.PrivateKey.Dispose();
        _keys[node.Value] = new NodeKey(key.PublicKey, Secret.CopyOf(key.RevealPrivateKey()));
    }

    /// <summary>RFC 9420 §7.5: puts in the keys that path secrets give, which must be those of the tree.</summary>
    internal void Put(PathSecrets secrets, RatchetTree tree)
    {
        for (int i = 0; i < secrets.Nodes.Count; i++)
        {
            using var key = secrets.DeriveKey(i);
            MlsException.Require(
                tree.EncryptionKey(secrets.Nodes[i]).Span.SequenceEqual(key.PublicKey.Span),
                MlsError.InvalidPathSecret,
                "RFC 9420 §7.5: a path secret does not give the public key of its node");
            Put(secrets.Nodes[i], key);
        }
    }

    /// <summary>A key that is another's would show only when a commit has to be opened, and strand us.</summary>
    private static void CheckIsKeyOf(CipherSuite suite, ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> record)
    {
        try
        {
            using var key = suite.Hpke.Kem.Import(record);
            if (key.PublicKey.Span.SequenceEqual(publicKey)) return;
        }
        catch (ArgumentException)
        {
            // as no key's
        }
        throw new CodecException("group state: a private key is not its node's");
    }

    private static RecordKey NameOf(uint node) => new(RecordType.PrivateKey, Index: node);

    private sealed record NodeKey(ReadOnlyMemory<byte> PublicKey, Secret PrivateKey) : IStateRecord
    {
        public void EncodeRecord(TlsWriter writer) => writer.WriteBytes(PrivateKey.Reveal());

        internal NodeKey Copy() => new(PublicKey, Secret.CopyOf(PrivateKey.Reveal()));
    }
}
