namespace Holdfast.Client.Tests.Support;

/// <summary>What a process was started with, as the system says.</summary>
internal static class CommandLine
{
    /// <summary>Program and arguments, a zero character behind each; empty for one that is gone, or that nobody has waited for yet.</summary>
    public static string Of(string process)
    {
        try { return File.ReadAllText($"/proc/{process}/cmdline"); }
        catch (IOException) { return ""; }   // it ended while we looked
    }
}
