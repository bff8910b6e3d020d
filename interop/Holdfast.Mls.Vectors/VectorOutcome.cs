namespace Holdfast.Mls.Vectors;

/// <summary>What came of verifying a case.</summary>
/// <param name="Verdict">Whether it holds.</param>
/// <param name="Why">What was wrong, or why it was skipped; null where it holds.</param>
public sealed record VectorOutcome(VectorVerdict Verdict, string? Why)
{
    internal static VectorOutcome Passed { get; } = new(VectorVerdict.Passed, null);

    internal static VectorOutcome Failed(string why) => new(VectorVerdict.Failed, why);

    internal static VectorOutcome Skipped(string why) => new(VectorVerdict.Skipped, why);
}

/// <summary>Whether a case holds.</summary>
public enum VectorVerdict
{
    /// <summary>We compute what the case says.</summary>
    Passed,

    /// <summary>We do not.</summary>
    Failed,

    /// <summary>The case is of a cipher suite that this build does not know.</summary>
    Skipped,
}

/// <summary>What we compute is not what the case says.</summary>
internal sealed class VectorMismatchException(string what) : Exception(what);
