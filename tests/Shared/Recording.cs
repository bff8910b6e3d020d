using System.Text.Json;

namespace Holdfast.Tests;

/// <summary>
/// What a long run saw, for the folder that <c>$HOLDFAST_RECORD</c> names (such as <c>bench/results</c>); without it, nothing.
/// </summary>
internal static class Recording
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static void Write<T>(string name, T seen)
    {
        string? folder = Environment.GetEnvironmentVariable("HOLDFAST_RECORD");
        if (!string.IsNullOrEmpty(folder))
            File.WriteAllText(Path.Combine(folder, name + ".json"), JsonSerializer.Serialize(seen, Indented) + "\n");
    }
}
