using System.Text.Json;
using Holdfast.Codec;
using Holdfast.Cryptography;
using Holdfast.Tests;
using Xunit;

namespace Holdfast.Mls.Tests;

public sealed class TreeVectorTests(ITestOutputHelper output)
{
    [Fact]
    public void VectorLengthsReadAsTheVectorsSay()
    {
        var cases = Vectors.Read("deserialization");
        foreach (var vector in cases)
            Assert.Equal(vector.GetProperty("length").GetInt32(), new TlsReader(vector.Hex("vlbytes_header")).ReadLength());
        Assert.Equal(14, cases.Count);
        output.WriteLine($"deserialization: {cases.Count} cases");
    }

    [Fact]
    public void ProposalsChangeTheTreeAsTheVectorsSay()
    {
        var cases = Vectors.ReadForKnownSuites("tree-operations");
        foreach (var (suite, vector) in cases)
        {
            var before = RatchetTree.Decode(suite, vector.Hex("tree_before"));
            Assert.Equal(vector.Hex("tree_before"), before.Encode());
            Assert.Equal(vector.Hex("tree_hash_before"), before.TreeHash.ToArray());
            var after = Apply(before, Tls.Decode<Proposal>(vector.Hex("proposal")), new LeafIndex(vector.GetProperty("proposal_sender").GetUInt32()));
            Assert.Equal(vector.Hex("tree_after"), after.Encode());
            Assert.Equal(vector.Hex("tree_hash_after"), after.TreeHash.ToArray());
        }
        Assert.Equal(5, cases.Count);
        output.WriteLine($"tree-operations: {cases.Count} cases");
    }

    [Fact]
    public void ValidTreesValidate()
    {
        var cases = Vectors.ReadForKnownSuites("tree-validation");
        foreach (var (suite, vector) in cases)
        {
            var tree = RatchetTree.Decode(suite, vector.Hex("tree"));
            Assert.Equal(vector.Hex("tree"), tree.Encode());
            for (int i = 0; i < TreeMath.NodeCount(tree.LeafCount); i++)
            {
                var expected = vector.GetProperty("resolutions")[i].EnumerateArray().Select(node => new NodeIndex(node.GetUInt32()));
                Assert.Equal(expected, tree.Resolution(new NodeIndex((uint)i)));
                Assert.Equal(vector.GetProperty("tree_hashes")[i].Hex(), tree.Root.Find(new NodeIndex((uint)i)).Hash(suite.Hkdf));
            }
            tree.Validate(Context(suite, vector.Hex("group_id"), 0, tree, default));
        }
        Assert.Equal(7 * 14, cases.Count);
        output.WriteLine($"tree-validation: {cases.Count} cases");
    }

    [Fact]
    public void TreeKemAgreesWithTheVectors()
    {
        var cases = Vectors.ReadForKnownSuites("treekem");
        int paths = 0;
        foreach (var (suite, vector) in cases)
        {
            var state = new TreeKemCase(suite, vector);
            foreach (var path in vector.GetProperty("update_paths").EnumerateArray())
            {
                state.CheckReceived(path);
                // Every path of our own takes as long as the vector's, and is the same code in every suite.
                if (suite == CipherSuite.Mandatory || LongRun.IsWanted) state.CheckCreated(new LeafIndex(path.GetProperty("sender").GetUInt32()));
                paths++;
            }
        }
        Assert.Equal(7 * 11, cases.Count);
        output.WriteLine($"treekem: {cases.Count} cases, {paths} paths");
    }

