using Holdfast.Codec;
using Holdfast.Cryptography;

namespace Holdfast.Mls.Tests;

/// <summary>What somebody outside sends who ignores the rules: signed and framed as it must be, whatever it says.</summary>
internal static class RogueJoin
{
    private static CipherSuite Suite => CipherSuite.Mandatory;

    /// <summary>
    /// An external commit of exactly these proposals into the group of <paramref name="inside"/>, with a path that is right for the
    /// Remove that leads the way; its confirmation tag is wrong, so that it is refused for its list or, if that is good, for its tag.
    /// </summary>
    internal static byte[] Of(
        Client joiner,
        Client inside,
        IReadOnlyList<ProposalOrRef> proposals,
        Func<LeafNode, LeafNode>? leaf = null,
        Func<UpdatePath, UpdatePath>? spoil = null)
    {
        var epoch = inside.Group.State.Public;
        var removed = proposals.OfType<ProposalByValue>().Select(entry => entry.Proposal).OfType<RemoveProposal>().FirstOrDefault();
        var (tree, index) = (removed is null ? epoch.Tree : epoch.Tree.Remove(removed.Removed)).ReserveLeaf();
        using var none = TreePrivateKeys.None(Suite, index);
        using var path = NewPath.Create(
            tree, none, (leaf ?? (same => same))(Leaf(joiner)), joiner.SignatureKey, epoch.Context.GroupId.Span, joiner.Random);
        var provisional = epoch.Context with { Epoch = epoch.Context.Epoch + 1, TreeHash = path.Tree.TreeHash };
        var update = path.Encrypt(Tls.Encode(provisional), new HashSet<LeafIndex>(), joiner.Random);
        return Commit(joiner, inside, new Commit(proposals, (spoil ?? (same => same))(update)));
    }

    /// <summary>Any commit as somebody who joins would send it.</summary>
    internal static byte[] Commit(Client joiner, Client inside, Commit commit)
    {
        var signed = Sign(joiner, inside, Sender.NewMemberCommit, new CommitContent(commit));
        return Tls.Encode(
            new MlsMessage(new PublicMessage(signed.Content, signed.Auth with { ConfirmationTag = new byte[Suite.Hkdf.HashSize] })));
    }

    /// <summary>Any proposal as any kind of outsider would send it.</summary>
    internal static byte[] Propose(Client by, Client inside, Sender sender, Proposal proposal)
    {
        var signed = Sign(by, inside, sender, new ProposalContent(proposal));
        return Tls.Encode(new MlsMessage(new PublicMessage(signed.Content, signed.Auth)));
    }

    /// <summary>An ExternalInit that the members can process.</summary>
    internal static ExternalInitProposal ExternalInit(Client inside)
    {
        using var pair = inside.Group.State.Secrets.ExternalKeyPair();
        using var secret = Mls.ExternalInit.Create(Suite, pair.PublicKey.Span, inside.Random, out var output);
        return new ExternalInitProposal(output);
    }

    private static LeafNode Leaf(Client joiner) => new()
    {
        EncryptionKey = default,
        SignatureKey = joiner.SignatureKey.PublicKey,
        Credential = joiner.JoinOptions().Credential,
        Capabilities = joiner.Capabilities,
        Source = LeafNodeSource.Commit,
    };

    private static AuthenticatedContent Sign(Client by, Client inside, Sender sender, Content content)
    {
        var framed = new FramedContent(inside.Group.GroupId, inside.Group.Epoch, sender, default, content);
        using var tbs = new TlsWriter();
        FramedContentTbs.Encode(tbs, WireFormat.PublicMessage, framed, inside.Group.Context);
        return new AuthenticatedContent(
            WireFormat.PublicMessage,
            framed,
            new FramedContentAuthData(Suite.SignWithLabel(by.SignatureKey, Labels.FramedContent, tbs.Written)));
    }
}
