using Holdfast.Codec;
using Holdfast.Cryptography;

namespace Holdfast.Mls;

/// <summary>
/// Making a commit (RFC 9420 §12.4.1): gather the proposals, check them, apply them, make the path, sign, derive, protect and
/// welcome. The group it is made from stays as it is (§14).
/// </summary>
internal sealed class CommitCreation(Group group, CommitOptions options, RandomSource random, LinkPsk? link = null)
{
    /// <summary>Finds one proposal among as many as may be pending (<see cref="MlsLimits.MaxPendingProposals"/>), and then some.</summary>
    private const int MostTries = 64;

    private readonly EpochState _old = group.State;

    private SignatureKey NextSignatureKey => options.LeafChanges.SignatureKey ?? _old.SignatureKey;

    private bool ChangesLeaf => options.LeafChanges != new LeafChanges();

    /// <exception cref="MlsException">
    /// The proposals break a rule of RFC 9420 §12.2, or our new leaf one of §7.3, or a pre-shared key is not to be had.
    /// </exception>
    internal PendingCommit Create()
    {
        var (proposals, applied) = Gather();
        using var path = NeedsPath(proposals) ? CreatePath(applied) : null;
        if (path is not null) CheckOwnLeaf(path.Tree.Leaf(group.OwnLeaf)!);
        var transition = Apply(proposals, applied, path);
        var signed = Sign(transition, path);
        using var pskSecret = PskLookup.Secret(_old.Suite, proposals.Psks, FindPsk);
        using var commitSecret = path is null ? KeySchedule.NoCommitSecret(_old.Suite) : Secret.CopyOf(path.CommitSecret.Reveal());
        using var derived = DerivedEpoch.FromCommit(
            transition, signed, _old.Secrets.InitSecret, commitSecret, pskSecret, group.Policy.Ratchets);
        return Finish(transition, path, signed.WithConfirmationTag(derived.Tag()), derived, pskSecret);
    }

    private Secret? FindPsk(PreSharedKeyId id) => ReferenceEquals(id, link?.Id) ? link!.Psk : _old.FindPsk(id, group.Policy);

    /// <summary>
    /// RFC 9420 §12.4: our own proposals by value, and of those received this epoch all that go together. One that has expired
    /// or does not fit the members or the others must keep neither us from committing nor the others out: it is left out.
    /// </summary>
    private (ProposalList Proposals, AppliedProposals Applied) Gather()
    {
        IReadOnlyList<PendingProposal> pending = options.IncludePending ? [.. group.PendingProposals.Where(CanBeCommitted)] : [];
        return TryPrepare(pending) ?? PrepareMost(pending);
    }

    /// <summary>
    /// Those who go come first: nothing that a member proposes beside it keeps it in the group. What does not go together is halved until
    /// it is found, in so many tries at most; a member who proposes more that is bad keeps some out that are good, but of those.
    /// </summary>
    private (ProposalList Proposals, AppliedProposals Applied) PrepareMost(IReadOnlyList<PendingProposal> pending)
    {
        var best = Prepare([]);
        var taken = new List<PendingProposal>();
        int tries = MostTries;
        var departures = pending.ToLookup(static entry => entry.Proposal is RemoveProposal or SelfRemoveProposal);
        Take([.. departures[true]]);
        Take([.. departures[false]]);
        return best;

        void Take(List<PendingProposal> part)
        {
            if (part.Count == 0 || tries-- <= 0) return;
            if (TryPrepare([.. taken, .. part]) is { } more)
            {
                (best, taken) = (more, [.. taken, .. part]);
            }
            else if (part.Count > 1)
            {
                Take(part[..(part.Count / 2)]);
                Take(part[(part.Count / 2)..]);
            }
        }
    }

    /// <summary>RFC 9420 §8.4: a key that we do not have we cannot mix in, whoever proposes it.</summary>
    private bool CanBeCommitted(PendingProposal entry) =>
        entry.Proposal is not PreSharedKeyProposal { PreSharedKey: var id } || FindPsk(id) is not null;

    private (ProposalList Proposals, AppliedProposals Applied)? TryPrepare(IReadOnlyList<PendingProposal> pending)
    {
        try { return Prepare(pending); }
        catch (MlsException) { return null; }   // tried again with fewer; what is wrong with our own then comes out
    }