    [Fact]
    public void StructuresReadAndWriteBackTheVectors()
    {
        var cases = Vectors.Read("messages");
        foreach (var vector in cases)
        {
            Assert.Equal(vector.Hex("ratchet_tree"), RatchetTree.Decode(CipherSuite.Mandatory, vector.Hex("ratchet_tree")).Encode());
            using (var secrets = Tls.Decode<GroupSecrets>(vector.Hex("group_secrets")))
                Assert.Equal(vector.Hex("group_secrets"), Tls.Encode(secrets));
            Assert.Equal(vector.Hex("commit"), Tls.Encode(Tls.Decode<Commit>(vector.Hex("commit"))));
            CheckProposal(vector, "add_proposal", ProposalType.Add);
            CheckProposal(vector, "update_proposal", ProposalType.Update);
            CheckProposal(vector, "remove_proposal", ProposalType.Remove);
            CheckProposal(vector, "pre_shared_key_proposal", ProposalType.PreSharedKey);
            CheckProposal(vector, "re_init_proposal", ProposalType.ReInit);
            CheckProposal(vector, "external_init_proposal", ProposalType.ExternalInit);
            CheckProposal(vector, "group_context_extensions_proposal", ProposalType.GroupContextExtensions);
            CheckMessage<Welcome>(vector, "mls_welcome");
            CheckMessage<GroupInfo>(vector, "mls_group_info");
            CheckMessage<KeyPackage>(vector, "mls_key_package");
        }
        Assert.Equal(300, cases.Count);
        output.WriteLine($"messages, without framing: {cases.Count} cases");
    }

    internal static GroupContext Context(CipherSuite suite, byte[] groupId, ulong epoch, RatchetTree tree, ReadOnlyMemory<byte> transcript) =>
        new(ProtocolVersion.Mls10, suite.Id, groupId, epoch, tree.TreeHash, transcript, []);

    private static RatchetTree Apply(RatchetTree tree, Proposal proposal, LeafIndex sender) => proposal switch
    {
        AddProposal add => tree.Add(add.KeyPackage.LeafNode).Tree,
        UpdateProposal update => tree.Update(sender, update.LeafNode),
        RemoveProposal remove => tree.Remove(remove.Removed),
        _ => throw new InvalidOperationException("no such proposal in these vectors"),
    };

    private static void CheckProposal(JsonElement vector, string name, ushort type)
    {
        byte[] encoded = [(byte)(type >> 8), (byte)type, .. vector.Hex(name)];
        Assert.Equal(encoded, Tls.Encode(Tls.Decode<Proposal>(encoded)));
    }

    /// <summary>What is behind an MLSMessage's version and wire format.</summary>
    private static void CheckMessage<T>(JsonElement vector, string name) where T : ITlsStruct<T>
    {
        byte[] encoded = vector.Hex(name)[4..];
        Assert.Equal(encoded, Tls.Encode(Tls.Decode<T>(encoded)));
    }

    private sealed class TreeKemCase
    {
        private static readonly HashSet<LeafIndex> NoneAdded = [];

        private readonly CipherSuite _suite;
        private readonly JsonElement _vector;
        private readonly RatchetTree _tree;
        private readonly Dictionary<LeafIndex, TreePrivateKeys> _members = [];
        private readonly Dictionary<LeafIndex, SignatureKey> _signatureKeys = [];

        internal TreeKemCase(CipherSuite suite, JsonElement vector)
        {
            (_suite, _vector) = (suite, vector);
            _tree = RatchetTree.Decode(suite, vector.Hex("ratchet_tree"));
            foreach (var member in vector.GetProperty("leaves_private").EnumerateArray()) AddMember(member);
        }

        /// <summary>The leaves of suite 7's cases do not list their suite; we refuse that, though their signatures are good.</summary>
        private void CheckLeaf(LeafNode leaf, LeafIndex sender)
        {
            byte[] groupId = _vector.Hex("group_id");
            if (leaf.Capabilities.CipherSuites.Contains(_suite.Id)) LeafNodeRules.Check(_suite, leaf, groupId, sender);
            else Assert.Throws<MlsException>(() => LeafNodeRules.Check(_suite, leaf, groupId, sender));
            Assert.True(_suite.VerifyWithLabel(leaf.SignatureKey.Span, Labels.LeafNode, leaf.Tbs(groupId, sender), leaf.Signature.Span));
        }

