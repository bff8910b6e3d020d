using System.Globalization;
using System.Security.Cryptography;

[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]

namespace Holdfast.Scenarios.FirstConversation;

/// <summary>
/// Six people and a server, each a process or several, used through the command line alone. While they talk, the server, agents and
/// vaults are killed at ten random points. In the end everyone has the same words, and the disk has none.
/// </summary>
public sealed class FirstConversation
{
    private static readonly int Seed = int.TryParse(Environment.GetEnvironmentVariable("HOLDFAST_SEED"), CultureInfo.InvariantCulture, out int given)
        ? given : RandomNumberGenerator.GetInt32(1, int.MaxValue);

    /// <summary>The whole story.</summary>
    [Fact]
    public async Task PeopleTalkThroughTenKillsAndTheDiskKeepsNothingOfIt()
    {
        var transcript = new Transcript();
        Console.WriteLine($"HOLDFAST_SEED={Seed}");
        using var folder = new WorkFolder();
        using var story = new Story(folder.Path, Seed, transcript);
        try
        {
            await story.PeopleArriveAsync();
            await story.OneGoesOfflineAsync();
            await story.ConversationsFormAsync();
            await story.TheFirstHalfIsSaidAsync();
            await story.ALargeFileIsSentAsync();
            await story.OneIsRemovedAndOneJoinsAsync();
            story.TheServersDiskIsCopied();
            await story.TheSecondHalfIsSaidAsync();
            await story.WhoWasOfflineCatchesUpAsync();
            await story.EveryoneHasTheSameAsync();
            await story.SavedFilesAreTheOriginalsAsync();
            story.EverythingIsKilled();
            story.NothingOfItIsOnTheDisk();
            story.NoDeviceIsPairedWithALog();
        }
        catch (Exception failure) { throw transcript.Explain(failure, Seed); }
    }
}
