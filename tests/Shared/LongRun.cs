namespace Holdfast.Tests;

/// <summary>Whether the longer variants are wanted: <c>./check --long</c> sets <c>HOLDFAST_LONG</c>.</summary>
internal static class LongRun
{
    public static bool IsWanted { get; } = Environment.GetEnvironmentVariable("HOLDFAST_LONG") == "1";
}
