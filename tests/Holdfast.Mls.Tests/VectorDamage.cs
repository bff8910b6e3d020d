using System.Text.Json;
using System.Text.Json.Nodes;

namespace Holdfast.Mls.Tests;

/// <summary>Changes one value of a test vector.</summary>
internal static class VectorDamage
{
    /// <summary>
    /// The values that a change must not leave unnoticed: every text that is not empty, and numbers where they are what is tested.
    /// </summary>
    internal static List<JsonValue> Places(JsonNode vector, string file)
    {
        bool numbers = file is "tree-math" or "deserialization";
        return [.. Values(vector).Where(value => value.GetValueKind() switch
        {
            JsonValueKind.String => value.GetValue<string>().Length > 0,
            JsonValueKind.Number => numbers,
            _ => false,
        })];
    }

    /// <summary>Changes the value of that number, and says where it is.</summary>
    internal static string Damage(JsonNode vector, string file, int number)
    {
        var value = Places(vector, file)[number];
        string path = value.GetPath();
        if (value.GetValueKind() == JsonValueKind.Number) value.ReplaceWith(value.GetValue<uint>() + 1);
        else value.ReplaceWith(Changed(value.GetValue<string>(), file));
        return path;
    }

    /// <summary>
    /// Mostly the last digit. Of a structure that is only read and written back, no byte is wrong by itself: there, one more is. Of a
    /// ciphertext, only the beginning goes into the keys of the sender data (RFC 9420 §6.3.2), and a proposal ends in a signature that
    /// is not the tree's to check.
    /// </summary>
    private static string Changed(string text, string file) => file switch
    {
        "messages" => text + "00",
        "secret-tree" or "tree-operations" => Other(text[0]) + text[1..],
        _ => char.IsAsciiHexDigit(text[^1]) ? text[..^1] + Other(text[^1]) : text + "x",
    };

    private static char Other(char digit) => (char)(digit is '0' or 'a' ? digit + 1 : digit - 1);

    private static IEnumerable<JsonValue> Values(JsonNode? node) => node switch
    {
        JsonObject members => members.SelectMany(member => Values(member.Value)),
        JsonArray items => items.SelectMany(Values),
        JsonValue value => [value],
        _ => [],
    };
}
