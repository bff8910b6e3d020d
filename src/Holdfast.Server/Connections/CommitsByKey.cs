using Holdfast.Protocol;

namespace Holdfast.Server.Connections;

/// <summary>
/// How many commits one device has had accepted under one access key within a day. An honest device needs one under each key: a
/// commit that takes effect brings a new key, and one that came too late is refused and not counted. The count is each device's
/// own, because the key is everyone's: a member who spends its own measure takes nothing from the others.
/// </summary>
internal sealed class CommitsByKey(TimeProvider clock)
{
    /// <summary>How many in a day.</summary>
    public const int PerDay = 8;

    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    private readonly Dictionary<(LogId Log, string Key), Queue<long>> _accepted = [];

    /// <summary>Whether there is nothing to remember.</summary>
    public bool IsEmpty
    {
        get
        {
            foreach (var key in _accepted.Keys.ToList()) Recent(key);
            return _accepted.Count == 0;
        }
    }

    /// <summary>Whether there may be another one.</summary>
    public bool Allows(LogId log, ReadOnlySpan<byte> accessKey) => Recent(Place(log, accessKey)) is not { Count: >= PerDay };

    /// <summary>There was another one.</summary>
    public void Note(LogId log, ReadOnlySpan<byte> accessKey)
    {
        var place = Place(log, accessKey);
        if (Recent(place) is not { } accepted) _accepted.Add(place, accepted = []);
        accepted.Enqueue(clock.GetTimestamp());
    }

    /// <summary>Those of the last day; what is older is forgotten.</summary>
    private Queue<long>? Recent((LogId Log, string Key) place)
    {
        if (!_accepted.TryGetValue(place, out var accepted)) return null;
        while (accepted.TryPeek(out long first) && clock.GetElapsedTime(first) >= Day) accepted.Dequeue();
        if (accepted.Count > 0) return accepted;
        _accepted.Remove(place);
        return null;
    }

    private static (LogId, string) Place(LogId log, ReadOnlySpan<byte> accessKey) => (log, Convert.ToHexStringLower(accessKey));
}
