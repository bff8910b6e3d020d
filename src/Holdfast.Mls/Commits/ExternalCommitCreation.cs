using Holdfast.Codec;
using Holdfast.Cryptography;

namespace Holdfast.Mls;

/// <summary>
/// Joining from outside (RFC 9420 §12.4.3.2): check the GroupInfo and its tree, choose the init secret (§8.3), remove our former
/// self if there is one, take the leftmost blank leaf with a path, sign, derive.
/// </summary>
internal sealed class ExternalCommitCreation(
    GroupInfo groupInfo, ExternalJoinOptions options, SignatureKey signatureKey, GroupPolicy policy, RandomSource random)
{
    private readonly CipherSuite _suite = policy.Suites.Find(groupInfo.GroupContext.CipherSuite)
        ?? throw new MlsException(MlsError.Unsupported, "RFC 9420 §12.4.3.2: the group's cipher suite is not one we know");

    /// <exception cref="MlsException">The GroupInfo breaks a rule, or we cannot be a member of this group.</exception>
    internal ExternalJoinOutcome.Prepared Create()
    {
        var epoch = CheckedEpoch();
        using var initSecret = ChooseInitSecret(out var kemOutput);
        var former = options.Resync ? FindFormerSelf(epoch.Tree) : null;
        var selfRemoves = options.SelfRemoves.Select(message => OutsideSelfRemove.Read(message, epoch)).ToList();
        var proposals = Propose(kemOutput, former, selfRemoves);
        proposals.Check(epoch, policy, now: null);
        var applied = proposals.Apply(epoch);
        using var path = CreatePath(applied);
        var transition = new EpochTransition(epoch, proposals, applied, path.Tree, path.Tree.Leaf(applied.Committer));
        CheckMembers(transition, former);
        var signed = Sign(transition, path);
        using var pskSecret = PskLookup.Secret(_suite, proposals.Psks, policy.Psks);
        using var derived = DerivedEpoch.FromCommit(transition, signed, initSecret, path.CommitSecret, pskSecret, policy.Ratchets);
        var message = PublicMessage.Protect(_suite, signed.WithConfirmationTag(derived.Tag()), epoch.Context, membershipKey: null);
        var next = Group.Begin(path.Tree, derived, path.Keys, signatureKey, policy);
        return new ExternalJoinOutcome.Prepared(Tls.Encode(new MlsMessage(message)), next, former, Told());
    }

    private PublicEpoch CheckedEpoch()
    {
        var context = groupInfo.GroupContext;
        MlsException.Require(
            context.Version == ProtocolVersion.Mls10, MlsError.Unsupported, "RFC 9420 §6: the group's version is not mls10");
        var tree = GroupInfoRules.CheckedTree(_suite, groupInfo, options.RatchetTree, policy);
        var interim = TranscriptHash.Interim(_suite, context.ConfirmedTranscriptHash.Span, groupInfo.ConfirmationTag.Span);
        return new PublicEpoch(context, tree, interim);
    }

    /// <summary>RFC 9420 §8.3.</summary>
    private Secret ChooseInitSecret(out byte[] kemOutput)
    {
        var external = ExternalPub.In(groupInfo.Extensions)
            ?? throw new MlsException(MlsError.Unsupported, "RFC 9420 §12.4.3.2: the GroupInfo has no external_pub");
        return ExternalInit.Create(_suite, external.PublicKey.Span, random, out kemOutput)
            ?? throw new MlsException(MlsError.InvalidKey, "RFC 9420 §12.4.3.2: external_pub is no public key");
    }

    /// <summary>RFC 9420 §12.2: the member that we were.</summary>
    private Member FindFormerSelf(RatchetTree tree)
    {
        var self = NewLeaf();
        var candidates = tree.Leaves.Select(entry => new Member(entry.Index, entry.Leaf))
            .Where(member => policy.IsSameMember(member.Leaf, self)).ToList();
        var former = candidates.Find(member => member.Leaf.SignatureKey.Span.SequenceEqual(self.SignatureKey.Span))
            ?? (candidates.Count == 1 ? candidates[0] : null);
        return former ?? throw new MlsException(
            MlsError.NotForUs, "RFC 9420 §12.4.3.2: no leaf, or no single one, of the group is our former self");
    }

    private ProposalList Propose(byte[] kemOutput, Member? former, IEnumerable<CommittedProposal> selfRemoves)
    {
        Proposal[] remove = former is null ? [] : [new RemoveProposal(former.Index)];
        var psks = options.Psks.Select(id => new PreSharedKeyProposal(id));
        return ProposalList.OfJoiner([new ExternalInitProposal(kemOutput), .. remove, .. psks], selfRemoves);
    }

    /// <summary>RFC 9420 §12.2: that the tree is one the group can have; most often it is not because we are in it already.</summary>
    private void CheckMembers(EpochTransition transition, Member? former)
    {
        try
        {
            transition.CheckMembers();
        }
        catch (MlsException broken) when (former is null && transition.Old.Tree.HasKey(signatureKey.PublicKey))
        {
            throw new MlsException(broken.Error, $"{broken.Rule}; a former self is replaced with {nameof(options.Resync)}");
        }
    }

    /// <summary>RFC 9420 §12.4.2: fresh keys for our new leaf and all above it.</summary>
    private NewPath CreatePath(AppliedProposals applied)
    {
        using var none = TreePrivateKeys.None(_suite, applied.Committer);
        var path = NewPath.Create(applied.Tree, none, NewLeaf(), signatureKey, groupInfo.GroupContext.GroupId.Span, random);
        try
        {
            var leaf = path.Tree.Leaf(applied.Committer)!;
            LeafNodeRules.Check(_suite, leaf, groupInfo.GroupContext.GroupId.Span, applied.Committer);
            return path;
        }
        catch
        {
            path.Dispose();
            throw;
        }
    }

    /// <summary>What our leaf says; its encryption key, parent hash and signature come with the path.</summary>
    private LeafNode NewLeaf() => new()
    {
        EncryptionKey = default,
        SignatureKey = signatureKey.PublicKey,
        Credential = options.Credential,
        Capabilities = options.Capabilities,
        Source = LeafNodeSource.Commit,
        Extensions = options.LeafExtensions,
    };

    private AuthenticatedContent Sign(EpochTransition transition, NewPath path)
    {
        var context = transition.Old.Context;
        if (!options.AuthenticatedData.IsEmpty) SafeAad.Check(context, options.AuthenticatedData.Span);   // who joins knows only now
        var updatePath = path.Encrypt(
            Tls.Encode(transition.ProvisionalContext), transition.Applied.AddedLeaves, random, policy.Parallelism);
        var commit = new Commit([.. transition.Proposals.Items.Select(item => item.Entry)], updatePath);
        var content = new FramedContent(
            context.GroupId,
            context.Epoch,
            Sender.NewMemberCommit,
            SafeAad.Framed(context, options.AuthenticatedData),
            new CommitContent(commit));
        return AuthenticatedContent.Sign(_suite, WireFormat.PublicMessage, Readable.Checked(content), context, signatureKey);
    }

    private IReadOnlyList<Extension> Told() =>
        [.. groupInfo.Extensions.Where(extension => extension.Type is not (ExtensionType.RatchetTree or ExtensionType.ExternalPub))];
}
