namespace Holdfast.Mls;

/// <summary>Makes a component's new data of the old and the updates, in the commit's order; null where they are not valid.</summary>
/// <param name="component">Whose data.</param>
/// <param name="current">What the component keeps now, or null where it keeps nothing.</param>
/// <param name="updates">The content of each update.</param>
public delegate byte[]? AppDataMerge(ushort component, ComponentData? current, IReadOnlyList<ReadOnlyMemory<byte>> updates);

/// <summary>
/// What the application decides about its components (draft-ietf-mls-extensions). All members must answer alike, and nothing may come
/// of being asked: a commit may be judged more than once. By default no component is known.
/// </summary>
public sealed record ComponentPolicy
{
    /// <summary>Whether the application knows a component: what is for one it does not know makes a commit invalid.</summary>
    public Func<ushort, bool> Knows { get; init; } = static _ => false;

    /// <summary>Whether a component takes that data with a commit.</summary>
    public Func<AppEphemeralProposal, bool> AcceptEphemeral { get; init; } = static _ => true;

    /// <summary>What becomes of a component's data.</summary>
    public AppDataMerge Merge { get; init; } = static (_, _, _) => null;
}
