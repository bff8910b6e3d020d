using Holdfast.Tests;
using Xunit;

namespace Holdfast.Mls.Interop.Tests;

/// <summary>The working group's scenario files, played by two of our own clients over gRPC; a checkout of mls-implementations has them.</summary>
public sealed class ScenarioTests(TwoServers servers) : IClassFixture<TwoServers>
{
    private const string Variable = "HOLDFAST_MLS_IMPLEMENTATIONS";
    private const uint Suites = 7;

    private static readonly bool[] Both = [true, false];

    /// <summary>A script so large that the other suites wait for long runs.</summary>
    private const string Largest = "deep_random";

    public static IEnumerable<TheoryDataRow<string, string, uint, bool>> Runs
    {
        get
        {
            if (Folder is null) return [new TheoryDataRow<string, string, uint, bool>("", "", 0, false) { Skip = $"{Variable} is not set: no scenario files" }];
            return from script in Scripts()
                   from suite in SuitesFor(script)
                   from encrypt in Both
                   select new TheoryDataRow<string, string, uint, bool>(script.File, script.Name, suite, encrypt);
        }
    }

    private static string? Folder =>
        Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } checkout ? Path.Combine(checkout, "interop", "configs") : null;

    [Theory, MemberData(nameof(Runs))]
    public async Task EveryoneFollows(string file, string script, uint suite, bool encryptHandshake)
    {
        var scenario = Scenario.Read(Path.Combine(Folder!, file + ".json"))[script];
        var cast = scenario.Actors.Select((actor, index) => (actor, Client: servers.Clients[index % servers.Clients.Count]));
        await new ScenarioRun(cast.ToDictionary(part => part.actor, part => part.Client), suite, encryptHandshake).RunAsync(scenario);
    }

    private static IEnumerable<(string File, string Name, int Number)> Scripts()
    {
        int number = 0;
        foreach (string path in Directory.EnumerateFiles(Folder!, "*.json").Order(StringComparer.Ordinal))
        {
            foreach (string name in Scenario.Read(path).Keys.Order(StringComparer.Ordinal))
                yield return (Path.GetFileNameWithoutExtension(path), name, number++);
        }
    }

    /// <summary>All of them in a long run; otherwise the first, and for each script one of the others.</summary>
    private static IEnumerable<uint> SuitesFor((string File, string Name, int Number) script)
    {
        if (LongRun.IsWanted) return Enumerable.Range(1, (int)Suites).Select(suite => (uint)suite);
        return script.File == Largest ? [1] : [1, 2 + ((uint)script.Number % (Suites - 1))];
    }
}
