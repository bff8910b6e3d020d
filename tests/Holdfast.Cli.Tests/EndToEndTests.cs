using System.Diagnostics;

namespace Holdfast.Cli.Tests;

/// <summary>Two people, a real server and real vaults, by the commands alone.</summary>
public sealed class EndToEndTests : IAsyncLifetime
{
    private Household _house = null!;

    public async ValueTask InitializeAsync() => _house = await Household.OpenAsync();

    public ValueTask DisposeAsync() => _house.DisposeAsync();

    [Fact]
    public async Task TwoPeopleMeetTalkLockAndUnlock()
    {
        string bob = (string)(await _house.JsonAsync("bob", "join", _house.Invite, "--name", "Bob"))["pin"]!;
        Assert.Equal(bob, (string?)(await _house.JsonAsync("bob", "whoami"))["pin"]);
        Assert.Contains("used up", await _house.FailsAsync(1, "carol", "join", _house.Invite, "--name", "Carol"), StringComparison.Ordinal);

        await _house.DoneAsync("bob", "send", "Alice", "hello\e[2J");
        Assert.Contains("Bob: hello\\u{1b}[2J", await _house.DoneAsync("alice", "read"), StringComparison.Ordinal);
        var sent = await _house.JsonAsync("alice", "send", "Bob", "and hello to you");
        var read = await _house.JsonAsync("bob", "read", "Alice");
        Assert.Equal((string?)sent["id"], (string?)read["id"]);
        Assert.Equal("and hello to you", (string?)read["text"]);

        await APipeIsNoFileAsync();

        await _house.DoneAsync("bob", "lock");
        Assert.Equal(4, (await _house.Holdfast.RunAsync("read", "--profile", "bob")).ExitCode);
        Assert.Equal(4, (await UnlockAsync("wrong")).ExitCode);
        Assert.Equal(0, (await UnlockAsync("passcode")).ExitCode);
        Assert.Equal(0, (await _house.Holdfast.RunAsync("read", "--profile", "bob")).ExitCode);
        await _house.FailsAsync(1, "bob", "send", "Nobody", "hello");

        Assert.Equal(0, await _house.EndUpAsync());
        Assert.Equal("locked", (string?)(await _house.JsonAsync("alice", "status"))["state"]);
    }

    [Fact]
    public async Task AWrongPasscodeIsWrongWhereTheProfileIsOpenToo()
    {
        await _house.JoinAsync("bob", "Bob");
        var wrong = await UnlockAsync("wrong");
        Assert.Equal(4, wrong.ExitCode);
        Assert.Contains("stays so", wrong.Error, StringComparison.Ordinal);
        Assert.Equal(0, (await _house.Holdfast.RunAsync("whoami", "--profile", "bob")).ExitCode);   // as it says
        Assert.Equal(0, (await UnlockAsync("passcode")).ExitCode);
        var asked = await _house.Holdfast.RunAsync("unlock", "--profile", "bob");
        Assert.Equal((0, "The profile is unlocked already.\n"), (asked.ExitCode, asked.Error));
    }

    [Fact]
    public async Task WithoutAServerACommandSaysWhatToDo()
    {
        await _house.JoinAsync("bob", "Bob");
        await _house.DoneAsync("bob", "send", "Alice", "hello");
        string invite = await _house.DoneAsync("alice", "invite");
        await _house.EndUpAsync();
        foreach (string[] command in (string[][])[["send", "Alice", "hello"], ["read"], ["invite"], ["add", "ANVH4SKT"], ["group", "create", "Team", "Alice"]])
        {
            string said = await _house.FailsAsync(3, "bob", command);
            Assert.Contains(_house.Address, said, StringComparison.Ordinal);
            Assert.Contains("holdfast up", said, StringComparison.Ordinal);
        }
        await _house.FailsAsync(3, "carol", "join", invite, "--name", "Carol");
        await _house.DoneAsync("bob", "contacts");   // what is here can be shown
    }

    /// <summary>A pipe into which nobody writes is refused, and keeps the profile from nothing.</summary>
    private async Task APipeIsNoFileAsync()
    {
        if (OperatingSystem.IsWindows()) return;
        using (var make = Process.Start("mkfifo", [Path.Combine(_house.Holdfast.Folder, "pipe")])) await make.WaitForExitAsync(TestContext.Current.CancellationToken);
        await _house.FailsAsync(1, "bob", "send", "Alice", "--file", "pipe");
        await _house.DoneAsync("bob", "send", "Alice", "still here");
    }

    private Task<Finished> UnlockAsync(string file) => _house.Holdfast.RunAsync("unlock", "--profile", "bob", "--passcode-file", file);
}
