using Holdfast.Protocol;
using Holdfast.Server.Connections;
using Holdfast.Server.Metrics;

namespace Holdfast.Server.Limits;

/// <summary>One device's limits, and those it has together with its account's others. In memory only.</summary>
internal sealed class Allowance(Rates rates, Buckets account, TimeProvider clock, ServerMetrics metrics)
{
    private readonly Buckets _device = new(rates, clock);
    private readonly CommitsByKey _commits = new(clock);

    /// <summary>Shared by the account's devices.</summary>
    public Buckets Account => account;

    /// <summary>Whether the device's own have all refilled, so that it may be forgotten.</summary>
    public bool IsFull
    {
        get { lock (_commits) return _device.IsFull && _commits.IsEmpty; }
    }

    /// <summary>Takes some of a limit.</summary>
    /// <exception cref="RefusalException">There is not enough left.</exception>
    public void Take(Limited what, long count = 1)
    {
        if (TryTake(what, count)) return;
        throw new RefusalException(RefusalCode.TooMany);
    }

    /// <summary>Takes some of a limit, or nothing where there is not enough.</summary>
    public bool TryTake(Limited what, long count = 1)
    {
        if (Of(what).TryTake(what, count)) return true;
        metrics.LimitsHit.Add(what);
        return false;
    }

    /// <summary>Gives back what was taken for something that turned out well.</summary>
    public void GiveBack(Limited what) => Of(what).GiveBack(what);

    /// <summary>Whether the device may have another commit accepted under this access key.</summary>
    public bool MayCommit(LogId log, ReadOnlySpan<byte> accessKey)
    {
        lock (_commits) return _commits.Allows(log, accessKey);
    }

    /// <summary>A commit of the device was accepted under this access key.</summary>
    public void NoteCommit(LogId log, ReadOnlySpan<byte> accessKey)
    {
        lock (_commits) _commits.Note(log, accessKey);
    }

    private Buckets Of(Limited what) =>
        what is Limited.Claims or Limited.UnknownPins or Limited.Invites or Limited.BlobBytes ? account : _device;
}
