using Holdfast.Codec;
using Holdfast.Cryptography;

namespace Holdfast.Mls;

/// <summary>
/// A group as one of its members sees it (RFC 9420). It never changes: every operation makes the next group, and the
/// caller keeps one or the other. Both share what did not change; disposing one wipes what the other does not need. The states of
/// one group are for one thread at a time, as a signature key is; groups with keys of their own know nothing of each other.
/// </summary>
public sealed partial class Group : IDisposable
{
    private readonly EpochState _state;
    private readonly SecretTree _ratchets;
    private readonly PastEpochs _past;
    private readonly EpochProposals _pending;
    private readonly ExporterTree _exporter;
    private readonly GroupPolicy _policy;
    private bool _disposed;

    /// <summary>Takes ownership of all but the policy.</summary>
    internal Group(
        EpochState epoch, SecretTree ratchets, PastEpochs past, EpochProposals pending, ExporterTree exporter, GroupPolicy policy) =>
        (_state, _ratchets, _past, _pending, _exporter, _policy) = (epoch, ratchets, past, pending, exporter, policy);

    /// <summary>The group's cipher suite.</summary>
    public CipherSuite Suite => State.Suite;

    /// <summary>The group's id.</summary>
    public ReadOnlyMemory<byte> GroupId => State.Context.GroupId;

    /// <summary>The epoch's number.</summary>
    public ulong Epoch => State.Context.Epoch;

    /// <summary>Our leaf.</summary>
    public LeafIndex OwnLeaf => State.OwnLeaf;

    /// <summary>RFC 9420 §8.1: what all members of this epoch agree on.</summary>
    public GroupContext Context => State.Context;

    /// <summary>The group context's extensions.</summary>
    public IReadOnlyList<Extension> ContextExtensions => State.Context.Extensions;

    /// <summary>The members, from left to right.</summary>
    public IReadOnlyList<Member> Members => [.. State.Tree.Leaves.Select(entry => new Member(entry.Index, entry.Leaf))];

    /// <summary>The proposals sent in this epoch and not committed yet.</summary>
    public IReadOnlyList<PendingProposal> PendingProposals => _pending.Entries;

    /// <summary>
    /// RFC 9420 §11.2: with what parameters the group is to be made anew, once that is committed; then nothing more is sent in this
    /// one, and <see cref="Reinitialize"/> makes the new one. Null while the group goes on.
    /// </summary>
    public ReInitProposal? ReInit => State.ReInit;

    /// <summary>RFC 9420 §8.7: equal for members who agree on the group's whole history; fit to be compared aloud.</summary>
    public ReadOnlyMemory<byte> EpochAuthenticator => State.Secrets.EpochAuthenticator;

    /// <summary>RFC 9420 §8.4: this epoch's resumption key, borrowed.</summary>
    public Secret ResumptionPsk => State.Secrets.ResumptionPsk;

    /// <summary>RFC 9420 §8.5 MLS-Exporter: a secret of this epoch for another purpose.</summary>
    /// <param name="label">The purpose, as no other use has it.</param>
    /// <param name="context">What the secret is to be bound to; may be empty.</param>
    /// <param name="length">How many bytes: 0 to 255 times the suite's hash.</param>
    /// <returns>The secret, which is the caller's to dispose.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The length is another.</exception>
    public Secret Export(string label, ReadOnlySpan<byte> context, int length) => State.Secrets.Export(label, context, length);

    /// <summary>The ratchet tree (RFC 9420 §12.4.3.3), for joiners whose Welcome does not carry it.</summary>
    public byte[] EncodeTree() => State.Tree.Encode();

    /// <summary>
    /// RFC 9420 §12.4.3: this epoch's GroupInfo as an MLSMessage, signed by us. With the external key, whoever gets it can ask to join
    /// by <see cref="JoinExternally"/> until the next commit; whether the members let them is their policy's
    /// (<see cref="GroupPolicy.AcceptExternalJoin"/>).
    /// </summary>
    /// <param name="withTree">Whether it carries the ratchet tree, or the application brings that (<see cref="EncodeTree"/>).</param>
    /// <param name="withExternalKey">Whether it carries external_pub (RFC 9420 §12.4.3.2).</param>
    /// <param name="extensions">Further extensions, for those who get it.</param>
    /// <exception cref="InvalidOperationException">The group was closed by a ReInit (RFC 9420 §11.2).</exception>
    public byte[] GroupInfoMessage(bool withTree, bool withExternalKey = false, IReadOnlyList<Extension>? extensions = null)
    {
        RequireGoesOn();
        return Tls.Encode(new MlsMessage(State.SignGroupInfo(withTree, withExternalKey, extensions ?? [])));
    }

