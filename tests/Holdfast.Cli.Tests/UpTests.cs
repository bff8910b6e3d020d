using System.Diagnostics;

namespace Holdfast.Cli.Tests;

public sealed class UpTests : IAsyncLifetime
{
    private Household _house = null!;

    public async ValueTask InitializeAsync() => _house = await Household.OpenAsync();

    public ValueTask DisposeAsync() => _house.DisposeAsync();

    [Fact]
    public async Task AServerEndsWithTheCommandThatStartedItHoweverThatDies()
    {
        await _house.EndUpAsync("-KILL");
        await _house.UpAsync();   // nothing in its way: neither folder nor port
        await _house.JoinAsync("bob", "Bob");
        await _house.DoneAsync("bob", "send", "Alice", "hello");
        Assert.Contains("Bob: hello", await _house.DoneAsync("alice", "read"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task InterruptedBeforeItIsUpItSaysNothingOfWhatItHasNotDone()
    {
        Assert.SkipUnless(PseudoTerminal.IsThere, "the test's terminal is Linux's, with bash in it");
        using var terminal = new PseudoTerminal(_house.Holdfast);
        terminal.Type($"'{HoldfastProcess.Executable}' up --name Eve --profile eve --data other --listen https://127.0.0.1:{Household.FreePort()}\n");
        await terminal.EndsWithAsync("on this device): ");
        terminal.Type("\u0003");
        await terminal.UntilAsync(() => terminal.Seen.Contains("Interrupted.", StringComparison.Ordinal), "it does not say so");
        terminal.Type("echo exit $?.\n");
        await terminal.UntilAsync(() => terminal.Seen.Contains("exit 1.", StringComparison.Ordinal), "it is not a failure");
        Assert.DoesNotContain("messages are locked", terminal.Seen, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AfterARefusedInviteItSaysThereIsNoAccountAndAnotherInviteMakesOne()
    {
        string used = await _house.DoneAsync("alice", "invite");
        await _house.DoneAsync("bob", "join", used, "--name", "Bob");
        await _house.FailsAsync(1, "carol", "join", used, "--name", "Carol");
        Assert.Contains("none yet: holdfast join INVITE", await _house.DoneAsync("carol", "status"), StringComparison.Ordinal);
        Assert.Contains("no account", await _house.FailsAsync(1, "carol", "whoami"), StringComparison.Ordinal);
        string good = await _house.DoneAsync("alice", "invite");
        var joined = await _house.Holdfast.RunAsync("join", good, "--name", "Carol", "--profile", "carol");   // nobody to ask, and nothing to be asked
        Assert.True(joined.ExitCode == 0, joined.Error);
        Assert.Contains("Carol", await _house.DoneAsync("carol", "whoami"), StringComparison.Ordinal);
        await _house.DoneAsync("carol", "send", "Alice", "hello");
    }

    [Fact]
    public async Task AJoinThatWasBegunUnderOneNameDoesNotGoOnUnderAnother()
    {
        string used = await _house.DoneAsync("alice", "invite");
        await _house.DoneAsync("bob", "join", used, "--name", "Bob");
        await _house.FailsAsync(1, "carol", "join", used, "--name", "Carol");
        string good = await _house.DoneAsync("alice", "invite");
        string said = await _house.FailsAsync(1, "carol", "join", good, "--name", "Caroline");
        Assert.Contains("begun here with the name Carol", said, StringComparison.Ordinal);
        Assert.Contains($"holdfast wipe --profile '{Path.Combine(_house.Holdfast.Folder, "carol")}'", said, StringComparison.Ordinal);
        await _house.DoneAsync("carol", "wipe", "--yes");
        await _house.DoneAsync("carol", "join", good, "--name", "Caroline");   // the invite has not been used
        Assert.Contains("Caroline", await _house.DoneAsync("carol", "whoami"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task OnAnotherPortThanBeforeItSaysWhereTheAccountIs()
    {
        await _house.EndUpAsync();
        string elsewhere = $"https://127.0.0.1:{Household.FreePort()}";
        var refused = await _house.Holdfast.RunAsync(Household.As("alice", "up", "--data", "server", "--listen", elsewhere));
        Assert.Equal(3, refused.ExitCode);
        Assert.Contains($"--listen {_house.Address} ", refused.Error, StringComparison.Ordinal);
        await _house.UpAsync();
        await _house.DoneAsync("alice", "invite");
    }

    [Fact]
    public async Task AServerThatIsNotTheAccountsIsNotCalledItsOwn()
    {
        string other = $"https://127.0.0.1:{Household.FreePort()}";
        var refused = await _house.Holdfast.RunAsync(Household.As("alice", "up", "--data", "other", "--listen", other));
        Assert.Equal(1, refused.ExitCode);
        Assert.Equal("", refused.Output);
        Assert.Contains($"on another server, {_house.Address}", refused.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhatItShowsToTypeNextMeansTheProfileItRunsOn()
    {
        await _house.EndUpAsync();
        string said = await _house.UpError;
        Assert.Contains("holdfast send NAME \"hello\" --profile alice\n", said, StringComparison.Ordinal);
        Assert.Contains("holdfast read --follow --profile alice\n", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ASecondOneSaysThatOneRunsAndWhatToType()
    {
        var second = await _house.Holdfast.RunAsync(_house.UpCommand);
        Assert.Equal(1, second.ExitCode);
        foreach (string said in (string[])["runs on", $"kill {_house.Up.Id}", "holdfast invite", "holdfast send"])
            Assert.Contains(said, second.Error, StringComparison.Ordinal);
        await _house.DoneAsync("alice", "invite");   // and the first has not been disturbed
    }

    [Fact]
    public async Task AServerThatWasStartedOtherwiseIsLeftAlone()
    {
        await _house.EndUpAsync();
        using var server = _house.Holdfast.Start(_ => { }, "server", "run", "--data", "server", "--listen", _house.Address, "--drain-seconds", "2",
            "--metrics", "http://127.0.0.1:0", "--trusted-proxy", "10.0.0.0/8", "--tls12", "--max-connections", "100", "--connections-per-address", "10",
            "--sends-per-second", "10", "--blob-gib-per-day", "1", "--log-format", "json");
        Assert.StartsWith("listening ", await server.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        var refused = await _house.Holdfast.RunAsync(_house.UpCommand);
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("has not started", refused.Error, StringComparison.Ordinal);
        Assert.False(server.HasExited);
        using (var kill = Process.Start("kill", ["-TERM", $"{server.Id}"])) await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
        await server.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Contains("\"Message\":\"Stopped\"", await server.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }
}
