namespace Holdfast.Mls;

/// <summary>How far messages of one sender may overtake one another (RFC 9420 §9.2, §15.3).</summary>
/// <param name="MaxForward">
/// How many generations one message may skip, by default 1000; more would let a member make others work without end.
/// </param>
/// <param name="MaxKept">How many keys of skipped generations one ratchet keeps, by default 1000; beyond that the oldest go.</param>
/// <exception cref="ArgumentOutOfRangeException">One of them is negative.</exception>
public sealed record RatchetLimits(int MaxForward = 1000, int MaxKept = 1000)
{
    /// <summary>How many generations one message may skip.</summary>
    public int MaxForward { get; init => field = NotNegative(value); } = NotNegative(MaxForward);

    /// <summary>How many keys of skipped generations one ratchet keeps.</summary>
    public int MaxKept { get; init => field = NotNegative(value); } = NotNegative(MaxKept);

    private static int NotNegative(int value)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(value);
        return value;
    }
}
