using Holdfast.Codec;
using Holdfast.Cryptography;

namespace Holdfast.Mls;

public sealed partial class Group
{
    /// <summary>
    /// Encrypts an application message to the group. Go on from <see cref="Protected.Next"/>: what is made from this group once more has
    /// the same key, and may only be sent if the first was not.
    /// </summary>
    /// <exception cref="InvalidOperationException">
    /// RFC 9420 §12.4: proposals are pending (<see cref="PendingProposals"/>), so a commit must come first; or a ReInit has closed the
    /// group (§11.2).
    /// </exception>
    /// <exception cref="ArgumentException">The authenticated data or the whole is longer than <see cref="MlsLimits"/> allow.</exception>
    public Protected Protect(ReadOnlySpan<byte> plaintext, ReadOnlySpan<byte> authenticatedData, RandomSource random)
    {
        RequireNothingPending();
        if (SafeAad.IsUsedIn(Context)) authenticatedData = SafeAad.Framed(Context, authenticatedData.ToArray()).Span;
        using var step = _ratchets.Next(OwnLeaf, RatchetType.Application, stackalloc byte[RatchetStep.Room]);
        byte[] message = ApplicationMessage.Seal(State, step, plaintext, authenticatedData, _policy.PaddingBlock, random);
        return new Protected(message, With(step.Adopt()));
    }

    /// <summary>
    /// Encrypts many application messages, each as <see cref="Protect"/> does when asked one after the other; where the signature key allows,
    /// their signatures are made on all cores (<see cref="GroupPolicy.Parallelism"/>).
    /// </summary>
    /// <exception cref="InvalidOperationException">As for a single message.</exception>
    /// <exception cref="ArgumentException">One of them is too long, as for a single message: then none is made.</exception>
    public ProtectedBatch ProtectBatch(
        IReadOnlyList<(ReadOnlyMemory<byte> Plaintext, ReadOnlyMemory<byte> AuthenticatedData)> messages, RandomSource random)
    {
        RequireNothingPending();
        var framed = SafeAad.IsUsedIn(Context)
            ? [.. messages.Select(message => message with { AuthenticatedData = SafeAad.Framed(Context, message.AuthenticatedData.ToArray()) })]
            : messages;
        var signed = new TlsWriter?[framed.Count];
        var ratchets = _ratchets.Share();
        try
        {
            SignAll(framed, signed);
            var made = new List<byte[]>(framed.Count);
            Span<byte> room = stackalloc byte[RatchetStep.Room];
            for (int i = 0; i < framed.Count; i++)
            {
                using var step = ratchets.Next(OwnLeaf, RatchetType.Application, room);
                made.Add(ApplicationMessage.Seal(State, step, signed[i]!, framed[i].AuthenticatedData.Span, _policy.PaddingBlock, random));
                using var before = ratchets;
                ratchets = step.Adopt();
            }
            var next = With(ratchets.Share());
            return new ProtectedBatch(made, next);
        }
        finally
        {
            ratchets.Dispose();
            foreach (var one in signed) one?.Dispose();
        }
    }

    private void SignAll(IReadOnlyList<(ReadOnlyMemory<byte> Plaintext, ReadOnlyMemory<byte> AuthenticatedData)> messages, TlsWriter?[] signed)
    {
        var parallelism = State.SignatureKey.IsForManyThreads ? _policy.Parallelism : Parallelism.OneThread;
        parallelism.For(
            messages.Count, piece: 4, i => signed[i] = ApplicationMessage.Sign(State, messages[i].Plaintext.Span, messages[i].AuthenticatedData.Span));
    }

    private void RequireNothingPending()
    {
        RequireGoesOn();
        if (_pending.Entries.Count > 0)
            throw new InvalidOperationException("RFC 9420 §12.4: pending proposals must be committed before application data is sent");
    }

    /// <summary>
    /// The group without the next keys of our own two ratchets: for who cannot know whether a state that was lost has used them. Receivers
    /// keep what is passed over, so it must stay well below their <see cref="RatchetLimits.MaxForward"/>.
    /// </summary>
    /// <param name="applications">How many keys of application messages.</param>
    /// <param name="handshakes">How many keys of proposals and commits.</param>
    public Group PassOver(int applications, int handshakes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(applications);
        ArgumentOutOfRangeException.ThrowIfNegative(handshakes);
        Span<byte> room = stackalloc byte[RatchetStep.Room];
        var ratchets = _ratchets.Share();
        for (int i = 0; i < applications + handshakes; i++)
        {
            using var before = ratchets;
            using var step = before.Next(OwnLeaf, i < applications ? RatchetType.Application : RatchetType.Handshake, room);
            ratchets = step.Adopt();
        }
        return With(ratchets);
    }

    /// <summary>
    /// Proposes a change for whoever commits next; it is pending here too. Our own Remove, by which we leave, only another can commit:
    /// a commit of ours leaves it out, and it is to be proposed again.
    /// </summary>
    /// <exception cref="ArgumentException">An Update, which needs a new key: <see cref="ProposeUpdate"/> makes it.</exception>
    /// <exception cref="MlsException">The proposal is invalid by itself (RFC 9420 §12.1), or over a limit of ours.</exception>
    public Protected Propose(
        Proposal proposal, RandomSource random, ReadOnlySpan<byte> authenticatedData = default, DateTimeOffset? now = null)
    {
        if (proposal is UpdateProposal) throw new ArgumentException("ProposeUpdate makes an Update", nameof(proposal));
        new ProposalRules(State.Public, _policy, now).CheckSent(proposal, Sender.Member(OwnLeaf));
        ComponentRules.CheckSupport([new CommittedProposal(proposal, Sender.Member(OwnLeaf), null)], State.Tree);
        if (proposal is SelfRemoveProposal
            && _pending.Entries.Any(entry => entry.Proposal == proposal && entry.Sender == Sender.Member(OwnLeaf)))
            throw new InvalidOperationException("mls-extensions: one SelfRemove in an epoch is enough");
        return Propose(proposal, null, authenticatedData.ToArray(), random);
    }

