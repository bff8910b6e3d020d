using System.Text.Json.Nodes;

namespace Holdfast.Cli.Tests;

/// <summary><c>holdfast search</c> with a real server and real vaults.</summary>
public sealed class SearchTests : IAsyncLifetime
{
    private Household _house = null!;

    public async ValueTask InitializeAsync() => _house = await Household.OpenAsync();

    public ValueTask DisposeAsync() => _house.DisposeAsync();

    [Fact]
    public async Task WordsAreFoundNewestFirstAndShownAsReadShowsThem()
    {
        await _house.JoinAsync("bob", "Bob");
        await _house.DoneAsync("alice", "group", "create", "Team", "Bob");
        await _house.DoneAsync("bob", "send", "Alice", "Treffen wir uns unter der Brücke\e[2J");
        await _house.DoneAsync("alice", "send", "Bob", "中午在钟下见我");
        await _house.DoneAsync("alice", "send", "Team", "the BRUCKE again\nat noon");
        string found = await _house.DoneAsync("alice", "search", "brücke");
        string[] lines = found.Split('\n');
        Assert.Equal(("== Team ==", "  | at noon", "", "== Bob =="), (lines[0], lines[2], lines[3], lines[4]));
        Assert.EndsWith("Alice: the BRUCKE again", lines[1], StringComparison.Ordinal);
        Assert.EndsWith("Bob: Treffen wir uns unter der Brücke\\u{1b}[2J", lines[5], StringComparison.Ordinal);
        Assert.Equal(6, lines.Length);

        Assert.EndsWith("中午在钟下见我", await _house.DoneAsync("bob", "search", "钟"), StringComparison.Ordinal);
        string[] json = (await _house.DoneAsync("bob", "search", "brucke", "--json")).Split('\n');
        Assert.Equal(["Team", "Alice"], json.Select(line => (string?)JsonNode.Parse(line)!["conversation_name"]));
        Assert.Equal("the BRUCKE again\nat noon", (string?)JsonNode.Parse(json[0])!["text"]);
        Assert.Contains("Treffen", await _house.DoneAsync("bob", "search", "brucke", "unter"), StringComparison.Ordinal);
        Assert.DoesNotContain("again", await _house.DoneAsync("bob", "search", "brucke", "--in", "Alice"), StringComparison.Ordinal);
        Assert.Single(await _house.DoneAsync("bob", "search", "brucke", "--limit", "1", "--json") is var one ? one.Split('\n') : []);
    }

    [Fact]
    public async Task EveryWayToEndHasItsExitCode()
    {
        await _house.JoinAsync("bob", "Bob");
        await _house.DoneAsync("bob", "send", "Alice", "under the clock");
        var nothing = await _house.RunAsync("bob", "search", "absent");
        Assert.Equal((0, "", "Nothing was found.\n"), (nothing.ExitCode, nothing.Output, nothing.Error));
        var none = await _house.RunAsync("bob", "search", "absent", "--json");
        Assert.Equal((0, "", ""), (none.ExitCode, none.Output, none.Error));
        await _house.FailsAsync(2, "bob", "search");
        await _house.FailsAsync(2, "bob", "search", " ");
        await _house.FailsAsync(2, "bob", "search", "clock", "--limit", "0");
        Assert.Contains("512 bytes", await _house.FailsAsync(2, "bob", "search", new string('x', 513)), StringComparison.Ordinal);
        Assert.Contains("16 words", await _house.FailsAsync(2, "bob", ["search", .. Enumerable.Repeat("word", 17)]), StringComparison.Ordinal);
        await _house.FailsAsync(1, "bob", "search", "clock", "--in", "Nobody");
        await _house.EndUpAsync();
        var offline = await _house.RunAsync("bob", "search", "clock");
        Assert.Equal(3, offline.ExitCode);
        Assert.Contains("under the clock", offline.Output, StringComparison.Ordinal);   // what is here is shown all the same
        await _house.DoneAsync("bob", "lock");
        Assert.Equal(4, (await _house.Holdfast.RunAsync("search", "clock", "--profile", "bob")).ExitCode);
    }
}
