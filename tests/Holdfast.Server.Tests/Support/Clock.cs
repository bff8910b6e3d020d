namespace Holdfast.Server.Tests.Support;

/// <summary>The system's clock, moved forward by hand. Timers go on in real time.</summary>
internal sealed class Clock : TimeProvider
{
    private TimeSpan _offset;

    public void Advance(TimeSpan by) => _offset += by;

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + _offset;

    public override long GetTimestamp() => System.GetTimestamp() + (long)(_offset.TotalSeconds * TimestampFrequency);
}
