namespace Holdfast.Tests;

/// <summary>What a process was started with, as Linux says.</summary>
internal static class CommandLine
{
    /// <summary>Program and arguments; none of a process that is gone, that nobody has waited for yet, or that we may not look at.</summary>
    public static string[] Of(string process)
    {
        try { return File.ReadAllText($"/proc/{process}/cmdline").Split('\0', StringSplitOptions.RemoveEmptyEntries); }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException) { return []; }   // it ended while we looked
    }
}
