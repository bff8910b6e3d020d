namespace Holdfast.Mls;

/// <summary>draft-ietf-mls-extensions: what a commit's AppDataUpdate proposals make of the group context's extensions.</summary>
internal static class AppDataUpdates
{
    /// <summary>Applies them component by component, each component's in the commit's order, behind all default proposals.</summary>
    /// <exception cref="MlsException">There is nothing to remove, the application finds an update invalid, or it is too much.</exception>
    internal static IReadOnlyList<Extension> Apply(
        IReadOnlyList<Extension> extensions, IEnumerable<Proposal> proposals, ComponentPolicy policy)
    {
        var byComponent = proposals.OfType<AppDataUpdateProposal>().GroupBy(update => update.Component).ToList();
        if (byComponent.Count == 0) return extensions;
        var dictionary = AppDataDictionary.In(extensions) ?? new AppDataDictionary();
        foreach (var updates in byComponent)
        {
            var current = dictionary.Find(updates.Key);
            dictionary = updates.Any(update => update.Removes)
                ? Remove(dictionary, current)
                : dictionary.With(Merge(updates.Key, current, [.. updates.Select(update => update.Update)], policy));
        }
        var after = dictionary.Into(extensions);
        MlsException.Require(
            dictionary.Entries.Count <= MlsLimits.MaxComponents && after.Count <= MlsLimits.MaxExtensions,
            MlsError.TooLarge,
            "mls-extensions: AppDataUpdates lead to more components or extensions than we allow");
        return after;
    }

    private static AppDataDictionary Remove(AppDataDictionary dictionary, ComponentData? current) => current is not null
        ? dictionary.Without(current.Component)
        : throw new MlsException(MlsError.InvalidProposal, "mls-extensions: an AppDataUpdate removes data that is not there");

    private static ComponentData Merge(
        ushort component, ComponentData? current, IReadOnlyList<ReadOnlyMemory<byte>> updates, ComponentPolicy policy) =>
        new(component, policy.Merge(component, current, updates)
            ?? throw new MlsException(MlsError.InvalidProposalList, "mls-extensions: the component does not accept an AppDataUpdate"));
}
