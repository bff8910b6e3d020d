using Holdfast.Codec;
using Holdfast.Cryptography;

namespace Holdfast.Mls;

/// <summary>
/// Processing another's commit (RFC 9420 §12.4.2) once its framing and signature have been verified: gather, check, apply, then
/// derive and confirm. The first three are what every member can do; what fails there fails for all, and the group stays where
/// it is. Only the rest depends on secrets that were sealed to us. The committer is a member, or joins by this commit
/// (§12.4.3.2).
/// </summary>
/// <param name="group">The group in the commit's epoch.</param>
/// <param name="ratchets">That epoch's ratchets without the commit's key; the caller's.</param>
/// <param name="now">The time against which lifetimes are checked, or null.</param>
internal sealed class CommitHandling(Group group, SecretTree ratchets, DateTimeOffset? now)
{
    private readonly EpochState _old = group.State;
    private readonly PublicEpoch _public = group.State.Public;

    /// <summary>Handles a verified commit.</summary>
    /// <exception cref="MlsException">The commit breaks a rule that everybody can check.</exception>
    internal Handled Handle(AuthenticatedContent content, Commit commit)
    {
        var (framed, proposals) = (content.Content, ProposalList.Gather(commit, content.Content.Sender, group.Pending));
        proposals.Check(_public, group.Policy, now);
        var applied = proposals.Apply(_public);
        CheckPath(proposals, applied, commit, framed.AuthenticatedData);
        var transition = Apply(proposals, applied, commit);
        using var initSecret = InitSecret(proposals);
        var leaf = proposals.IsExternal ? commit.Path!.LeafNode : _public.SenderLeaf(applied.Committer);
        return transition.Removes(group.OwnLeaf)
            ? new Handled.RemovedFromGroup(applied.Committer, leaf, transition.Change, framed.AuthenticatedData)
            : Follow(transition, content, commit, leaf, initSecret);
    }

    /// <summary>RFC 9420 §12.2, §12.4: whether a path is there if it must be, and the path's leaf.</summary>
    private void CheckPath(ProposalList proposals, AppliedProposals applied, Commit commit, ReadOnlyMemory<byte> authenticatedData)
    {
        if (commit.Path is null)
        {
            MlsException.Require(!proposals.PathRequired, MlsError.PathRequired, "RFC 9420 §12.4: this commit must have a path");
            return;
        }
        var leaf = commit.Path.LeafNode;
        var before = proposals.IsExternal ? Former(proposals)?.Leaf : _public.SenderLeaf(applied.Committer);
        LeafNodeRules.CheckReplaces(before, leaf, LeafNodeSource.Commit);
        LeafNodeRules.Check(_old.Suite, leaf, _old.Context.GroupId.Span, applied.Committer);
        if (proposals.IsExternal) CheckJoiner(proposals, applied, leaf, authenticatedData);
        group.Policy.CheckAccepts(leaf, before);
    }

    /// <summary>RFC 9420 §12.2, §12.4.3.2: whom we let in from outside, and whom they may put out: nobody but their former self.</summary>
    private void CheckJoiner(ProposalList proposals, AppliedProposals applied, LeafNode leaf, ReadOnlyMemory<byte> authenticatedData)
    {
        var former = Former(proposals);
        var join = new ExternalJoin(new Member(applied.Committer, leaf), former, proposals.Psks, authenticatedData, _old.Context);
        MlsException.Require(
            group.Policy.AcceptExternalJoin(join),
            MlsError.ForbiddenSender,
            "RFC 9420 §12.4.3.2: the application does not let them join from outside");
        MlsException.Require(
            former is null || group.Policy.IsSameMember(former.Leaf, leaf),
            MlsError.InvalidProposalList,
            "RFC 9420 §12.2: who joins by an external commit removes nobody but their former self");
    }

    private Member? Former(ProposalList proposals) =>
        proposals.FormerSelf is { } index ? new Member(index, _public.SenderLeaf(index)) : null;

    /// <summary>RFC 9420 §12.3, §7.5: the tree after proposals and path, which must be one the group can have.</summary>
    private EpochTransition Apply(ProposalList proposals, AppliedProposals applied, Commit commit)
    {
        var tree = commit.Path is { } path ? applied.Tree.Merge(applied.Committer, path, applied.AddedLeaves) : applied.Tree;
        var transition = new EpochTransition(_public, proposals, applied, tree, commit.Path?.LeafNode);
        transition.CheckMembers();
        return transition;
    }

