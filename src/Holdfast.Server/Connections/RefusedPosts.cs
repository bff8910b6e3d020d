using Holdfast.Protocol;

namespace Holdfast.Server.Connections;

/// <summary>
/// Posts of one connection that were refused for now. Devices send several before the first is answered: what was sent behind one that was refused would
/// overtake it when that is sent again. So nothing else is taken into its log until it comes again, however long its sender takes to hear of it. Used by one thread.
/// </summary>
/// <param name="clock">What time it is.</param>
internal sealed class RefusedPosts(TimeProvider clock)
{
    /// <summary>After that whoever has not sent it again has given it up.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <summary>More logs than anybody writes to in that time: whoever does is refused in all others meanwhile.</summary>
    private const int Most = 1024;

    private readonly Dictionary<LogId, (MessageId Post, long At)> _first = [];

    /// <summary>Whether an earlier post to the same log is still to come again; none is once this is it.</summary>
    public bool IsOvertaking(Post post)
    {
        if (!_first.TryGetValue(post.Log, out var first)) return _first.Count == Most && !MakesRoom();
        if (first.Post != post.Id && clock.GetElapsedTime(first.At) < Patience) return true;
        _first.Remove(post.Log);
        return false;
    }

    /// <summary>A post was refused: where it is the first of its log, the others wait for it.</summary>
    public void Add(Post post)
    {
        if (_first.Count < Most) _first.TryAdd(post.Log, (post.Id, clock.GetTimestamp()));
    }

    private bool MakesRoom()
    {
        foreach (var (log, first) in _first)
            if (clock.GetElapsedTime(first.At) >= Patience) _first.Remove(log);
        return _first.Count < Most;
    }
}
