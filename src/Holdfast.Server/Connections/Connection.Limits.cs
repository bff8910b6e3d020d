using Holdfast.Protocol;
using Holdfast.Server.Limits;

namespace Holdfast.Server.Connections;

/// <summary>What a connection is refused because there is too much of it.</summary>
internal sealed partial class Connection
{
    /// <summary>Longer than what is on its way takes, and shorter than clients wait before they try again.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(3);

    private long? _refusedAt, _failedAt;

    /// <summary>
    /// Whether something it sent could not be stored, just now: what was sent right behind it is refused, too, else it would overtake it. On the
    /// writer's thread.
    /// </summary>
    public bool IsHeld => _failedAt is { } at && _services.Clock.GetElapsedTime(at) < Pause;

    /// <summary>Something it sent could not be stored. On the writer's thread.</summary>
    public void Hold() => _failedAt = _services.Clock.GetTimestamp();

    /// <summary>
    /// Whether there is too much: this device sends faster than it may, or more comes in than the writer gets done. What was sent right
    /// behind a post that was refused is refused, too: else it would overtake it.
    /// </summary>
    private bool IsTooMuch(ClientFrame frame)
    {
        if (frame is not (SubmitPost or SubmitDeliveries or CreateLog)) return false;
        if (_refusedAt is { } at && _services.Clock.GetElapsedTime(at) < Pause) return true;
        if (_services.Writer.IsOverloaded) _services.Metrics.LimitsHit.Add(Limited.Overload);
        else if (frame is not SubmitPost || Allowance.TryTake(Limited.Sends)) return false;
        _refusedAt = _services.Clock.GetTimestamp();
        return true;
    }
}
