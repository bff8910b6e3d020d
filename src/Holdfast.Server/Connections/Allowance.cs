using Holdfast.Protocol;

namespace Holdfast.Server.Connections;

/// <summary>What a device may not do without end.</summary>
internal enum Limited
{
    /// <summary>Claiming key packages.</summary>
    Claims,

    /// <summary>Registering invites.</summary>
    Invites,

    /// <summary>Making logs.</summary>
    Logs,

    /// <summary>Filing inbox items.</summary>
    Deliveries,

    /// <summary>Making blobs.</summary>
    Blobs,

    /// <summary>Submitting commits.</summary>
    Commits,
}

/// <summary>One device's limits against abuse, in memory only: a full measure at once, refilled over an hour.</summary>
internal sealed class Allowance(TimeProvider clock)
{
    private static readonly double[] Measure = [5_000, 1_000, 2_000, 50_000, 5_000, 1_000];

    private readonly double[] _left = [.. Measure];
    private readonly CommitsByKey _commits = new(clock);
    private readonly Lock _gate = new();
    private long _last = clock.GetTimestamp();

    /// <summary>Whether it has all refilled, so that it may be forgotten.</summary>
    public bool IsFull
    {
        get
        {
            lock (_gate)
            {
                Refill();
                return _left.SequenceEqual(Measure) && _commits.IsEmpty;
            }
        }
    }

    /// <summary>Takes some of a limit.</summary>
    /// <exception cref="RefusalException">There is not enough left.</exception>
    public void Take(Limited what, int count = 1)
    {
        lock (_gate)
        {
            Refill();
            if (_left[(int)what] < count) throw new RefusalException(RefusalCode.TooMany);
            _left[(int)what] -= count;
        }
    }

    /// <summary>Whether the device may have another commit accepted under this access key.</summary>
    public bool MayCommit(LogId log, ReadOnlySpan<byte> accessKey)
    {
        lock (_gate) return _commits.Allows(log, accessKey);
    }

    /// <summary>A commit of the device was accepted under this access key.</summary>
    public void NoteCommit(LogId log, ReadOnlySpan<byte> accessKey)
    {
        lock (_gate) _commits.Note(log, accessKey);
    }

    private void Refill()
    {
        double hours = clock.GetElapsedTime(_last).TotalHours;
        _last = clock.GetTimestamp();
        for (int i = 0; i < _left.Length; i++) _left[i] = Math.Min(Measure[i], _left[i] + (hours * Measure[i]));
    }
}
