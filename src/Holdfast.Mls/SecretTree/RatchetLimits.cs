namespace Holdfast.Mls;

/// <summary>How far messages of one sender may overtake one another (RFC 9420 §9.2, §15.3).</summary>
/// <param name="MaxForward">How many generations one message may skip; more would let a member make others work without end.</param>
/// <param name="MaxKept">How many keys of skipped generations one ratchet keeps; beyond that the oldest go.</param>
public sealed record RatchetLimits(int MaxForward = 1000, int MaxKept = 1000);
