using Holdfast.Codec;
using Holdfast.Cryptography;
using Holdfast.Mls;

namespace Holdfast.Vault.Tests;

/// <summary>A commit that an honest vault would not make, signed and framed by a member all the same.</summary>
internal static class RogueCommit
{
    /// <summary>A commit of some proposals, or none, good in all but the path secrets that <paramref name="victim"/> would need.</summary>
    internal static byte[] Spoil(Group group, OpenVault vault, byte[] authenticated, LeafIndex victim, params Proposal[] proposals)
    {
        var state = group.State;
        var commit = new Commit([.. proposals.Select(static proposal => new ProposalByValue(proposal))], null);
        var list = ProposalList.Gather(commit, Sender.Member(group.OwnLeaf), group.Pending);
        var applied = list.Apply(state.Public);
        using var path = NewPath.Create(applied.Tree, state.Keys, state.OwnLeafNode, vault.Profile.Leaf, group.GroupId.Span, vault.Random);
        var context = state.Context with { Epoch = state.Context.Epoch + 1, TreeHash = path.Tree.TreeHash };
        var good = path.Encrypt(Tls.Encode(context), applied.AddedLeaves, vault.Random);
        commit = commit with { Path = good with { Nodes = [.. good.Nodes.Select((node, depth) => SpoilFor(node, depth, applied.Tree, group.OwnLeaf, victim))] } };
        var transition = new EpochTransition(state.Public, list, applied, path.Tree, null);
        var signed = AuthenticatedContent.Sign(
            group.Suite, WireFormat.PrivateMessage, group.Frame(new CommitContent(commit), authenticated), group.Context, vault.Profile.Leaf);
        using var psk = state.PskSecret([], vault.Policy);
        using var derived = DerivedEpoch.FromCommit(
            transition, signed, state.Secrets.InitSecret, path.CommitSecret, psk, vault.Policy.Ratchets);
        var (message, next) = group.ProtectHandshake(signed.WithConfirmationTag(derived.Tag()), vault.Random);
        next.Dispose();
        return message;
    }

    /// <summary>An empty commit, good in all but its confirmation tag.</summary>
    internal static byte[] WrongTag(Group group, OpenVault vault, byte[] authenticated)
    {
        var state = group.State;
        using var path = NewPath.Create(state.Tree, state.Keys, state.OwnLeafNode, vault.Profile.Leaf, group.GroupId.Span, vault.Random);
        var context = state.Context with { Epoch = state.Context.Epoch + 1, TreeHash = path.Tree.TreeHash };
        var commit = new Commit([], path.Encrypt(Tls.Encode(context), new HashSet<LeafIndex>(), vault.Random));
        var signed = AuthenticatedContent.Sign(
            group.Suite, WireFormat.PrivateMessage, group.Frame(new CommitContent(commit), authenticated), group.Context, vault.Profile.Leaf);
        var (message, next) = group.ProtectHandshake(signed.WithConfirmationTag(new byte[group.Suite.Hkdf.HashSize]), vault.Random);
        next.Dispose();
        return message;
    }

    private static UpdatePathNode SpoilFor(UpdatePathNode node, int depth, RatchetTree tree, LeafIndex committer, LeafIndex victim)
    {
        var copath = tree.FilteredDirectPath(committer)[depth];
        var ciphertexts = node.EncryptedPathSecret.ToList();
        int index = tree.Resolution(copath.Copath).ToList().FindIndex(resolved => resolved == victim.Node);
        if (index >= 0) ciphertexts[index] = ciphertexts[index] with { Ciphertext = RandomSource.System.PublicBytes(ciphertexts[index].Ciphertext.Length) };
        return node with { EncryptedPathSecret = ciphertexts };
    }
}