    private (ProposalList Proposals, AppliedProposals Applied) Prepare(IReadOnlyList<PendingProposal> pending)
    {
        try { return PrepareReadable(pending); }
        catch (CodecException malformed) { throw MlsException.Of(malformed)!; }   // an extension, a leaf's say
    }

    /// <summary>RFC 9420 §12.2, §12.3: chooses, checks, applies, and looks whether the members then fit.</summary>
    private (ProposalList Proposals, AppliedProposals Applied) PrepareReadable(IReadOnlyList<PendingProposal> pending)
    {
        var proposals = ProposalList.Choose(options.Proposals, pending, group.OwnLeaf, _old.Tree);
        proposals.Check(_old.Public, group.Policy, options.Now, link);
        var applied = proposals.Apply(_old.Public);
        var ownLeaf = options.LeafChanges.ApplyTo(_old.OwnLeafNode) with { SignatureKey = NextSignatureKey.PublicKey };
        MemberRules.Check(NeedsPath(proposals) ? applied.Tree.Update(group.OwnLeaf, ownLeaf) : applied.Tree, applied.Extensions);
        return (proposals, applied);
    }

    private bool NeedsPath(ProposalList proposals) =>
        options.ForcePath || proposals.PathRequired || ChangesLeaf;

    /// <summary>RFC 9420 §7.5: fresh keys for our leaf and all above it.</summary>
    private NewPath CreatePath(AppliedProposals applied) => NewPath.Create(
        applied.Tree, _old.Keys, options.LeafChanges.ApplyTo(_old.OwnLeafNode), NextSignatureKey, group.GroupId.Span, random);

    /// <summary>
    /// RFC 9420 §7.3: what the others ask of our new leaf, or we would go on alone. One in which only keys are fresh, which are valid as
    /// made and whose signature was verified as it was made, needs no more than the application's word.
    /// </summary>
    private void CheckOwnLeaf(LeafNode leaf)
    {
        if (ChangesLeaf) LeafNodeRules.Check(_old.Suite, leaf, group.GroupId.Span, group.OwnLeaf);
        group.Policy.CheckAccepts(leaf, _old.OwnLeafNode);
    }

    /// <summary>RFC 9420 §12.3: the public state that this commit leads to, which must be one the others accept.</summary>
    private EpochTransition Apply(ProposalList proposals, AppliedProposals applied, NewPath? path)
    {
        var transition = new EpochTransition(
            _old.Public, proposals, applied, path?.Tree ?? applied.Tree, path?.Tree.Leaf(group.OwnLeaf));
        transition.CheckMembers();
        return transition;
    }

    /// <summary>RFC 9420 §6.1: the commit under our present key; its confirmation tag is not part of what is signed.</summary>
    private AuthenticatedContent Sign(EpochTransition transition, NewPath? path)
    {
        var updatePath = path?.Encrypt(
            Tls.Encode(transition.ProvisionalContext), transition.Applied.AddedLeaves, random, group.Policy.Parallelism);
        var commit = new Commit([.. transition.Proposals.Items.Select(item => item.Entry)], updatePath);
        var content = Readable.Checked(group.Frame(new CommitContent(commit), options.AuthenticatedData));
        return AuthenticatedContent.Sign(_old.Suite, group.Policy.HandshakeFormat, content, _old.Context, _old.SignatureKey);
    }

    /// <summary>Protects the commit with the old epoch's keys, and welcomes who is new with the new epoch's.</summary>
    private PendingCommit Finish(
        EpochTransition transition, NewPath? path, AuthenticatedContent commit, DerivedEpoch derived, Secret pskSecret)
    {
        var (message, ratchets) = group.ProtectHandshake(commit, random);
        var current = group.With(ratchets);
        var joinerSecret = derived.JoinerSecret;
        var next = group.Succeed(transition, derived, path?.Keys ?? _old.Keys, NextSignatureKey, ratchets);
        var welcome = new WelcomeCreation(next.State, joinerSecret, pskSecret, transition.Proposals.Psks, group.Policy.Parallelism, random)
            .Create(transition.Applied.Added, path, options);
        return new PendingCommit(message, welcome, current, next, transition.Change);
    }
}
