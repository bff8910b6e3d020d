using Holdfast.Client;

namespace Holdfast.Cli;

/// <summary>Lists are short: they are read whole, so that columns line up.</summary>
internal static class Answers
{
    public static async Task<List<T>> AskAllAsync<T>(this AgentLink link, FaceCommand command, CancellationToken cancellationToken) where T : FaceAnswer
    {
        var items = new List<T>();
        await foreach (var answer in link.AskAsync(command, cancellationToken))
            if (answer is T item) items.Add(item);
        return items;
    }
}