    /// <summary>Wipes every secret that no other group shares.</summary>
    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        _state.Release();
        _ratchets.Dispose();
        _past.Dispose();
        _pending.Release();
        _exporter.Dispose();
    }

    /// <summary>Where the group stands, never its secrets.</summary>
    public override string ToString() =>
        _disposed ? "Group(disposed)" : $"Group({Convert.ToHexString(GroupId.Span)}, epoch {Epoch})";

    /// <summary>The epoch; there until the group is disposed, even if a later group still shares it.</summary>
    internal EpochState State
    {
        get
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return _state;
        }
    }

    internal EpochProposals Pending => _pending;

    internal GroupPolicy Policy => _policy;

    /// <summary>The group in the epoch after this one.</summary>
    /// <param name="transition">What the commit makes of the public state.</param>
    /// <param name="derived">The new epoch's secrets, which are handed over.</param>
    /// <param name="keys">Our private keys, which are copied.</param>
    /// <param name="signatureKey">The key we sign with from now on.</param>
    /// <param name="ending">This epoch's ratchets as they are at its end; the caller's.</param>
    internal Group Succeed(
        EpochTransition transition, DerivedEpoch derived, TreePrivateKeys keys, SignatureKey signatureKey, SecretTree ending)
    {
        var pastPsks = State.PastPsks.Next(Epoch, ResumptionPsk, _policy.PastResumptionPsks);
        var (next, ratchets, exporter) = EpochState.Begin(
            transition.Tree, derived, keys, signatureKey, pastPsks, transition.Proposals.ReInit);
        return new Group(next, ratchets, _past.Push(State.ToPast, ending, _policy.PastEpochs), EpochProposals.None, exporter, _policy);
    }

    /// <summary>
    /// RFC 9420 §9.2: this group, to which our commit led, once the commit is accepted: what was read since it was made, in the
    /// epoch that ends or an older one, cannot be read again. Both this and <paramref name="last"/> stay the caller's.
    /// </summary>
    /// <param name="last">Our group as it stands at the end of the epoch before.</param>
    /// <exception cref="ArgumentException">It is not this group's epoch before, or not ours but another member's.</exception>
    public Group After(Group last)
    {
        if (Epoch == 0 || last.Epoch != Epoch - 1 || !last.GroupId.Span.SequenceEqual(GroupId.Span))
            throw new ArgumentException("the group is not in the epoch before this one", nameof(last));
        if (last.OwnLeaf != OwnLeaf) throw new ArgumentException("the group is another member's", nameof(last));
        return With(_ratchets.Share(), last._past.Push(last.State.ToPast, last._ratchets, _policy.PastEpochs), _pending);
    }

    /// <summary>The leaves of that epoch, as far as they are kept.</summary>
    internal IReadOnlyList<LeafNode>? LeavesIn(ulong epoch)
    {
        if (epoch == Epoch) return [.. Members.Select(member => member.Leaf)];
        var past = _past.Entries.FirstOrDefault(entry => entry.Epoch.Context.Epoch == epoch).Epoch;
        return past is null ? null : [.. past.Tree.Leaves.Select(entry => entry.Leaf)];
    }

    /// <summary>This epoch with other ratchets, whose owner the new group is.</summary>
    internal Group With(SecretTree ratchets) => With(ratchets, _past.Share(), _pending);

    private Group With(SecretTree ratchets, PastEpochs past, EpochProposals pending) => With(ratchets, past, pending, _exporter.Share());

    private Group With(SecretTree ratchets, PastEpochs past, EpochProposals pending, ExporterTree exporter)
    {
        State.Hold();
        return new Group(State, ratchets, past, pending.Hold(), exporter, _policy);
    }
}
