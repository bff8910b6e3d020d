using Holdfast.Codec;
using Holdfast.Cryptography;

namespace Holdfast.Mls;

/// <summary>
/// Processing another member's commit (RFC 9420 §12.4.2) once its framing and signature have been verified: gather, check,
/// apply, then derive and confirm. The first three are what every member can do; what fails there fails for all, and the
/// group stays where it is. Only the rest depends on secrets that were sealed to us.
/// </summary>
/// <param name="group">The group in the commit's epoch.</param>
/// <param name="ratchets">That epoch's ratchets without the commit's key; the caller's.</param>
/// <param name="now">The time against which lifetimes are checked, or null.</param>
internal sealed class CommitHandling(Group group, SecretTree ratchets, DateTimeOffset? now)
{
    private readonly EpochState _old = group.State;

    /// <summary>Handles a verified commit.</summary>
    /// <exception cref="MlsException">The commit breaks a rule that everybody can check.</exception>
    internal Handled Handle(AuthenticatedContent content, Commit commit)
    {
        var committer = content.Content.Sender.Leaf;
        var proposals = ProposalList.Gather(commit, committer, group.Pending);
        Check(proposals, commit, committer);
        var transition = Apply(proposals, commit, committer);
        return transition.Removes(group.OwnLeaf)
            ? new Handled.RemovedFromGroup(committer, _old.SenderLeaf(committer), transition.Change, content.Content.AuthenticatedData)
            : Follow(transition, content, commit, committer);
    }

    /// <summary>RFC 9420 §12.2, §12.4: the list, whether a path is there if it must be, and the path's leaf.</summary>
    private void Check(ProposalList proposals, Commit commit, LeafIndex committer)
    {
        proposals.Check(_old, group.Policy, now);
        if (commit.Path is null)
        {
            MlsException.Require(!proposals.PathRequired, MlsError.PathRequired, "RFC 9420 §12.4: this commit must have a path");
            return;
        }
        var before = _old.SenderLeaf(committer);
        LeafNodeRules.CheckReplaces(before, commit.Path.LeafNode, LeafNodeSource.Commit);
        LeafNodeRules.Check(_old.Suite, commit.Path.LeafNode, _old.Context.GroupId.Span, committer);
        group.Policy.CheckAccepts(commit.Path.LeafNode, before);
    }

    /// <summary>RFC 9420 §12.3, §7.5: the tree after proposals and path, which must be one the group can have.</summary>
    private EpochTransition Apply(ProposalList proposals, Commit commit, LeafIndex committer)
    {
        var applied = proposals.Apply(_old);
        var transition = new EpochTransition(_old, proposals, applied, applied.Tree, null);
        if (commit.Path is { } path)
        {
            var renewed = new UpdatedMember(committer, _old.SenderLeaf(committer), path.LeafNode);
            transition = transition with { Tree = applied.Tree.Merge(committer, path, applied.AddedLeaves), Committer = renewed };
        }
        transition.CheckMembers();
        return transition;
    }

    /// <summary>
    /// From here on a failure may be ours alone: then the commit stands, and it is we who cannot follow. A wrong confirmation tag
    /// is not: whoever can open the path gets the same secrets as everyone who can (the path's public keys, which are checked,
    /// leave no choice), so all of them see the tag fail and stay where they are; without them there is no next epoch. Only where
    /// a pre-shared key goes in may the secrets differ all the same.
    /// </summary>
    private Handled Follow(EpochTransition transition, AuthenticatedContent content, Commit commit, LeafIndex committer)
    {
        var (leaf, data) = (_old.SenderLeaf(committer), content.Content.AuthenticatedData);
        try
        {
            return new Handled.CommitApplied(committer, leaf, transition.Change, data, Derive(transition, content, commit, committer));
        }
        catch (MlsException bad) when (MayBeOursAlone(bad, transition))
        {
            return new Handled.Stranded(committer, leaf, transition.Change, data, bad.Rule);
        }
    }

    private static bool MayBeOursAlone(MlsException bad, EpochTransition transition) =>
        transition.Proposals.Psks.Count > 0 || (transition.Committer is not null && bad.Error != MlsError.InvalidConfirmationTag);

    /// <summary>RFC 9420 §12.4.2: the secrets of the new epoch, confirmed by the committer's tag.</summary>
    private Group Derive(EpochTransition transition, AuthenticatedContent content, Commit commit, LeafIndex committer)
    {
        using var pskSecret = _old.PskSecret(transition.Proposals.Psks, group.Policy);
        using var updated = OwnKeys(transition);
        using var path = commit.Path is null ? null : ReceivedPath.Open(
            transition.Applied.Tree,
            transition.Tree,
            committer,
            commit.Path,
            updated,
            Tls.Encode(transition.ProvisionalContext),
            transition.Applied.AddedLeaves);
        using var commitSecret = path is null ? KeySchedule.NoCommitSecret(_old.Suite) : Secret.CopyOf(path.CommitSecret.Reveal());
        using var derived = DerivedEpoch.FromCommit(transition, content, commitSecret, pskSecret, group.Policy.Ratchets);
        derived.CheckTag(content.Auth.ConfirmationTag!.Value.Span);
        return group.Succeed(transition.Tree, derived, path?.Keys ?? updated, _old.SignatureKey, ratchets);
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
