using System.Text.Json;

namespace Holdfast.Cli.Tests;

public sealed class UsageTests : IDisposable
{
    private readonly HoldfastProcess _holdfast = new();

    public static TheoryData<string> Commands =>
    [
        "up", "server", "server run", "server invite", "server backup", "server restore", "server stats", "server move", "server stepped-back", "join", "invite", "whoami", "contacts", "add", "devices", "devices list",
        "group", "group create", "group add", "group remove", "group leave", "group members", "send", "read", "search", "save", "conversations",
        "status", "lock", "unlock", "token", "token add", "token remove", "token update", "token status",
    ];

    [Theory, MemberData(nameof(Commands))]
    public async Task EveryCommandExplainsItself(string command)
    {
        var help = await _holdfast.RunAsync([.. command.Split(' '), "--help"]);
        Assert.Equal(0, help.ExitCode);
        Assert.Equal("", help.Error);
        foreach (string option in (string[])["--profile <DIR>", "--passcode-file <FILE>", "--json", "--help"])
            Assert.Contains(option, help.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TheHelpSaysWhatTheExitCodesMean()
    {
        var help = await _holdfast.RunAsync("--help");
        foreach (string code in (string[])["0 done", "1 refused or failed", "2 wrong usage", "3 cannot reach the server", "4 locked or wrong passcode"])
            Assert.Contains(code, help.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TheAgentIsNotListed()
    {
        var help = await _holdfast.RunAsync("--help");
        Assert.DoesNotContain("agent", help.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sned")]
    [InlineData("group")]
    [InlineData("group creat")]
    [InlineData("send")]
    [InlineData("send Bob two words")]
    [InlineData("send Bob --flie x")]
    [InlineData("send Bob --jsno")]
    [InlineData("send Bob")]
    [InlineData("send Bob text --file x")]
    [InlineData("read --since x")]
    [InlineData("read --limit 0")]
    [InlineData("read --limit -1")]
    [InlineData("invite --count 0")]
    [InlineData("invite --count 101")]
    [InlineData("invite --expires 31")]
    [InlineData("server backup")]
    [InlineData("server restore")]
    [InlineData("server move")]
    [InlineData("server stepped-back")]
    [InlineData("server run --data x --database postgres://y/z")]
    [InlineData("join")]
    [InlineData("join holdfast://x")]
    [InlineData("save")]
    [InlineData("save id")]
    [InlineData("group create")]
    [InlineData("whoami extra")]
    [InlineData("whoami --profile")]
    public async Task WrongUsageIsOneSentenceAndExitCode2(string arguments)
    {
        var refused = await _holdfast.RunAsync(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(2, refused.ExitCode);
        Assert.Equal("", refused.Output);
        Assert.StartsWith("holdfast: ", refused.Error, StringComparison.Ordinal);
        Assert.Single(refused.Error.TrimEnd('\n').Split('\n'));
        Assert.Contains("--help", refused.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(_holdfast.Folder, "data")), "wrong usage leaves nothing behind");
    }

    [Fact]
    public async Task WrongUsageInJsonModeIsAnObjectOnStandardError()
    {
        var refused = await _holdfast.RunAsync("read", "--since", "x", "--json");
        Assert.Equal(2, refused.ExitCode);
        Assert.Equal("", refused.Output);
        using var error = JsonDocument.Parse(refused.Error);
        Assert.Equal("usage", error.RootElement.GetProperty("code").GetString());
        Assert.NotEqual("", error.RootElement.GetProperty("error").GetString());
    }

    [Fact]
    public async Task TheBareCommandShowsTheHelpAndIsStillWrongUsage()
    {
        var bare = await _holdfast.RunAsync();
        Assert.Equal(2, bare.ExitCode);
        Assert.Equal("", bare.Output);
        Assert.Equal((await _holdfast.RunAsync("--help")).Output, bare.Error);
    }

    [Theory]
    [InlineData("empty message", "send", "Bob", " \t\n")]
    [InlineData("give --file PATH", "send", "Bob", "--file", "")]
    public async Task WhatCannotBeSentIsWrongUsageAndSaysWhy(string said, params string[] command)
    {
        var refused = await _holdfast.RunAsync(command);
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains(said, refused.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TheHelpOfGroupsSaysThatSeveralMembersMayBeNamed() =>
        Assert.Contains("MEMBER...", (await _holdfast.RunAsync("group", "--help")).Output, StringComparison.Ordinal);

    [Fact]
    public async Task WhatWasTypedComesBackHarmless()
    {
        var refused = await _holdfast.RunAsync("\e[2Jcommand");
        Assert.Equal(2, refused.ExitCode);
        Assert.DoesNotContain('\e', refused.Error);
        Assert.Contains("\\u{1b}", refused.Error, StringComparison.Ordinal);
    }

    public void Dispose() => _holdfast.Dispose();
}
