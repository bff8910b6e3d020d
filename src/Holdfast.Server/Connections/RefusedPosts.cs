using Holdfast.Protocol;

namespace Holdfast.Server.Connections;

/// <summary>
/// Posts of one connection that were refused for now, log by log and in order. Devices send several before the first is answered: what was sent behind one
/// that was refused would overtake it when that is sent again. So only the first of them is let through, and nothing new before all have been, however
/// long their sender takes to hear of it. Used by one thread.
/// </summary>
/// <param name="clock">What time it is.</param>
internal sealed class RefusedPosts(TimeProvider clock)
{
    /// <summary>After that whoever has not sent the first again has given it up, and the others with it.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <summary>More than any device has under way; what is beyond is refused and not remembered.</summary>
    private const int Most = 4096;

    private readonly Dictionary<LogId, (List<MessageId> Posts, long At)> _refused = [];
    private int _count;

    /// <summary>Lets a post through, unless an earlier one to its log is still to come again; the one that was waited for is forgotten.</summary>
    public bool TryPass(Post post)
    {
        if (!_refused.TryGetValue(post.Log, out var log)) return true;
        if (clock.GetElapsedTime(log.At) >= Patience)
        {
            Forget(post.Log);
            return true;
        }
        if (log.Posts[0] == post.Id)
        {
            if (log.Posts.Count == 1) Forget(post.Log);
            else RemoveFirst(post.Log, log.Posts);
            return true;
        }
        if (_count < Most && !log.Posts.Contains(post.Id)) Insert(log.Posts.Count, post);
        return false;
    }

    /// <summary>A post that was let through was refused all the same: it comes before those that are waited for.</summary>
    public void Add(Post post) => Insert(0, post);

    private void Insert(int index, Post post)
    {
        if (_refused.TryGetValue(post.Log, out var log)) log.Posts.Insert(index, post.Id);
        else _refused.Add(post.Log, ([post.Id], clock.GetTimestamp()));
        _count++;
    }

    private void RemoveFirst(LogId log, List<MessageId> posts)
    {
        posts.RemoveAt(0);
        _refused[log] = (posts, clock.GetTimestamp());
        _count--;
    }

    private void Forget(LogId log)
    {
        if (_refused.Remove(log, out var gone)) _count -= gone.Posts.Count;
    }
}
