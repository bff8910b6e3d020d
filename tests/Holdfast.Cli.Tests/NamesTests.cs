using System.Text.Json.Nodes;

namespace Holdfast.Cli.Tests;

/// <summary>People and groups that are called alike, and groups that are left.</summary>
public sealed class NamesTests : IAsyncLifetime
{
    private Household _house = null!;

    public async ValueTask InitializeAsync() => _house = await Household.OpenAsync();

    public ValueTask DisposeAsync() => _house.DisposeAsync();

    [Fact]
    public async Task AGroupIsNotGivenANameThatMeansSomethingAlready()
    {
        string bob = await _house.JoinAsync("bob", "Bob");
        await _house.DoneAsync("alice", "group", "create", "Team", "bob");
        foreach (string taken in (string[])["Bob", "BOB", "Team", "tEAM", bob])
            Assert.Contains("\"name-taken\"", await _house.FailsAsync(1, "alice", "group", "create", taken, "Bob", "--json"), StringComparison.Ordinal);
        Assert.Single(await ConversationsAsync("alice"));
    }

    [Fact]
    public async Task WhatOthersCallAlikeCanAllBeReachedByWhatTheErrorSays()
    {
        string[] pins = [await _house.JoinAsync("bob", "Bob"), await _house.JoinAsync("bob2", "Bob")];
        await _house.DoneAsync("bob", "group", "create", "Bob", "Alice");
        await _house.DoneAsync("bob2", "group", "create", "Bob", "Alice");
        var ways = Ways(await _house.FailsAsync(1, "alice", "send", "Bob", "to whom?"));
        Assert.Equal(4, ways.Count);
        Assert.Equal(pins.Order(StringComparer.Ordinal), ways.Intersect(pins).Order(StringComparer.Ordinal));
        foreach (string way in ways) await _house.DoneAsync("alice", "send", way, $"by {way}");
        foreach (string profile in (string[])["bob", "bob2"])
        {
            string[] heard = [.. (await _house.DoneAsync(profile, "read", "--json")).Split('\n').Select(static line => JsonNode.Parse(line)!).Where(static line => (string?)line["kind"] == "text").Select(static line => (string)line["text"]!)];
            Assert.Equal(2, heard.Length);
            Assert.Single(heard, text => text == $"by {pins[profile == "bob" ? 0 : 1]}");
        }
        var groups = Ways(await _house.FailsAsync(1, "alice", "group", "members", "Bob"));
        Assert.Equal(2, groups.Count);
        foreach (string way in groups)
        {
            await _house.DoneAsync("alice", "read", way);
            await _house.DoneAsync("alice", "group", "members", way);
        }
        Assert.Equal(2, Ways(await _house.FailsAsync(1, "alice", "group", "create", "New", "Bob")).Count);
        await _house.DoneAsync("alice", "group", "create", "New", pins[0], pins[1]);
        Assert.Equal(2, Ways(await _house.FailsAsync(1, "alice", "group", "remove", "New", "Bob")).Count);
        await _house.DoneAsync("alice", "group", "remove", "new", pins[1]);
        Assert.Equal("MLS_128_MLKEM768X25519_AES256GCM_SHA384_Ed25519", (string?)(await _house.JsonAsync("alice", "group", "members", "New"))["suite"]);
        Assert.Equal("MLS_128_MLKEM768X25519_AES256GCM_SHA384_Ed25519", (string?)(await ConversationsAsync("alice"))[0]["suite"]);
    }

    [Fact]
    public async Task AConversationOfTwoIsNotLeft()
    {
        await _house.JoinAsync("bob", "Bob");
        await _house.DoneAsync("bob", "send", "Alice", "hello");
        Assert.Contains("cannot be left", await _house.FailsAsync(1, "bob", "group", "leave", "Alice"), StringComparison.Ordinal);
        await _house.DoneAsync("bob", "send", "alice", "still here");
        Assert.Equal("active", (string?)Assert.Single(await ConversationsAsync("bob"))["state"]);
    }

    [Fact]
    public async Task WhoHasLeftAGroupIsToldSo()
    {
        await _house.JoinAsync("bob", "Bob");
        await _house.DoneAsync("alice", "group", "create", "Team", "Bob");
        await _house.DoneAsync("bob", "group", "leave", "Team");
        string[][] commands = [["group", "members", "Team"], ["group", "leave", "Team"], ["send", "Team", "hello"]];
        foreach (string[] command in commands) Assert.Contains("left", await _house.FailsAsync(1, "bob", command), StringComparison.Ordinal);
        for (int attempt = 0; (string?)Assert.Single(await ConversationsAsync("bob"))["state"] != "left"; attempt++)
        {
            Assert.True(attempt < 100, "nobody carries it out");
            await _house.DoneAsync("bob", "read");
            await Task.Delay(200, TestContext.Current.CancellationToken);
        }
        foreach (string[] command in commands) Assert.Contains("no longer in Team", await _house.FailsAsync(1, "bob", command), StringComparison.Ordinal);
        await _house.DoneAsync("bob", "read", "Team");
        await _house.DoneAsync("alice", "group", "add", "Team", "Bob");
        await _house.DoneAsync("bob", "send", "Team", "back");
    }

    /// <summary>What an error says can be typed instead.</summary>
    private static List<string> Ways(string error) => [.. error.TrimEnd('\n').Split('\n').Skip(1).Select(static line => line.Trim().Split(' ')[0])];

    private async Task<List<JsonNode>> ConversationsAsync(string profile) =>
        [.. (await _house.DoneAsync(profile, "conversations", "--json")).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => JsonNode.Parse(line)!)];
}
