using Holdfast.Protocol;

namespace Holdfast.Client;

/// <summary>What waits to be posted to one log, in the order in which it was sealed.</summary>
internal sealed class OutgoingPosts
{
    private readonly List<PendingPost> _posts = [];
    private readonly Dictionary<MessageId, PendingPost> _byId = [];

    /// <summary>How many answers are on their way.</summary>
    internal int InFlight => _posts.Count(static post => post.Stage == PostStage.Submitted);

    /// <summary>Whether a commit of ours is on its way: nothing more is sealed until it has taken effect.</summary>
    internal bool HasCommit => _posts.Exists(static post => post.Item.Post.Kind == PostKind.Commit);

    /// <summary>Whether a turn more may be sealed: so many posts and no more are without the server's acknowledgement.</summary>
    internal bool HasRoom => _posts.Count(static post => post.Stage != PostStage.Accepted) <= ProtocolLimits.UnacknowledgedPosts - SealQueue.TextsPerTurn;

    internal bool AnyOvertaken => _posts.Exists(static post => post.Stage == PostStage.Overtaken);

    /// <summary>Adds a post, or gives the one that is there already.</summary>
    internal PendingPost Add(OutboxPost item)
    {
        if (_byId.TryGetValue(item.Post.Id, out var known)) return known;
        var post = new PendingPost(item);
        _posts.Add(post);
        _byId.Add(post.Id, post);
        return post;
    }

    /// <summary>Adds a post that must go before all others.</summary>
    internal void AddFirst(OutboxPost item)
    {
        if (_byId.ContainsKey(item.Post.Id)) return;
        var post = new PendingPost(item);
        _posts.Insert(0, post);
        _byId.Add(post.Id, post);
    }

    /// <summary>The next to be submitted, where nothing before it has to be sealed anew.</summary>
    internal PendingPost? NextWaiting()
    {
        foreach (var post in _posts)
        {
            if (post.Stage == PostStage.Overtaken) return null;
            if (post.Stage == PostStage.Waiting) return post;
        }
        return null;
    }

    /// <summary>All that is to be sealed anew: what was refused, and what was sealed before a refusal and not submitted yet.</summary>
    internal List<PendingPost> TakeOvertaken() =>
        [.. _posts.SkipWhile(static post => post.Stage != PostStage.Overtaken).Where(static post => post.Stage != PostStage.Accepted)];

    /// <summary>A new connection: answers that were on their way are lost.</summary>
    internal void Restart()
    {
        foreach (var post in _posts)
            if (post.Stage == PostStage.Submitted) post.Stage = PostStage.Waiting;
    }

    /// <summary>Tells all who wait that it takes longer.</summary>
    internal void Report(Exception reason)
    {
        foreach (var post in _posts) post.Report(reason);
    }

    /// <summary>Tells all who wait that it takes longer, but for answers that are on their way.</summary>
    internal void Delay(Exception reason)
    {
        foreach (var post in _posts) post.Delay(reason);
    }

    internal void Settle(MessageId id, ulong position)
    {
        if (!_byId.Remove(id, out var post)) return;
        _posts.Remove(post);
        post.Settle(position);
    }

    internal void Fail(PendingPost post, Exception reason)
    {
        _byId.Remove(post.Id);
        _posts.Remove(post);
        post.Fail(reason);
    }
}
