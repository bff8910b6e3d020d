namespace Holdfast.Tests;

/// <summary>Whether the longer variants are wanted: <c>./check --long</c> sets <c>HOLDFAST_LONG</c>.</summary>
internal static class LongRun
{
    public static bool IsWanted { get; } = Environment.GetEnvironmentVariable("HOLDFAST_LONG") == "1";

    /// <summary>Which part of the longest runs, and of how many: <c>HOLDFAST_PART=3/20</c>, so that one can be done in pieces; else all.</summary>
    public static (int Part, int Of) Part { get; } = Environment.GetEnvironmentVariable("HOLDFAST_PART")?.Split('/') is [var part, var of]
        ? (int.Parse(part, System.Globalization.CultureInfo.InvariantCulture), int.Parse(of, System.Globalization.CultureInfo.InvariantCulture))
        : (0, 1);

    /// <summary>The numbers from 0 below a limit; in a part of a long run, the part's share of them.</summary>
    public static IEnumerable<int> Numbers(int limit, int every)
    {
        for (int number = Part.Part * every; number < limit; number += Part.Of * every) yield return number;
    }
}
