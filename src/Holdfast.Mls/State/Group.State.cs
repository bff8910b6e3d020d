using Holdfast.Codec;
using Holdfast.Cryptography;

namespace Holdfast.Mls;

/// <summary>
/// A group's state as records (docs/STATE.md), so that a step stores what it changed and no more. The signature key is in none
/// of them, and neither is the policy. Equal states give equal records.
/// </summary>
public sealed partial class Group
{
    private byte[]? _digest;   // of all records but the tree's: computed once, since a group never changes

    /// <summary>All records of this group: what a store needs that has none of it yet. They are the caller's to dispose.</summary>
    public StateRecords Records()
    {
        var all = new RecordChanges(new StateDigest());
        CompareAllButTree(null, this, all);
        TreeRecords.Compare(null, State.Tree, all);
        _digest = all.Digest;
        all.Change(new RecordKey(RecordType.Root), null, new StateRoot(_digest));
        return all.Records;
    }

    /// <summary>
    /// The records in which this group differs from one that is stored, in the time that takes; deletions are part of it (RFC
    /// 9420 §9.2). All of them go into one transaction, before the message that brought this group about leaves or is shown. They fit only
    /// the very state they were made from: those of a <see cref="PendingCommit.Next"/> must be made anew, in the same transaction,
    /// whenever the group has stepped on; or store it whole (<see cref="Serialize"/>).
    /// </summary>
    /// <param name="previous">The group whose records the store has: one this came from, or the like; not yet disposed.</param>
    /// <returns>The changes, which are the caller's to dispose.</returns>
    /// <exception cref="ArgumentException">It is another group.</exception>
    public StateRecords ChangesSince(Group previous)
    {
        if (!previous.GroupId.Span.SequenceEqual(GroupId.Span) || previous.Suite != Suite)
            throw new ArgumentException("changes are of one group", nameof(previous));
        byte[] before = previous.Digest();
        var changes = new RecordChanges(new StateDigest(before));
        CompareAllButTree(previous, this, changes);
        TreeRecords.Compare(previous.State.Tree, State.Tree, changes);
        _digest = changes.Digest;
        if (!_digest.AsSpan().SequenceEqual(before))
            changes.Change(new RecordKey(RecordType.Root), new StateRoot(before), new StateRoot(_digest));
        return changes.Records;
    }

    /// <summary>All records as one secret, for a store that has no rows; the step is then written whole.</summary>
    public Secret Serialize()
    {
        using var records = Records();
        return records.Serialize();
    }

    /// <summary>The group that was stored.</summary>
    /// <param name="records">All its records, in any order; they stay the caller's.</param>
    /// <param name="signatureKey">The key our leaf names; it stays the caller's.</param>
    /// <param name="policy">The application's rules.</param>
    /// <exception cref="CodecException">
    /// A record is damaged, missing or too many; some are of another state or group; or a newer version stored them. What is damaged
    /// does not come back: join anew.
    /// </exception>
    /// <exception cref="ArgumentException">The signature key is not our leaf's.</exception>
    public static Group Restore(StateRecords records, SignatureKey signatureKey, GroupPolicy policy)
    {
        Group group;
        try
        {
            group = Restore(new StateReading(records), signatureKey, policy);
        }
        catch (Exception bad) when (MlsException.Of(bad) is { } broken && !StateReading.Says(broken.Rule))
        {
            throw new CodecException(StateReading.Prefix + broken.Rule);
        }
        CheckIsKeyOf(signatureKey, group.State.OwnLeafNode);
        return group;
    }

    /// <summary>The group that <see cref="Serialize"/> wrote.</summary>
    /// <exception cref="CodecException">The bytes are damaged, or of a newer version.</exception>
    /// <exception cref="ArgumentException">The signature key is not our leaf's.</exception>
    public static Group Restore(ReadOnlySpan<byte> serialized, SignatureKey signatureKey, GroupPolicy policy)
    {
        using var records = StateRecords.Deserialize(serialized);
        return Restore(records, signatureKey, policy);
    }

    private static Group Restore(StateReading records, SignatureKey signatureKey, GroupPolicy policy)
    {
        var state = EpochState.Restore(records, signatureKey, policy.Suites);
        var ratchets = SecretTree.Restore(records, state.Suite, state.Context.Epoch, state.Tree.LeafCount, policy.Ratchets);
        var past = PastEpochRecords.Restore(records, state, policy.Ratchets);
        var pending = EpochProposals.Restore(records, state.Suite);
        var exporter = ExporterTree.Restore(records, state.Suite);
        records.ExpectEnd();
        return new Group(state, ratchets, past, pending, exporter, policy);
    }

    private byte[] Digest()
    {
        if (_digest is not null) return _digest;
        var all = new RecordChanges(new StateDigest());
        using var records = all.Records;
        CompareAllButTree(null, this, all);
        return _digest = all.Digest;
    }

    /// <summary>All but the tree, whose records the tree hash vouches for, and the root.</summary>
    private static void CompareAllButTree(Group? older, Group newer, RecordChanges changes)
    {
        EpochState.Compare(older?.State, newer.State, changes);
        EpochProposals.Compare(older?._pending, newer._pending, changes);
        ExporterTree.Compare(older?._exporter, newer._exporter, changes);
        PastEpochRecords.Compare(older is null ? null : (older._past, older.State.Tree), (newer._past, newer.State.Tree), changes);
        var before = older?.AllRatchets() ?? [];
        foreach (var (epoch, ratchets) in newer.AllRatchets())
        {
            before.Remove(epoch, out var were);
            SecretTree.Compare(were, ratchets, epoch, changes);
        }
        foreach (var (epoch, ratchets) in before) SecretTree.Compare(ratchets, null, epoch, changes);
    }

    /// <summary>This epoch's ratchets and those of past ones, by epoch.</summary>
    private Dictionary<ulong, SecretTree> AllRatchets()
    {
        var ratchets = _past.Entries.ToDictionary(entry => entry.Epoch.Context.Epoch, entry => entry.Ratchets);
        ratchets.Add(Epoch, _ratchets);
        return ratchets;
    }
}
