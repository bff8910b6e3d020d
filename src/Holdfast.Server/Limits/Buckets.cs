namespace Holdfast.Server.Limits;

/// <summary>What one device, account or address has left. All is full at first; only what was taken from is kept, until it has refilled.</summary>
internal sealed class Buckets(Rates rates, TimeProvider clock)
{
    private readonly Dictionary<Limited, Level> _levels = [];

    /// <summary>Whether all has refilled, so that this may be forgotten.</summary>
    public bool IsFull
    {
        get
        {
            lock (_levels)
            {
                foreach (var what in _levels.Keys.ToList())
                    if (Left(what) >= rates.Of(what).Size) _levels.Remove(what);
                return _levels.Count == 0;
            }
        }
    }

    /// <summary>Takes some, or nothing where there is not enough.</summary>
    public bool TryTake(Limited what, long count = 1)
    {
        lock (_levels)
        {
            double left = Left(what);
            if (left < count) return false;
            _levels[what] = new Level(left - count, clock.GetTimestamp());
            return true;
        }
    }

    /// <summary>Gives back what was taken for something that turned out well.</summary>
    public void GiveBack(Limited what)
    {
        lock (_levels) _levels[what] = new Level(Math.Min(rates.Of(what).Size, Left(what) + 1), clock.GetTimestamp());
    }

    private double Left(Limited what)
    {
        var rate = rates.Of(what);
        return _levels.TryGetValue(what, out var level)
            ? Math.Min(rate.Size, level.Left + (rate.Size * (clock.GetElapsedTime(level.At) / rate.Over)))
            : rate.Size;
    }

    private readonly record struct Level(double Left, long At);
}
