using Holdfast.Protocol;
using Holdfast.Server.Limits;

namespace Holdfast.Server.Connections;

/// <summary>What a connection is refused because there is too much of it.</summary>
internal sealed partial class Connection
{
    /// <summary>
    /// How long nothing else is stored after something that is no post could not be: longer than what is on its way takes, shorter than clients wait
    /// before they try again.
    /// </summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(3);

    private readonly RefusedPosts _refusedPosts;
    private long? _failedAt;

    /// <summary>Posts that could not be stored. On the writer's thread.</summary>
    public RefusedPosts FailedPosts { get; }

    /// <summary>Whether something else than a post could not be stored, just now: what was sent right behind it may rest on it. On the writer's thread.</summary>
    public bool IsHeld => _failedAt is { } at && _services.Clock.GetElapsedTime(at) < Pause;

    /// <summary>Something it sent could not be stored. On the writer's thread.</summary>
    public void Hold() => _failedAt = _services.Clock.GetTimestamp();

    /// <summary>
    /// Whether there is too much: this device sends faster than it may, or more comes in than the writer gets done; or whether it would overtake what was
    /// refused for that.
    /// </summary>
    private bool IsTooMuch(ClientFrame frame)
    {
        if (frame is not (SubmitPost or SubmitDeliveries or CreateLog)) return false;
        var post = (frame as SubmitPost)?.Post;
        if (post is not null && !_refusedPosts.TryPass(post)) return true;
        if (_services.Writer.IsOverloaded) _services.Metrics.LimitsHit.Add(Limited.Overload);
        else if (post is null || Allowance.TryTake(Limited.Sends)) return false;
        if (post is not null) _refusedPosts.Add(post);
        return true;
    }
}