        internal void CheckReceived(JsonElement vector)
        {
            var sender = new LeafIndex(vector.GetProperty("sender").GetUInt32());
            var path = Tls.Decode<UpdatePath>(vector.Hex("update_path"));
            var after = _tree.Merge(sender, path, NoneAdded);
            CheckLeaf(path.LeafNode, sender);
            Assert.Equal(vector.Hex("tree_hash_after"), after.TreeHash.ToArray());
            foreach (var (index, keys) in _members)
            {
                if (index == sender) continue;
                using var received = ReceivedPath.Open(_tree, after, sender, path, keys, ContextOf(after), NoneAdded);
                Assert.Equal(vector.Hex("commit_secret"), received.CommitSecret.Reveal());
                CheckPathSecret(after, received.Keys, TreeMath.CommonAncestor(index.Node, sender.Node), vector.GetProperty("path_secrets")[(int)index.Value].Hex());
            }
        }

        internal void CheckCreated(LeafIndex sender)
        {
            using var created = NewPath.Create(
                _tree, _members[sender], _tree.Leaf(sender)!, _signatureKeys[sender], _vector.Hex("group_id"), RandomSource.System);
            var path = Tls.Decode<UpdatePath>(Tls.Encode(created.Encrypt(ContextOf(created.Tree), NoneAdded, RandomSource.System)));
            var after = _tree.Merge(sender, path, NoneAdded);
            Assert.Equal(created.Tree.TreeHash.ToArray(), after.TreeHash.ToArray());
            foreach (var (index, keys) in _members)
            {
                if (index == sender) continue;
                using var received = ReceivedPath.Open(_tree, after, sender, path, keys, ContextOf(after), NoneAdded);
                Assert.Equal(created.CommitSecret.Reveal(), received.CommitSecret.Reveal());
            }
        }

        private void AddMember(JsonElement member)
        {
            var index = new LeafIndex(member.GetProperty("index").GetUInt32());
            using var leafKey = _suite.Hpke.Kem.Import(member.Hex("encryption_priv"));
            var keys = TreePrivateKeys.Create(_suite, index, leafKey);
            foreach (var entry in member.GetProperty("path_secrets").EnumerateArray())
            {
                using var secret = Secret.CopyOf(entry.Hex("path_secret"));
                using var secrets = PathSecrets.From(_suite, secret, [new NodeIndex(entry.GetProperty("node").GetUInt32())]);
                keys.Put(secrets, _tree);   // throws where the key is not the tree's
            }
            _members.Add(index, keys.For(_tree));
            _signatureKeys.Add(index, _suite.Signature.Import(member.Hex("signature_priv")));
            Assert.Equal(_tree.Leaf(index)!.EncryptionKey.ToArray(), leafKey.PublicKey.ToArray());
            Assert.Equal(_tree.Leaf(index)!.SignatureKey.ToArray(), _signatureKeys[index].PublicKey.ToArray());
        }

        private void CheckPathSecret(RatchetTree after, TreePrivateKeys keys, NodeIndex node, byte[] expected)
        {
            using var secret = Secret.CopyOf(expected);
            using var secrets = PathSecrets.From(_suite, secret, [node]);
            using var derived = secrets.DeriveKey(0);
            using var held = keys.Open(node);
            Assert.Equal(derived.PublicKey.ToArray(), held.PublicKey.ToArray());
            Assert.Equal(after.Parent(node)!.EncryptionKey.ToArray(), held.PublicKey.ToArray());
        }

        private byte[] ContextOf(RatchetTree tree) => Tls.Encode(Context(
            _suite, _vector.Hex("group_id"), _vector.GetProperty("epoch").GetUInt64(), tree, _vector.Hex("confirmed_transcript_hash")));
    }
}
