namespace Holdfast.Cli.Tests;

/// <summary>Each way to go wrong that a person can type has the exit code that the help promises.</summary>
public sealed class ExitCodeTests : IAsyncLifetime
{
    private const string Id = "00112233445566778899aabbccddeeff";

    private Household _house = null!;

    public async ValueTask InitializeAsync() => _house = await Household.OpenAsync();

    public ValueTask DisposeAsync() => _house.DisposeAsync();

    [Fact]
    public async Task EveryErrorHasItsExitCode()
    {
        await _house.JoinAsync("bob", "Bob");
        await File.WriteAllTextAsync(Path.Combine(_house.Holdfast.Folder, "empty"), "", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(_house.Holdfast.Folder, "long"), new string('x', 2000), TestContext.Current.CancellationToken);
        string invite = await _house.DoneAsync("alice", "invite"), mistyped = invite[..^3] + (invite[^3] == 'A' ? 'B' : 'A') + invite[^2..];
        await _house.DoneAsync("alice", "group", "create", "Team", "Bob");
        (int Exit, string[] Command)[] table =
        [
            (2, ["sned"]),
            (2, ["add", "ANVH4SKX"]), (2, ["add", "nonsense"]), (2, ["add", mistyped]), (1, ["add", "ANVH4SKT"]),
            (2, ["join", mistyped, "--name", "Carol"]), (2, ["join", invite, "--name", " "]), (2, ["join", invite, "--name", "a\u202eb"]), (1, ["join", invite, "--name", "Carol"]),
            (2, ["group", "create", "a\tb", "Bob"]), (1, ["group", "create", "New", "Nobody"]), (1, ["group", "create", "Team", "Bob"]),
            (1, ["group", "members", "Nothing"]), (1, ["group", "add", "Team", "Nobody"]), (1, ["group", "remove", "Team", "Nobody"]), (1, ["group", "add", "Team", "Bob"]),
            (2, ["send", "Bob", ""]), (1, ["send", "Nobody", "hello"]), (1, ["send", "Bob", "--file", "nothing"]), (1, ["send", "Bob", "--file", "server"]),
            (1, ["read", "Nobody"]), (2, ["read", "--limit", "none"]),
            (2, ["save", "short", "."]), (1, ["save", Id, "nowhere"]), (1, ["save", Id, "."]),
            (2, ["invite", "--count", "0"]),
        ];
        foreach (var (exit, command) in table) await _house.FailsAsync(exit, "alice", command);

        await _house.DoneAsync("bob", "lock");
        (int Exit, string[] Passcode)[] passcodes =
            [(4, ["--passcode-file", "wrong"]), (4, []), (2, ["--passcode-file", "missing"]), (2, ["--passcode-file", "empty"]), (2, ["--passcode-file", "long"]), (2, ["--passcode-file", "server"])];
        foreach (var (exit, passcode) in passcodes)
        {
            foreach (string command in (string[])["unlock", "whoami", "read"])
            {
                var refused = await _house.Holdfast.RunAsync([command, "--profile", "bob", .. passcode]);
                Assert.True(refused.ExitCode == exit, $"{command} {string.Join(' ', passcode)}: exit {refused.ExitCode}, {refused.Error}");
            }
        }
        Assert.Equal(2, (await _house.Holdfast.RunAsync("join", invite, "--name", "Carol", "--profile", "carol")).ExitCode);   // nobody to ask for a new passcode
        await _house.EndUpAsync();
        foreach (string[] command in (string[][])[["send", "Bob", "hello"], ["invite"]]) await _house.FailsAsync(3, "alice", command);
        Assert.Equal(2, (await _house.Holdfast.RunAsync(Household.As("alice", "up", "--data", "server", "--listen", "nonsense"))).ExitCode);
        Assert.Equal(1, (await _house.Holdfast.RunAsync("server", "invite", "--data", "nowhere")).ExitCode);
    }
}
