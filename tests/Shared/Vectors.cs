using System.Text.Json;
using Xunit;

namespace Holdfast.Tests;

/// <summary>The official test vectors, read where they lie: <c>$HOLDFAST_VECTORS</c> names their folder.</summary>
internal static class Vectors
{
    private const string Variable = "HOLDFAST_VECTORS";

    /// <summary>
    /// The parsed file. Without the variable the test is reported as skipped; with it, a missing file is a failure,
    /// so that a folder that lost a file cannot pass unseen.
    /// </summary>
    /// <param name="path">The file's path below the vectors' folder, such as <c>mls/tree-math.json</c>.</param>
    public static JsonElement Json(string path)
    {
        using var document = JsonDocument.Parse(Bytes(path));
        return document.RootElement.Clone();
    }

    /// <summary>The file's bytes, on the terms of <see cref="Json"/>.</summary>
    public static byte[] Bytes(string path)
    {
        string? folder = Environment.GetEnvironmentVariable(Variable);
        if (string.IsNullOrEmpty(folder)) Assert.Skip($"{Variable} is not set: no test vectors");
        return File.ReadAllBytes(Path.Combine(folder, path));
    }

    /// <summary>The bytes of a member written in hexadecimal.</summary>
    public static byte[] Hex(this JsonElement element, string member) =>
        Convert.FromHexString(element.GetProperty(member).GetString()!);
}
