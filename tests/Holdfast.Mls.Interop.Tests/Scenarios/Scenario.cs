using System.Text.Json;

namespace Holdfast.Mls.Interop.Tests;

/// <summary>A script of a scenario file: steps that actors take one after the other.</summary>
internal sealed record Scenario(IReadOnlyList<Step> Steps)
{
    private static readonly string[] Names = ["actor", "joiner", "signer"];

    /// <summary>Everyone who acts or is acted upon, in the order in which they come up.</summary>
    internal IReadOnlyList<string> Actors => [.. Steps
        .SelectMany(step => Names.Select(step.Text).Concat(step.Texts("members")).Concat(step.Texts("clients")))
        .Where(name => name.Length > 0).Distinct()];

    /// <summary>The scripts of a file, by name.</summary>
    internal static IReadOnlyDictionary<string, Scenario> Read(string path)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(path));
        return document.RootElement.Clone().GetProperty("scripts").EnumerateObject().ToDictionary(
            script => script.Name, script => new Scenario([.. script.Value.EnumerateArray().Select(step => new Step(step))]));
    }
}