    /// <summary>RFC 9420 §8.3: what who joins from outside has chosen with the key that all members have; else this epoch's own.</summary>
    private Secret InitSecret(ProposalList proposals)
    {
        if (proposals.ExternalInit is not { } chosen) return Secret.CopyOf(_old.Secrets.InitSecret.Reveal());
        using var pair = _old.Secrets.ExternalKeyPair();
        return ExternalInit.Process(_old.Suite, pair, chosen.KemOutput.Span)
            ?? throw new MlsException(MlsError.InvalidProposal, "RFC 9420 §8.3: the ExternalInit's kem_output is malformed");
    }

    /// <summary>
    /// From here on a failure may be ours alone: then the commit stands, and it is we who cannot follow. A wrong confirmation tag
    /// is not: whoever can open the path gets the same secrets as everyone who can (the path's public keys, which are checked,
    /// leave no choice), so all of them see the tag fail and stay where they are; without them there is no next epoch. Only where
    /// a pre-shared key goes in may the secrets differ all the same.
    /// </summary>
    private Handled Follow(EpochTransition transition, AuthenticatedContent content, Commit commit, LeafNode leaf, Secret initSecret)
    {
        var (committer, data) = (transition.Applied.Committer, content.Content.AuthenticatedData);
        try
        {
            return new Handled.CommitApplied(committer, leaf, transition.Change, data, Derive(transition, content, commit, initSecret));
        }
        catch (MlsException bad) when (MayBeOursAlone(bad, transition))
        {
            return new Handled.Stranded(committer, leaf, transition.Change, data, bad.Error, bad.Rule);
        }
    }

    /// <summary>
    /// Of a member's commit with a pre-shared key nobody can tell. Who joins from outside with one has to prove by the tag that it
    /// has the key: as long as we do not see that proof, a stranger who made it all up must not be able to strand anybody.
    /// </summary>
    private static bool MayBeOursAlone(MlsException bad, EpochTransition transition) =>
        transition.Proposals.Psks.Count > 0
            ? !transition.Proposals.IsExternal
            : transition.PathLeaf is not null && bad.Error != MlsError.InvalidConfirmationTag;

    /// <summary>RFC 9420 §12.4.2: the secrets of the new epoch, confirmed by the committer's tag.</summary>
    private Group Derive(EpochTransition transition, AuthenticatedContent content, Commit commit, Secret initSecret)
    {
        MlsException.Require(
            commit.Path is null || transition.Applied.Committer != group.OwnLeaf,
            MlsError.OwnMessage,
            "RFC 9420 §7.5: a path is sealed to everyone but its maker, and what we knew of it is lost");
        using var pskSecret = _old.PskSecret(transition.Proposals.Psks, group.Policy);
        using var updated = OwnKeys(transition);
        using var path = commit.Path is null ? null : ReceivedPath.Open(
            transition.Applied.Tree,
            transition.Tree,
            transition.Applied.Committer,
            commit.Path,
            updated,
            Tls.Encode(transition.ProvisionalContext),
            transition.Applied.AddedLeaves);
        using var commitSecret = path is null ? KeySchedule.NoCommitSecret(_old.Suite) : Secret.CopyOf(path.CommitSecret.Reveal());
        using var derived = DerivedEpoch.FromCommit(transition, content, initSecret, commitSecret, pskSecret, group.Policy.Ratchets);
        derived.CheckTag(content.Auth.ConfirmationTag!.Value.Span);
        return group.Succeed(transition, derived, path?.Keys ?? updated, _old.SignatureKey, ratchets);
    }

    /// <summary>Our private keys, with the one that waited for our own Update where that is now committed (RFC 9420 §12.1.2).</summary>
    private TreePrivateKeys OwnKeys(EpochTransition transition)
    {
        var update = transition.Applied.Updated.FirstOrDefault(member => member.Index == group.OwnLeaf);
        if (update is null) return _old.Keys.Copy();
        var key = group.Pending.OwnLeafKey(update.After.EncryptionKey)
            ?? throw new MlsException(MlsError.InvalidPathSecret, "RFC 9420 §12.1.2: an Update in our name whose key we do not have");
        return _old.Keys.WithLeafKey(key);
    }
}
