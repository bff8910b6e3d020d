using Holdfast.Cryptography;

namespace Holdfast.Mls;

/// <summary>
/// RFC 9420 §15.3: what is kept of an epoch that has ended, so that its late application messages can be read. The
/// leaves are those of that epoch: a late message is its sender's, whoever holds the leaf now.
/// </summary>
/// <param name="context">That epoch's group context.</param>
/// <param name="tree">That epoch's tree, of which only the leaves are to be relied on.</param>
/// <param name="senderData">That epoch's sender data secret, which it owns.</param>
internal sealed class PastEpoch(GroupContext context, RatchetTree tree, Secret senderData) : Shared
{
    internal GroupContext Context => context;

    internal RatchetTree Tree => tree;

    internal Secret SenderData => senderData;

    /// <summary>Who held a leaf in that epoch, or null.</summary>
    internal LeafNode? Leaf(LeafIndex index) => tree.Leaf(index);

    protected override void Wipe() => senderData.Dispose();
}

/// <summary>The past epochs of one group, oldest first, each with the ratchets that are left of it; it owns them.</summary>
internal sealed class PastEpochs(IReadOnlyList<(PastEpoch Epoch, SecretTree Ratchets)> entries) : Shared, IDisposable
{
    private static readonly PastEpochs Nothing = new([]);

    internal static PastEpochs None() => Nothing.Share();

    internal IReadOnlyList<(PastEpoch Epoch, SecretTree Ratchets)> Entries => entries;

    /// <summary>The same for another owner.</summary>
    internal PastEpochs Share()
    {
        Hold();
        return this;
    }

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

    /// <summary>Gives up what one owner has of it; the last one wipes it.</summary>
    public void Dispose() => Release();

    protected override void Wipe()
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
