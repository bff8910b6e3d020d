using Holdfast.Codec;

namespace Holdfast.Mls;

/// <summary>
/// draft-ietf-mls-extensions SafeAAD: authenticated data of several components side by side. It is what all authenticated data of a
/// group must be whose context has a <see cref="CodePoints.SafeAad"/> entry.
/// </summary>
public sealed record SafeAad : ITlsStruct<SafeAad>
{
    /// <summary>The items, in whatever order.</summary>
    /// <exception cref="ArgumentException">A component has two.</exception>
    public SafeAad(params IEnumerable<ComponentData> items) => Items = new AppDataDictionary(items).Entries;

    /// <summary>The items, in ascending order of their components.</summary>
    public IReadOnlyList<ComponentData> Items { get; }

    /// <summary>What that component sends, or null.</summary>
    public ComponentData? Find(ushort component) => Items.FirstOrDefault(item => item.Component == component);

    /// <inheritdoc/>
    public void Encode(TlsWriter writer) => writer.WriteVector(Items);

    /// <inheritdoc/>
    public static SafeAad Decode(ref TlsReader reader) => new(ComponentData.DecodeSorted(ref reader));

    /// <summary>Whether the group frames its authenticated data so.</summary>
    internal static bool IsUsedIn(GroupContext context) => AppDataDictionary.In(context.Extensions)?.Find(CodePoints.SafeAad) is not null;

    /// <summary>The authenticated data to send in that group: where it must be framed, none is an empty list.</summary>
    /// <exception cref="ArgumentException">It must be framed, and is not.</exception>
    internal static ReadOnlyMemory<byte> Framed(GroupContext context, ReadOnlyMemory<byte> authenticatedData)
    {
        if (!IsUsedIn(context)) return authenticatedData;
        if (authenticatedData.IsEmpty) return Tls.Encode(new SafeAad());
        try
        {
            _ = Tls.Decode<SafeAad>(authenticatedData.Span);
            return authenticatedData;
        }
        catch (Exception unframed) when (unframed is CodecException or MlsException)
        {
            throw new ArgumentException(
                "mls-extensions: authenticated data of this group is a SafeAad", nameof(authenticatedData), unframed);
        }
    }

    /// <summary>Checks the authenticated data of a message of that group.</summary>
    /// <exception cref="MlsException">It is not framed, and must be.</exception>
    /// <exception cref="CodecException">It is not framed, and must be.</exception>
    internal static void Check(GroupContext context, ReadOnlySpan<byte> authenticatedData)
    {
        if (IsUsedIn(context)) _ = Tls.Decode<SafeAad>(authenticatedData);
    }
}
