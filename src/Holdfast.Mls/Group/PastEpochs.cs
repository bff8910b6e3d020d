using Holdfast.Codec;
using Holdfast.Cryptography;

namespace Holdfast.Mls;

/// <summary>
/// RFC 9420 §15.3: what is kept of an epoch that has ended, so that its late application messages can be read. The
/// leaves are those of that epoch: a late message is its sender's, whoever holds the leaf now.
/// </summary>
internal sealed class PastEpoch(GroupContext context, IReadOnlyList<LeafNode?> leaves, Secret senderData) : Shared
{
    internal GroupContext Context => context;

    internal IReadOnlyList<LeafNode?> Leaves => leaves;

    internal Secret SenderData => senderData;

    /// <summary>Who held a leaf in that epoch, or null.</summary>
    internal LeafNode? Leaf(LeafIndex index) => index.Value < leaves.Count ? leaves[(int)index.Value] : null;

    protected override void Wipe() => senderData.Dispose();
}

/// <summary>The past epochs of one group, oldest first, each with the ratchets that are left of it; it owns them.</summary>
internal sealed class PastEpochs(IReadOnlyList<(PastEpoch Epoch, SecretTree Ratchets)> entries) : IDisposable
{
    internal static PastEpochs None() => new([]);

    internal IReadOnlyList<(PastEpoch Epoch, SecretTree Ratchets)> Entries => entries;

    /// <summary>The same for another owner.</summary>
    internal PastEpochs Share() => new([.. entries.Select(entry => Share(entry.Epoch, entry.Ratchets))]);

    /// <summary>The same with one epoch's ratchets replaced by <paramref name="next"/>, which it then owns.</summary>
    internal PastEpochs With(PastEpoch epoch, SecretTree next) =>
        new([.. entries.Select(entry => entry.Epoch == epoch ? Own(epoch, next) : Share(entry.Epoch, entry.Ratchets))]);

    /// <summary>The newest <paramref name="keep"/> after one more has ended; the older ones go.</summary>
    internal PastEpochs Push(Func<PastEpoch> ended, SecretTree ratchets, int keep)
    {
        if (keep <= 0) return None();
        var kept = entries.TakeLast(keep - 1).Select(entry => Share(entry.Epoch, entry.Ratchets));
        return new PastEpochs([.. kept, (ended(), ratchets.Share())]);
    }

    /// <summary>Writes all but the ratchets, newest first: of the leaves only those that differ from the next newer epoch's.</summary>
    internal void Encode(TlsWriter writer, IReadOnlyList<LeafNode?> newer)
    {
        writer.WriteUInt32((uint)entries.Count);
        foreach (var (epoch, _) in entries.Reverse())
        {
            writer.Write(epoch.Context);
            writer.WriteOpaque(epoch.SenderData.Reveal());
            LeafChangesSince.Encode(writer, epoch.Leaves, newer);
            newer = epoch.Leaves;
        }
    }

    /// <summary>Writes the ratchets, newest first.</summary>
    internal void EncodeRatchets(TlsWriter writer)
    {
        foreach (var (_, ratchets) in entries.Reverse()) ratchets.Encode(writer);
    }

    /// <summary>Reads what the two wrote.</summary>
    internal static PastEpochs Decode(ref TlsReader epochs, ref TlsReader ratchets, EpochState current, RatchetLimits limits)
    {
        var entries = new List<(PastEpoch Epoch, SecretTree Ratchets)>();
        IReadOnlyList<LeafNode?> leaves = current.Leaves();
        for (uint left = epochs.ReadUInt32(); left > 0; left--)
        {
            var context = GroupContext.Decode(ref epochs);
            var senderData = Secret.CopyOf(epochs.ReadOpaque(MlsLimits.MaxHashSize));
            leaves = LeafChangesSince.Decode(ref epochs, leaves);
            entries.Add((new PastEpoch(context, leaves, senderData), SecretTree.Decode(ref ratchets, current.Suite, limits)));
        }
        entries.Reverse();
        return new PastEpochs(entries);
    }

    public void Dispose()
    {
        foreach (var (epoch, ratchets) in entries)
        {
            epoch.Release();
            ratchets.Dispose();
        }
    }

    private static (PastEpoch Epoch, SecretTree Ratchets) Share(PastEpoch epoch, SecretTree ratchets) => Own(epoch, ratchets.Share());

    private static (PastEpoch Epoch, SecretTree Ratchets) Own(PastEpoch epoch, SecretTree ratchets)
    {
        epoch.Hold();
        return (epoch, ratchets);
    }
}
