using System.Reflection;
using Holdfast.Codec;
using Holdfast.Mls;

namespace Holdfast.Fuzz;

/// <summary>Everything of the library that reads bytes of strangers: every structure there is, found by its interface.</summary>
internal static class Targets
{
    internal static List<Target> All(Circle circle)
    {
        var seeds = new Dictionary<Type, List<byte[]>>();
        foreach (object structure in circle.Structures) Gather(structure, seeds, 0);
        var structures = typeof(Group).Assembly.GetTypes().Where(IsStructure).OrderBy(static type => type.Name, StringComparer.Ordinal)
            .Select(type => (Target)Activator.CreateInstance(
                typeof(StructTarget<>).MakeGenericType(type),
                BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public,
                null,
                [seeds.GetValueOrDefault(type) ?? []],
                null)!);
        return [.. structures, new TreeTarget(circle.Trees), new HandleTarget(circle), new InsiderTarget(circle), new JoinTarget(circle),
            new StateTarget(circle, rooted: false), new StateTarget(circle, rooted: true)];
    }

    private static bool IsStructure(Type type) =>
        type.GetInterfaces().Any(
            face => face.IsGenericType && face.GetGenericTypeDefinition() == typeof(ITlsStruct<>) && face.GenericTypeArguments[0] == type);

    /// <summary>The structures inside one, each a seed of its own kind.</summary>
    private static void Gather(object? value, Dictionary<Type, List<byte[]>> seeds, int depth)
    {
        if (value is null or string || depth > 12) return;
        for (var type = value.GetType(); type is not null; type = type.BaseType)
        {
            if (IsStructure(type)) Keep(type, Encode(type, value), seeds);
        }
        if (value is System.Collections.IEnumerable list && value is not byte[])
        {
            foreach (object? item in list) Gather(item, seeds, depth + 1);
        }
        if (value.GetType().Assembly != typeof(Group).Assembly) return;
        foreach (var field in Shape.FieldsOf(value.GetType())) Gather(field.GetValue(value), seeds, depth + 1);
    }

    private static void Keep(Type type, byte[] encoded, Dictionary<Type, List<byte[]>> seeds)
    {
        if (!seeds.TryGetValue(type, out var kept)) seeds[type] = kept = [];
        if (!kept.Exists(known => known.AsSpan().SequenceEqual(encoded))) kept.Add(encoded);
    }

    private static byte[] Encode(Type type, object value)
    {
        var writer = new TlsWriter();
        type.GetMethod(nameof(ITlsStruct<>.Encode), [typeof(TlsWriter)])!.Invoke(value, [writer]);
        return writer.ToArray();
    }
}
