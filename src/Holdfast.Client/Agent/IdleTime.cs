namespace Holdfast.Client;

/// <summary>
/// How long nobody has asked for anything. Two clocks are looked at, since one of them stands still while the machine sleeps, and the
/// other can be put back: the longer time counts.
/// </summary>
internal sealed class IdleTime
{
    private readonly TimeProvider _time;
    private (long Steady, DateTimeOffset Wall) _since, _looked;

    internal IdleTime(TimeProvider time)
    {
        _time = time;
        _since = _looked = Now;
    }

    /// <summary>So long.</summary>
    internal TimeSpan Length => Max(Steady(_since), Wall(_since));

    private (long Steady, DateTimeOffset Wall) Now => (_time.GetTimestamp(), _time.GetUtcNow());

    /// <summary>Somebody asks for something.</summary>
    internal void Restart() => _since = Now;

    /// <summary>How long the machine has slept since this was asked last.</summary>
    internal TimeSpan TakeSleep()
    {
        var slept = Wall(_looked) - Steady(_looked);
        _looked = Now;
        return Max(slept, TimeSpan.Zero);
    }

    private static TimeSpan Max(TimeSpan one, TimeSpan other) => one > other ? one : other;

    private TimeSpan Steady((long Steady, DateTimeOffset Wall) since) => _time.GetElapsedTime(since.Steady);

    private TimeSpan Wall((long Steady, DateTimeOffset Wall) since) => _time.GetUtcNow() - since.Wall;
}
