using Holdfast.Codec;

namespace Holdfast.Mls;

/// <summary>draft-ietf-mls-extensions ComponentData: what one component keeps.</summary>
/// <param name="Component">The component's id.</param>
/// <param name="Data">Its data, in its own encoding.</param>
public sealed record ComponentData(ushort Component, ReadOnlyMemory<byte> Data) : ITlsStruct<ComponentData>
{
    /// <inheritdoc/>
    public void Encode(TlsWriter writer)
    {
        writer.WriteUInt16(Component);
        writer.WriteOpaque(Data.Span);
    }

    /// <inheritdoc/>
    public static ComponentData Decode(ref TlsReader reader) => new(reader.ReadUInt16(), reader.ReadOpaque().ToArray());

    /// <summary>Reads a list that is sorted by component, with one entry for each at most.</summary>
    /// <exception cref="CodecException">It is not sorted.</exception>
    internal static IReadOnlyList<ComponentData> DecodeSorted(ref TlsReader reader)
    {
        var entries = reader.ReadVector<ComponentData>(MlsLimits.MaxComponents);
        for (int i = 1; i < entries.Count; i++)
        {
            if (entries[i - 1].Component >= entries[i].Component)
                throw new CodecException("mls-extensions: components must be in ascending order, each once");
        }
        return entries;
    }
}

/// <summary>draft-ietf-mls-extensions AppDataDictionary: application data by component, in ascending order of the components.</summary>
public sealed record AppDataDictionary : ITlsStruct<AppDataDictionary>
{
    /// <summary>A dictionary with those entries, in whatever order.</summary>
    /// <exception cref="ArgumentException">A component has two.</exception>
    public AppDataDictionary(params IEnumerable<ComponentData> entries)
    {
        Entries = [.. entries.OrderBy(entry => entry.Component)];
        if (Entries.DistinctBy(entry => entry.Component).Count() != Entries.Count)
            throw new ArgumentException("a component has two entries", nameof(entries));
    }

    /// <summary>The entries, sorted.</summary>
    public IReadOnlyList<ComponentData> Entries { get; }

    /// <summary>What that component keeps, or null where it has no entry.</summary>
    public ComponentData? Find(ushort component) => Entries.FirstOrDefault(entry => entry.Component == component);

    /// <summary>The same with another entry for its component.</summary>
    public AppDataDictionary With(ComponentData entry) => new([.. Without(entry.Component).Entries, entry]);

    /// <summary>The same without an entry for that component.</summary>
    public AppDataDictionary Without(ushort component) => new(Entries.Where(entry => entry.Component != component));

    /// <summary>The components of a list that is kept under that id, or null where there is none.</summary>
    /// <exception cref="MlsException">The list is malformed.</exception>
    public ComponentsList? List(ushort component) =>
        Find(component) is { } entry ? Tls.Decode<ComponentsList>(entry.Data.Span) : null;

    /// <summary>The dictionary among extensions, or null where there is none.</summary>
    /// <exception cref="MlsException">It is malformed.</exception>
    /// <exception cref="CodecException">It is malformed.</exception>
    public static AppDataDictionary? In(IReadOnlyList<Extension> extensions) =>
        Extension.Find(extensions, CodePoints.AppDataDictionary) is { } found ? Tls.Decode<AppDataDictionary>(found.Data.Span) : null;

    /// <summary>The dictionary as an extension.</summary>
    public Extension ToExtension() => new(CodePoints.AppDataDictionary, Tls.Encode(this));

    /// <summary>The extensions with this dictionary in place of the one there was, or behind all others.</summary>
    public IReadOnlyList<Extension> Into(IReadOnlyList<Extension> extensions) =>
        Extension.Find(extensions, CodePoints.AppDataDictionary) is null
            ? [.. extensions, ToExtension()]
            : [.. extensions.Select(extension => extension.Type == CodePoints.AppDataDictionary ? ToExtension() : extension)];

    /// <inheritdoc/>
    public void Encode(TlsWriter writer) => writer.WriteVector(Entries);

    /// <inheritdoc/>
    public static AppDataDictionary Decode(ref TlsReader reader) => new(ComponentData.DecodeSorted(ref reader));
}

/// <summary>
/// draft-ietf-mls-extensions ComponentsList: the value of <see cref="CodePoints.AppComponents"/> and <see cref="CodePoints.SafeAad"/>.
/// </summary>
public sealed record ComponentsList(IReadOnlyList<ushort> Components) : ITlsStruct<ComponentsList>
{
    /// <summary>The list as a dictionary's entry.</summary>
    public ComponentData ToEntry(ushort component) => new(component, Tls.Encode(this));

    /// <inheritdoc/>
    public void Encode(TlsWriter writer) => Capabilities.EncodeList(writer, Components);

    /// <inheritdoc/>
    public static ComponentsList Decode(ref TlsReader reader) =>
        new(Capabilities.DecodeList(ref reader, MlsLimits.MaxComponents));
}
