using Holdfast.Codec;
using Holdfast.Cryptography;
using Xunit;

namespace Holdfast.Mls.Tests;

/// <summary>A tree with the private keys of all its members: the part of a group that RFC 9420 §7 speaks of.</summary>
internal sealed class TreeGroup
{
    internal static readonly CipherSuite Suite = CipherSuite.Mandatory;
    internal static readonly byte[] GroupId = "tree"u8.ToArray();

    private static readonly IReadOnlySet<LeafIndex> NoneAdded = new HashSet<LeafIndex>();

    private readonly Dictionary<LeafIndex, TreePrivateKeys> _keys = [];
    private readonly Dictionary<LeafIndex, SignatureKey> _signers = [];
    private int _names;

    internal TreeGroup()
    {
        var (bundle, signer) = NewMember();
        Tree = RatchetTree.Create(Suite, bundle.KeyPackage.LeafNode);
        Enter(default, bundle, signer);
    }

    internal RatchetTree Tree { get; private set; }

    internal List<LeafIndex> Members => [.. _keys.Keys.Order()];

    internal GroupContext Context => ContextOf(Tree);

    internal static Capabilities Capable { get; } = new([1], [1, 0x0A0A], [0xF001, 0x1A1A], [0x2A2A], [1, 0x3A3A]);

    /// <summary>A group of that many, with a full path from every member, so that no node is blank.</summary>
    internal static TreeGroup Full(int members)
    {
        var group = new TreeGroup();
        while (group.Members.Count < members) group.Add();
        foreach (var member in group.Members) group.Commit(member);
        return group;
    }

    /// <summary>A group after a history that leaves blanks, unmerged leaves and old parent hashes behind.</summary>
    internal static TreeGroup Random(int members, IEnumerable<(int Act, int Who)> history)
    {
        var group = Full(members);
        foreach (var (act, who) in history) group.Step(act, who);
        return group;
    }

    internal TreePrivateKeys KeysOf(LeafIndex member) => _keys[member];

    internal SignatureKey SignerOf(LeafIndex member) => _signers[member];

    internal static GroupContext ContextOf(RatchetTree tree) =>
        new(ProtocolVersion.Mls10, Suite.Id, GroupId, 1, tree.TreeHash, default, []);

    internal void Step(int act, int who)
    {
        var member = Members[who % Members.Count];
        switch (act)
        {
            case 0: Add(); break;
            case 1 when Members.Count > 2: Remove(member); break;
            case 2: Update(member); break;
            case 3: CommitWithAdd(member); break;
            default: Commit(member); break;
        }
    }

    internal LeafIndex Add()
    {
        var (bundle, signer) = NewMember();
        (Tree, var index) = Tree.Add(bundle.KeyPackage.LeafNode);
        Enter(index, bundle, signer);
        return index;
    }

    internal void Remove(LeafIndex member)
    {
        Tree = Tree.Remove(member);
        _keys.Remove(member);
        _signers.Remove(member);
        foreach (var other in Members) _keys[other] = _keys[other].For(Tree);
    }

    internal void Update(LeafIndex member)
    {
        using var leafKey = Suite.Hpke.Kem.Generate(RandomSource.System);
        var leaf = Tree.Leaf(member)! with { EncryptionKey = leafKey.PublicKey, Source = LeafNodeSource.Update, Lifetime = null };
        Tree = Tree.Update(member, leaf.Sign(Suite, _signers[member], GroupId, member));
        _keys[member] = _keys[member].WithLeafKey(leafKey);
        foreach (var other in Members) _keys[other] = _keys[other].For(Tree);
    }

    internal void Commit(LeafIndex sender) => CommitTo(Tree, sender, NoneAdded);

    /// <summary>A new member and a path in one commit: its keys come with the Welcome.</summary>
    internal void CommitWithAdd(LeafIndex sender)
    {
        var (bundle, signer) = NewMember();
        var (tree, added) = Tree.Add(bundle.KeyPackage.LeafNode);
        var pathSecret = CommitTo(tree, sender, new HashSet<LeafIndex> { added });
        _keys[added] = TreePrivateKeys.Join(Tree, added, bundle.LeafKey, sender, pathSecret);
        _signers[added] = signer;
    }

    internal (NewPath Created, UpdatePath Path) Prepare(LeafIndex sender)
    {
        var created = NewPath.Create(Tree, _keys[sender], Tree.Leaf(sender)!, _signers[sender], GroupId, RandomSource.System);
        return (created, created.Encrypt(Tls.Encode(ContextOf(created.Tree)), NoneAdded, RandomSource.System));
    }

    internal static (KeyPackageBundle Bundle, SignatureKey Signer) NewMember(string name = "member")
    {
        var signer = Suite.Signature.Generate(RandomSource.System);
        var bundle = KeyPackageBundle.Create(
            Suite,
            signer,
            new BasicCredential(System.Text.Encoding.UTF8.GetBytes(name)),
            Capable,
            new Lifetime(0, 1000),
            [],
            [],
            RandomSource.System);
        return (bundle, signer);
    }

    private (KeyPackageBundle Bundle, SignatureKey Signer) NewMember() => NewMember($"member {_names++}");

    private void Enter(LeafIndex index, KeyPackageBundle bundle, SignatureKey signer)
    {
        _keys[index] = TreePrivateKeys.Create(Suite, index, bundle.LeafKey);
        _signers[index] = signer;
    }

    /// <summary>
    /// Makes the path, has every other member process it, and checks that they agree. Returns the first new member's path secret.
    /// </summary>
    private Secret? CommitTo(RatchetTree before, LeafIndex sender, IReadOnlySet<LeafIndex> added)
    {
        using var created = NewPath.Create(before, _keys[sender], before.Leaf(sender)!, _signers[sender], GroupId, RandomSource.System);
        byte[] context = Tls.Encode(ContextOf(created.Tree));
        var path = Tls.Decode<UpdatePath>(Tls.Encode(created.Encrypt(context, added, RandomSource.System)));
        var after = before.Merge(sender, path, added);
        Assert.Equal(created.Tree.Encode(), after.Encode());
        foreach (var member in Members)
        {
            if (member == sender) continue;
            using var received = ReceivedPath.Open(before, after, sender, path, _keys[member], context, added);
            Assert.Equal(created.CommitSecret.Reveal(), received.CommitSecret.Reveal());
            _keys[member] = received.Keys.Copy();
        }
        _keys[sender] = created.Keys.Copy();
        Tree = after;
        return added.Count == 0 ? null : Secret.CopyOf(created.PathSecretFor(added.First()).Reveal());
    }
}
