using System.Text.Json;
using Holdfast.Codec;
using Holdfast.Cryptography;

namespace Holdfast.Mls.Vectors;

/// <summary>RFC 9420 §7.4–§7.6: every member opens the published paths, and ours.</summary>
internal sealed class TreeKem
{
    private static readonly HashSet<LeafIndex> NoneAdded = [];

    private readonly CipherSuite _suite;
    private readonly JsonElement _vector;
    private readonly RatchetTree _tree;
    private readonly Dictionary<LeafIndex, TreePrivateKeys> _members = [];
    private readonly Dictionary<LeafIndex, SignatureKey> _signatureKeys = [];

    private TreeKem(JsonElement vector)
    {
        (_suite, _vector) = (vector.Suite(), vector);
        _tree = RatchetTree.Decode(_suite, vector.Hex("ratchet_tree"));
        foreach (var member in vector.Items("leaves_private")) AddMember(member);
    }

    internal static void Verify(JsonElement vector)
    {
        var tree = new TreeKem(vector);
        foreach (var path in vector.Items("update_paths")) tree.CheckReceived(path);
    }

    internal static void VerifyOurs(JsonElement vector)
    {
        var tree = new TreeKem(vector);
        foreach (var path in vector.Items("update_paths")) tree.CheckCreated(new LeafIndex(path.UInt32("sender")));
    }

    private void AddMember(JsonElement member)
    {
        var index = new LeafIndex(member.UInt32("index"));
        using var leafKey = _suite.Hpke.Kem.Import(member.Hex("encryption_priv"));
        var keys = TreePrivateKeys.Create(_suite, index, leafKey);
        foreach (var entry in member.Items("path_secrets"))
        {
            using var secret = entry.Secret("path_secret");
            using var secrets = PathSecrets.From(_suite, secret, [new NodeIndex(entry.UInt32("node"))]);
            keys.Put(secrets, _tree);   // throws where the key is not the tree's
        }
        var signatureKey = _suite.Signature.Import(member.Hex("signature_priv"));
        var leaf = Expect.Present("leaf of a member", _tree.Leaf(index));
        Expect.Same("encryption_priv's public key", leaf.EncryptionKey.Span, leafKey.PublicKey.Span);
        Expect.Same("signature_priv's public key", leaf.SignatureKey.Span, signatureKey.PublicKey.Span);
        _members.Add(index, keys.For(_tree));
        _signatureKeys.Add(index, signatureKey);
    }

    private void CheckReceived(JsonElement vector)
    {
        var sender = new LeafIndex(vector.UInt32("sender"));
        var path = Tls.Decode<UpdatePath>(vector.Hex("update_path"));
        var after = _tree.Merge(sender, path, NoneAdded);
        CheckLeaf(path.LeafNode, sender);
        Expect.Same("tree_hash_after", vector.Hex("tree_hash_after"), after.TreeHash.Span);
        foreach (var (index, keys) in _members)
        {
            if (index == sender) continue;
            using var received = ReceivedPath.Open(_tree, after, sender, path, keys, ContextOf(after), NoneAdded);
            Expect.Same("commit_secret", vector.Hex("commit_secret"), received.CommitSecret.Reveal());
            CheckPathSecret(
                after,
                received.Keys,
                TreeMath.CommonAncestor(index.Node, sender.Node),
                vector.GetProperty("path_secrets")[(int)index.Value].Hex());
        }
    }

    /// <summary>
    /// The leaves of suite 7's cases do not list their suite among their capabilities, which we refuse (RFC 9420 §7.2, §7.3), though
    /// their signatures are good: there, the case holds if the signature is good and that rule alone is broken.
    /// </summary>
    private void CheckLeaf(LeafNode leaf, LeafIndex sender)
    {
        byte[] groupId = _vector.Hex("group_id");
        Expect.Holds(
            "the path's leaf is signed",
            _suite.VerifyWithLabel(leaf.SignatureKey.Span, Labels.LeafNode, leaf.Tbs(groupId, sender), leaf.Signature.Span));
        if (leaf.Capabilities.CipherSuites.Contains(_suite.Id)) LeafNodeRules.Check(_suite, leaf, groupId, sender);
        else Expect.Refused<MlsException>("a leaf without its suite", () => LeafNodeRules.Check(_suite, leaf, groupId, sender));
    }

    private void CheckPathSecret(RatchetTree after, TreePrivateKeys keys, NodeIndex node, byte[] published)
    {
        using var secret = Secret.CopyOf(published);
        using var secrets = PathSecrets.From(_suite, secret, [node]);
        using var derived = secrets.DeriveKey(0);
        using var held = keys.Open(node);
        Expect.Same("a path secret's public key", derived.PublicKey.Span, held.PublicKey.Span);
        Expect.Same("a node's public key", after.Parent(node)!.EncryptionKey.Span, held.PublicKey.Span);
    }

    private void CheckCreated(LeafIndex sender)
    {
        using var created = NewPath.Create(
            _tree, _members[sender], _tree.Leaf(sender)!, _signatureKeys[sender], _vector.Hex("group_id"), RandomSource.System);
        var path = Tls.Decode<UpdatePath>(Tls.Encode(created.Encrypt(ContextOf(created.Tree), NoneAdded, RandomSource.System)));
        var after = _tree.Merge(sender, path, NoneAdded);
        Expect.Same("the tree after our path", created.Tree.TreeHash.Span, after.TreeHash.Span);
        foreach (var (index, keys) in _members)
        {
            if (index == sender) continue;
            using var received = ReceivedPath.Open(_tree, after, sender, path, keys, ContextOf(after), NoneAdded);
            Expect.Same("our path's commit secret", created.CommitSecret.Reveal(), received.CommitSecret.Reveal());
        }
    }

    private byte[] ContextOf(RatchetTree tree) => Tls.Encode(new GroupContext(
        ProtocolVersion.Mls10,
        _suite.Id,
        _vector.Hex("group_id"),
        _vector.GetProperty("epoch").GetUInt64(),
        tree.TreeHash,
        _vector.Hex("confirmed_transcript_hash"),
        []));
}
