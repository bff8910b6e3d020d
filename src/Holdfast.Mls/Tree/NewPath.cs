using Holdfast.Cryptography;

namespace Holdfast.Mls;

/// <summary>
/// RFC 9420 §7.5: a path in the making, on the committer's side. The new tree is there at once, because its hash is part of the
/// context under which <see cref="Encrypt"/> then seals the secrets.
/// </summary>
public sealed class NewPath : IDisposable
{
    private readonly RatchetTree _before;
    private readonly LeafIndex _sender;
    private readonly PathSecrets _secrets;

    private NewPath(RatchetTree before, RatchetTree tree, PathSecrets secrets, TreePrivateKeys keys)
    {
        (_before, Tree, _secrets, Keys, _sender) = (before, tree, secrets, keys, keys.OwnLeaf);
        CommitSecret = secrets.CommitSecret();
    }

    /// <summary>The tree with the path in it.</summary>
    public RatchetTree Tree { get; }

    /// <summary>The committer's private keys in the new tree; who keeps them makes a <see cref="TreePrivateKeys.Copy"/>.</summary>
    public TreePrivateKeys Keys { get; }

    /// <summary>RFC 9420 §12.4.1: what the path brings into the key schedule.</summary>
    public Secret CommitSecret { get; }

    /// <summary>Makes fresh keys from the sender's leaf to the root, and signs the leaf.</summary>
    /// <param name="tree">The tree with the commit's proposals applied.</param>
    /// <param name="keys">The sender's private keys; they say which leaf is the sender's.</param>
    /// <param name="leaf">What the new leaf says; its keys, source, parent hash and signature are filled in here.</param>
    /// <param name="signatureKey">The key the new leaf is signed with, and names.</param>
    /// <param name="groupId">The group's id.</param>
    /// <param name="random">Where the secrets come from.</param>
    public static NewPath Create(
        RatchetTree tree, TreePrivateKeys keys, LeafNode leaf, SignatureKey signatureKey, ReadOnlySpan<byte> groupId, RandomSource random)
    {
        var suite = tree.Suite;
        using var leafKey = suite.Hpke.Kem.Generate(random);
        using var lowest = Secret.Random(suite.Hkdf.HashSize, random);
        var secrets = PathSecrets.From(suite, lowest, [.. tree.FilteredDirectPath(keys.OwnLeaf).Select(step => step.Node)]);
        var nodeKeys = new List<KemKey>(secrets.Nodes.Count);
        for (int i = 0; i < secrets.Nodes.Count; i++) nodeKeys.Add(secrets.DeriveKey(i));
        var (parents, parentHash) = tree.NewParents(keys.OwnLeaf, [.. nodeKeys.Select(static key => key.PublicKey)]);
        var content = leaf with
        {
            EncryptionKey = leafKey.PublicKey,
            Source = LeafNodeSource.Commit,
            Lifetime = null,
            ParentHash = parentHash,
        };
        var after = tree.WithPath(keys.OwnLeaf, content.Sign(suite, signatureKey, groupId, keys.OwnLeaf), parents);
        var kept = keys.For(after);
        kept.Put(keys.OwnLeaf.Node, leafKey);
        for (int i = 0; i < nodeKeys.Count; i++)
        {
            kept.Put(secrets.Nodes[i], nodeKeys[i]);
            nodeKeys[i].Dispose();
        }
        return new NewPath(tree, after, secrets, kept);
    }

    /// <summary>RFC 9420 §7.6: the path as the others get it.</summary>
    /// <param name="groupContext">The encoded provisional context, with the new tree's hash.</param>
    /// <param name="added">The leaves that the same commit adds: their secrets travel in the Welcome.</param>
    /// <param name="random">Where the encapsulations come from.</param>
    /// <param name="parallelism">Whether the sealing is spread over the cores; null for the caller's thread alone.</param>
    /// <exception cref="MlsException">A key in the tree is no public key.</exception>
    public UpdatePath Encrypt(
        ReadOnlySpan<byte> groupContext, IReadOnlySet<LeafIndex> added, RandomSource random, Parallelism? parallelism = null)
    {
        var steps = _before.FilteredDirectPath(_sender);
        var recipients = new List<(int Step, int Place, NodeIndex Node)>();
        var sealedSecrets = new HpkeCiphertext[steps.Count][];
        for (int i = 0; i < steps.Count; i++)
        {
            var nodes = _before.Recipients(steps[i].Copath, added);
            sealedSecrets[i] = new HpkeCiphertext[nodes.Count];
            for (int place = 0; place < nodes.Count; place++) recipients.Add((i, place, nodes[place]));
        }
        var info = Tree.Suite.PrepareLabel(Labels.UpdatePathNode, groupContext);
        (parallelism ?? Parallelism.OneThread).With(random).For(recipients.Count, 4, i =>
        {
            var (step, place, node) = recipients[i];
            sealedSecrets[step][place] = Seal(_before.EncryptionKey(node).Span, info, _secrets[step], random);
        });
        return new UpdatePath(
            Tree.Leaf(_sender)!, [.. steps.Select((step, i) => new UpdatePathNode(Tree.EncryptionKey(step.Node), sealedSecrets[i]))]);
    }

    /// <summary>
    /// RFC 9420 §12.4.3.1: the path secret a new member is told, that of its lowest common ancestor with the committer. Borrowed.
    /// </summary>
    public Secret PathSecretFor(LeafIndex member)
    {
        var ancestor = TreeMath.CommonAncestor(_sender.Node, member.Node);
        for (int i = 0; i < _secrets.Nodes.Count; i++)
        {
            if (_secrets.Nodes[i] == ancestor) return _secrets[i];
        }
        throw new ArgumentException("the leaf is blank, or the committer's own", nameof(member));
    }

    /// <summary>Wipes the secrets and the keys.</summary>
    public void Dispose()
    {
        _secrets.Dispose();
        Keys.Dispose();
        CommitSecret.Dispose();
    }

    private HpkeCiphertext Seal(ReadOnlySpan<byte> publicKey, HpkeInfo info, Secret secret, RandomSource random)
    {
        var message = Tree.Suite.Hpke.Seal(publicKey, info, [], secret.Reveal(), random)
            ?? throw new MlsException(MlsError.InvalidKey, "RFC 9420 §7.6: a node's key is no public key");
        return new HpkeCiphertext(message.Encapsulation, message.Ciphertext);
    }
}