    /// <summary>RFC 9420 §12.1.2: proposes a new leaf for ourselves; its private key waits here until somebody commits it.</summary>
    /// <exception cref="ArgumentException">The changes hold a signature key: that can change in a commit only.</exception>
    /// <exception cref="MlsException">
    /// The leaf breaks a rule of RFC 9420 §7.3 or is one that our own policy refuses, or it or the authenticated data is over a limit of
    /// ours.
    /// </exception>
    /// <exception cref="InvalidOperationException">A ReInit has closed the group (RFC 9420 §11.2).</exception>
    public Protected ProposeUpdate(LeafChanges changes, RandomSource random, ReadOnlySpan<byte> authenticatedData = default)
    {
        if (changes.SignatureKey is not null) throw new ArgumentException("a signature key can change in a commit only", nameof(changes));
        RequireGoesOn();
        var key = Suite.Hpke.Kem.Generate(random);
        try
        {
            var update = NewUpdate(changes, key);
            new ProposalRules(State.Public, _policy, now: null).CheckSent(update, Sender.Member(OwnLeaf));
            return Propose(update, key, authenticatedData.ToArray(), random);
        }
        catch
        {
            key.Dispose();
            throw;
        }
    }

    private UpdateProposal NewUpdate(LeafChanges changes, KemKey key)
    {
        var leaf = changes.ApplyTo(State.OwnLeafNode) with
        {
            Source = LeafNodeSource.Update,
            EncryptionKey = key.PublicKey,
            ParentHash = default,
            Lifetime = null,
        };
        return new UpdateProposal(leaf.Sign(Suite, State.SignatureKey, GroupId.Span, OwnLeaf));
    }

    /// <summary>
    /// Makes a commit (RFC 9420 §12.4.1). Nothing takes effect: keep <see cref="PendingCommit.Current"/> now, and
    /// <see cref="PendingCommit.Next"/> in its place once the commit is accepted.
    /// </summary>
    /// <exception cref="MlsException">
    /// Our proposals break a rule of RFC 9420 §12.2 or a limit of ours, or name a pre-shared key that is not to be had; or our new leaf
    /// breaks a rule of §7.3 or is one that our own policy refuses.
    /// </exception>
    /// <exception cref="InvalidOperationException">A ReInit has closed the group (RFC 9420 §11.2).</exception>
    public PendingCommit Commit(CommitOptions options, RandomSource random)
    {
        RequireGoesOn();
        return new CommitCreation(this, options, random).Create();
    }

    /// <param name="proposal">What is proposed.</param>
    /// <param name="ownKey">The private key of our own Update, which is taken over unless this throws.</param>
    /// <param name="authenticatedData">What is sent along.</param>
    /// <param name="random">Where the reuse guard comes from.</param>
    private Protected Propose(Proposal proposal, KemKey? ownKey, ReadOnlyMemory<byte> authenticatedData, RandomSource random)
    {
        RequireGoesOn();
        var content = Readable.Checked(Frame(new ProposalContent(proposal), authenticatedData));
        // mls-extensions: those who join from outside must be able to read a SelfRemove
        var format = proposal is SelfRemoveProposal ? WireFormat.PublicMessage : _policy.HandshakeFormat;
        var signed = AuthenticatedContent.Sign(Suite, format, content, State.Context, State.SignatureKey);
        var shared = ownKey is null ? null : new SharedKey(ownKey);
        var pending = _pending.With(new PendingProposal(signed.Reference(Suite), Sender.Member(OwnLeaf), proposal) { OwnLeafKey = shared });
        var (message, next) = ProtectHandshake(signed, random);   // nothing is made that must be wiped until there is room for the proposal
        var stepped = With(next, _past.Share(), pending);
        shared?.Release();
        return new Protected(message, stepped);
    }

    /// <summary>RFC 9420 §12.4.2: once a ReInit is committed, the group is not used to send any more.</summary>
    private void RequireGoesOn()
    {
        if (State.ReInit is not null)
            throw new InvalidOperationException("RFC 9420 §11.2: a ReInit has closed the group; nothing more is sent in it");
    }

    internal FramedContent Frame(Content content, ReadOnlyMemory<byte> authenticatedData) =>
        new(GroupId, Epoch, Sender.Member(OwnLeaf), SafeAad.Framed(Context, authenticatedData), content);

    /// <summary>
    /// RFC 9420 §12.4.1: protects a handshake message with this epoch's keys; the ratchets that are left are the caller's.
    /// </summary>
    internal (byte[] Message, SecretTree Next) ProtectHandshake(AuthenticatedContent content, RandomSource random)
    {
        if (content.WireFormat == WireFormat.PublicMessage)
        {
            var open = PublicMessage.Protect(Suite, content, State.Context, State.Secrets.MembershipKey);
            return (Tls.Encode(new MlsMessage(open)), _ratchets.Share());
        }
        var (message, next) = PrivateMessage.Protect(Suite, _ratchets, State.Secrets.SenderDataSecret, content, 0, random);
        return (Tls.Encode(new MlsMessage(message)), next);
    }
}
