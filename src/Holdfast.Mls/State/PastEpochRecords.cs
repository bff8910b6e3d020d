using Holdfast.Codec;

namespace Holdfast.Mls;

/// <summary>
/// Epochs that have ended, as records. The leaves of each are stored as how they differ from those of the epoch after it; the
/// ratchets keep the names they had while the epoch lasted, so its end writes none of them.
/// </summary>
internal static class PastEpochRecords
{
    /// <summary>The records that differ between two groups' past epochs, of which the older may be missing.</summary>
    internal static void Compare(
        (PastEpochs Past, RatchetTree Tree)? older, (PastEpochs Past, RatchetTree Tree) newer, RecordChanges changes)
    {
        var before = older is { } old ? RecordsOf(old.Past, old.Tree) : [];
        var after = RecordsOf(newer.Past, newer.Tree);
        foreach (var (epoch, record) in after)
        {
            before.Remove(epoch, out var was);
            if (was is null || !record.IsSame(was)) changes.Change(NameOf(epoch), was, record);
        }
        foreach (var (epoch, record) in before) changes.Change(NameOf(epoch), record, null);
    }

    /// <summary>Reads what is left of the epochs before <paramref name="current"/>.</summary>
    /// <exception cref="CodecException">A record is damaged or missing.</exception>
    internal static PastEpochs Restore(StateReading records, EpochState current, RatchetLimits limits)
    {
        var names = records.Keys(RecordType.PastEpoch);
        var entries = new (PastEpoch Epoch, SecretTree Ratchets)[names.Length];
        var tree = current.Tree;
        ulong newer = current.Context.Epoch;
        for (int i = names.Length - 1; i >= 0; i--)
        {
            if (newer == 0 || names[i].Epoch != newer - 1) throw new CodecException("group state: the past epochs have a gap");
            newer = names[i].Epoch;
            var past = PastEpochRecord.Decode(records.Take(names[i]), tree);
            if (past.Context.Epoch != newer) throw new CodecException("group state: a past epoch under another's name");
            tree = past.Tree;
            entries[i] = (past, SecretTree.Restore(records, current.Suite, newer, tree.LeafCount, limits));
        }
        return new PastEpochs(entries);
    }

    private static RecordKey NameOf(ulong epoch) => new(RecordType.PastEpoch, epoch);

    private static Dictionary<ulong, PastEpochRecord> RecordsOf(PastEpochs past, RatchetTree current)
    {
        var records = new Dictionary<ulong, PastEpochRecord>();
        var newer = current;
        for (int i = past.Entries.Count - 1; i >= 0; i--)
        {
            var epoch = past.Entries[i].Epoch;
            records.Add(epoch.Context.Epoch, new PastEpochRecord(epoch, newer));
            newer = epoch.Tree;
        }
        return records;
    }
}

/// <summary>docs/STATE.md PastEpochRecord.</summary>
internal sealed class PastEpochRecord(PastEpoch epoch, RatchetTree newer) : IStateRecord
{
    internal bool IsSame(PastEpochRecord other) => ReferenceEquals(epoch, other.Epoch) && ReferenceEquals(newer, other.Newer);

    private PastEpoch Epoch => epoch;

    private RatchetTree Newer => newer;

    public void EncodeRecord(TlsWriter writer)
    {
        writer.Write(epoch.Context);
        writer.WriteOpaque(epoch.SenderData.Reveal());
        writer.WriteUInt32((uint)epoch.Tree.LeafCount);
        int start = writer.Length;
        TreeDifferences.Between(newer.Root, epoch.Tree.Root, (index, _, leaf) =>
        {
            if (!index.IsLeaf || leaf is null) return;   // a leaf outside the older tree needs no word
            writer.Write(index.Leaf);
            writer.WriteOptional(leaf.Leaf);
        });
        writer.PrefixLength(start);
    }

    /// <exception cref="CodecException">The record is damaged.</exception>
    internal static PastEpoch Decode(ReadOnlySpan<byte> record, RatchetTree newer)
    {
        var reader = new TlsReader(record);
        var context = GroupContext.Decode(ref reader);
        var senderData = SecretRecord.Decode(reader.ReadOpaque(), newer.Suite.Hkdf.HashSize);
        uint count = reader.ReadUInt32();
        if (count is 0 or > MlsLimits.MaxLeaves || TreeMath.FullLeafCount((int)count) != count)
            throw new CodecException("group state: a past epoch's tree has no such size");
        var leaves = new TlsReader(reader.ReadOpaque());
        reader.ExpectEnd();
        var tree = newer.Resize((int)count);
        while (leaves.Remaining > 0)
        {
            var index = LeafIndex.Decode(ref leaves);
            if (index.Value >= count) throw new CodecException("group state: a leaf outside its tree");
            tree = tree.Put(index, leaves.ReadOptional<LeafNode>());
        }
        return new PastEpoch(context, tree, senderData);
    }
}
