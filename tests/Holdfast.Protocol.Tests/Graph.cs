using System.Collections;
using System.Reflection;

namespace Holdfast.Protocol.Tests;

/// <summary>Everything that hangs on a structure, by reflection.</summary>
internal static class Graph
{
    /// <summary>The structure, its fields, their fields and so on.</summary>
    internal static IEnumerable<object> Walk(object? node)
    {
        if (node is null) yield break;
        yield return node;
        IEnumerable<object?> inner = node switch
        {
            string or ReadOnlyMemory<byte> => [],
            IEnumerable list => list.Cast<object?>(),
            _ when IsOurs(node) => Properties(node).Select(property => property.GetValue(node)),
            _ => [],
        };
        foreach (object found in inner.SelectMany(Walk)) yield return found;
    }

    /// <summary>Every value in it, as one text: two structures with the same say the same.</summary>
    internal static string Describe(object node) => string.Join('\n', Walk(node).Select(found => found switch
    {
        ReadOnlyMemory<byte> bytes => Convert.ToHexString(bytes.Span),
        IEnumerable and not string => "list",
        _ when IsOurs(found) && !found.GetType().IsValueType => found.GetType().Name,
        _ => found.ToString(),
    }));

    private static bool IsOurs(object node) => node.GetType().Namespace == typeof(Pin).Namespace && !node.GetType().IsEnum;

    private static IEnumerable<PropertyInfo> Properties(object node) =>
        node.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.GetIndexParameters().Length == 0);
}
