using System.Collections;
using System.Reflection;
using Holdfast.Cryptography;

namespace Holdfast.Fuzz;

/// <summary>Changes one thing somewhere inside a structure: what comes of it is still well formed, and says something else.</summary>
internal static class Shape
{
    private static readonly ulong[] Edges =
        [0, 1, 2, 3, 4, 5, 7, 63, 64, 255, 256, 16383, 16384, 65535, 1 << 24, 1 << 30, 1u << 31, uint.MaxValue, ulong.MaxValue];

    internal static IEnumerable<FieldInfo> FieldsOf(Type type)
    {
        for (var at = type; at is not null && at != typeof(object) && at != typeof(ValueType); at = at.BaseType)
        {
            const BindingFlags Own = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
            foreach (var field in at.GetFields(Own))
                yield return field;
        }
    }

    /// <summary>A copy with one change; the value itself where there is nothing to change.</summary>
    internal static object? Change(object? value, FuzzRandom random)
    {
        switch (value)
        {
            case null or string or Secret: return value;
            case ReadOnlyMemory<byte> bytes: return new ReadOnlyMemory<byte>(Bytes(bytes.ToArray(), random));
            case byte[] bytes: return Bytes(bytes, random);
            case bool flag: return !flag;
            case Enum or byte or ushort or uint or ulong or int or long: return Number(value, random);
            case IList list: return List(list, random);
            default: return Fields(value, random);
        }
    }

    private static object Fields(object value, FuzzRandom random)
    {
        var fields = FieldsOf(value.GetType()).Where(field => field.GetValue(value) is not null).ToList();
        if (fields.Count == 0) return value;
        var field = random.Of(fields);
        var clone = typeof(object).GetMethod(nameof(MemberwiseClone), BindingFlags.Instance | BindingFlags.NonPublic)!;
        object copy = clone.Invoke(value, null)!;
        field.SetValue(copy, Change(field.GetValue(value), random));
        return copy;
    }

    private static byte[] Bytes(byte[] bytes, FuzzRandom random) => random.Below(6) switch
    {
        0 => [],
        1 => bytes[..random.Below(bytes.Length + 1)],
        2 => [.. bytes, .. random.PublicBytes(1 + random.Below(40))],
        3 => random.PublicBytes(bytes.Length),
        4 => [.. bytes, .. bytes],
        _ => ByteChange.Of(bytes, random),
    };

    private static object Number(object value, FuzzRandom random)
    {
        var type = value is Enum ? Enum.GetUnderlyingType(value.GetType()) : value.GetType();
        ulong old = unchecked((ulong)Convert.ToInt64(type == typeof(ulong) ? (long)((ulong)value & long.MaxValue) : value, null));
        ulong next = random.Below(3) switch { 0 => unchecked(old + 1), 1 => unchecked(old - 1), _ => random.Of(Edges) };
        object number = Type.GetTypeCode(type) switch
        {
            TypeCode.Byte => unchecked((byte)next),
            TypeCode.UInt16 => unchecked((ushort)next),
            TypeCode.UInt32 => unchecked((uint)next),
            TypeCode.Int32 => unchecked((int)next),
            TypeCode.Int64 => unchecked((long)next),
            _ => next,
        };
        return value is Enum ? Enum.ToObject(value.GetType(), number) : number;
    }

    private static Array List(IList list, FuzzRandom random)
    {
        var element = list.GetType().IsArray
            ? list.GetType().GetElementType()!
            : list.GetType().GetInterfaces()
                .First(face => face.IsGenericType && face.GetGenericTypeDefinition() == typeof(IEnumerable<>))
                .GenericTypeArguments[0];
        var items = list.Cast<object?>().ToList();
        if (items.Count == 0) return Array.CreateInstance(element, 0);
        int at = random.Below(items.Count);
        switch (random.Below(6))
        {
            case 0: items.RemoveAt(at); break;
            case 1: items.Insert(at, items[random.Below(items.Count)]); break;
            case 2: items.Reverse(); break;
            case 3 when random.OneIn(4): items.AddRange(Enumerable.Repeat(items[at], random.Below(300))); break;
            default: items[at] = Change(items[at], random); break;
        }
        var copy = Array.CreateInstance(element, items.Count);
        for (int i = 0; i < items.Count; i++) copy.SetValue(items[i], i);
        return copy;
    }
}
