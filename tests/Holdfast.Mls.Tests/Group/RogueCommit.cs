using Holdfast.Codec;
using Holdfast.Cryptography;

namespace Holdfast.Mls.Tests;

/// <summary>Commits that an honest client would not make, signed and framed by a member all the same.</summary>
internal static class RogueCommit
{
    private static CipherSuite Suite => CipherSuite.Mandatory;

    /// <summary>A commit of exactly these proposals, with whatever path; its confirmation tag is wrong.</summary>
    internal static byte[] Of(Client by, IReadOnlyList<ProposalOrRef> proposals, UpdatePath? path = null) =>
        Frame(by, Sign(by, new Commit(proposals, path)).WithConfirmationTag(new byte[Suite.Hkdf.HashSize]));

    internal static byte[] Of(Client by, params IReadOnlyList<Proposal> proposals) =>
        Of(by, [.. proposals.Select(proposal => (ProposalOrRef)new ProposalByValue(proposal))]);

    /// <summary>A proposal as a member would send it, whatever it says.</summary>
    internal static byte[] Propose(Client by, Proposal proposal)
    {
        var content = by.Group.Frame(new ProposalContent(proposal), default);
        return Frame(by, AuthenticatedContent.Sign(Suite, WireFormat.PrivateMessage, content, by.Group.Context, by.SignatureKey));
    }

    /// <summary>A good path for an otherwise empty commit, with whatever leaf.</summary>
    internal static UpdatePath Path(Client by, Func<LeafNode, LeafNode>? leaf = null)
    {
        var state = by.Group.State;
        var content = (leaf ?? (same => same))(state.OwnLeafNode);
        using var path = NewPath.Create(state.Tree, state.Keys, content, by.SignatureKey, by.Group.GroupId.Span, by.Random);
        return path.Encrypt(Tls.Encode(Provisional(state, path)), new HashSet<LeafIndex>(), by.Random);
    }

    /// <summary>An empty commit that is good in all but what <paramref name="spoil"/> does to its path; the tag is right.</summary>
    internal static byte[] WithSpoiltPath(Client by, Func<UpdatePath, UpdatePath> spoil)
    {
        var state = by.Group.State;
        using var path = NewPath.Create(state.Tree, state.Keys, state.OwnLeafNode, by.SignatureKey, by.Group.GroupId.Span, by.Random);
        var commit = new Commit([], spoil(path.Encrypt(Tls.Encode(Provisional(state, path)), new HashSet<LeafIndex>(), by.Random)));
        var list = ProposalList.Gather(commit, Sender.Member(by.Group.OwnLeaf), by.Group.Pending);
        var transition = new EpochTransition(state.Public, list, list.Apply(state.Public), path.Tree, null);
        var signed = Sign(by, commit);
        using var psk = state.PskSecret([], by.Policy);
        using var derived = DerivedEpoch.FromCommit(
            transition, signed, state.Secrets.InitSecret, path.CommitSecret, psk, by.Policy.Ratchets);
        return Frame(by, signed.WithConfirmationTag(derived.Tag()));
    }

    private static GroupContext Provisional(EpochState state, NewPath path) =>
        state.Context with { Epoch = unchecked(state.Context.Epoch + 1), TreeHash = path.Tree.TreeHash };

    private static AuthenticatedContent Sign(Client by, Commit commit) => AuthenticatedContent.Sign(
        Suite, WireFormat.PrivateMessage, by.Group.Frame(new CommitContent(commit), default), by.Group.Context, by.SignatureKey);

    /// <summary>Protects with a generation that the honest client then uses again: that is what a rogue may do.</summary>
    private static byte[] Frame(Client by, AuthenticatedContent content)
    {
        var (message, next) = by.Group.ProtectHandshake(content, by.Random);
        next.Dispose();
        return message;
    }
}
