using System.Diagnostics;

namespace Holdfast.Server;

/// <summary>A failure as diagnostics tell it: its kind, and the places of ours that it passed. Messages are left out: they may name a file or an id.</summary>
internal static class Fault
{
    private const int MostKinds = 4, MostPlaces = 6;

    /// <summary>In one line.</summary>
    public static string Of(Exception failure)
    {
        var chain = new List<Exception>();
        for (var next = failure; next is not null && chain.Count < MostKinds; next = next.InnerException) chain.Add(next);
        var places = chain.SelectMany(static each => new StackTrace(each).GetFrames()).Select(static frame => frame.GetMethod())
            .Where(static method => method?.DeclaringType?.FullName?.StartsWith("Holdfast.", StringComparison.Ordinal) == true)
            .Select(static method => $"{method!.DeclaringType!.FullName}.{method.Name}").Distinct().Take(MostPlaces);
        return $"{string.Join(" of ", chain.Select(static each => each.GetType().Name))} in {string.Join(", ", places)}";
    }
}
