using System.Text.Json;
using Google.Protobuf;

namespace Holdfast.Mls.Interop.Tests;

/// <summary>
/// One step of a scenario, or a proposal that it describes. The files write names now so, now otherwise (<c>externalTree</c>,
/// <c>external_tree</c>, <c>changeCiphersuite</c>): underscores and case do not count.
/// </summary>
internal sealed class Step
{
    private readonly Dictionary<string, JsonElement> _members;

    internal Step(JsonElement step) => _members = step.EnumerateObject().ToDictionary(member => Plain(member.Name), member => member.Value);

    internal string Action => Text("action");

    internal string Actor => Text("actor");

    internal string Text(string name) => Find(name)?.GetString() ?? "";

    internal bool Flag(string name) => Find(name)?.GetBoolean() ?? false;

    internal int Number(string name) => Find(name)?.GetInt32() ?? 0;

    internal IReadOnlyList<string> Texts(string name) => [.. Items(name).Select(item => item.GetString()!)];

    internal IReadOnlyList<int> Numbers(string name) => [.. Items(name).Select(item => item.GetInt32())];

    internal IReadOnlyList<Step> Steps(string name) => [.. Items(name).Select(item => new Step(item))];

    internal Step Inner(string name) => new(Find(name)!.Value);

    internal IReadOnlyList<Wire.Extension> Extensions() => [.. Steps("extensions").Select(extension => new Wire.Extension
    {
        ExtensionType = (uint)extension.Number("extension_type"),
        ExtensionData = ByteString.FromBase64(extension.Text("extension_data")),
    })];

    private IEnumerable<JsonElement> Items(string name) => Find(name)?.EnumerateArray() ?? Enumerable.Empty<JsonElement>();

    private JsonElement? Find(string name) => _members.TryGetValue(Plain(name), out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private static string Plain(string name) => name.Replace("_", "", StringComparison.Ordinal).ToUpperInvariant();
}
