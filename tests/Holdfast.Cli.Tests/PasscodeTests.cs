namespace Holdfast.Cli.Tests;

/// <summary>Changing the passcode, guessing it, being forced to tell it, and wiping, as people type it.</summary>
public sealed class PasscodeTests(PasscodeTests.House house) : IClassFixture<PasscodeTests.House>, IAsyncLifetime
{
    private static int _people;

    private readonly Household _house = house.Household;
    private readonly string _person = $"bob{Interlocked.Increment(ref _people)}";

    public async ValueTask InitializeAsync()
    {
        await _house.JoinAsync(_person, "Bob");
        await _house.DoneAsync(_person, "send", "Alice", "hello");
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task APasscodeIsChangedAndTheOldOneOpensNothing()
    {
        Assert.Equal(4, (await TypeAsync("wrong", "passcode", "change", "--new-passcode-file", "next")).ExitCode);
        Assert.Equal(1, (await TypeAsync("passcode", "passcode", "change", "--new-passcode-file", "passcode")).ExitCode);
        Assert.Equal((0, "The passcode is changed.\n"), await SaidAsync("passcode", "passcode", "change", "--new-passcode-file", "next"));
        Assert.Equal(0, (await TypeAsync("next", "lock")).ExitCode);
        Assert.Equal(4, (await TypeAsync("passcode", "unlock")).ExitCode);
        Assert.Contains("hello", (await TypeAsync("next", "read", "Alice")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhoGuessesWaits()
    {
        Assert.Equal(0, (await TypeAsync("passcode", "lock")).ExitCode);
        for (int i = 0; i < 5; i++) Assert.Equal(4, (await TypeAsync("wrong", "unlock")).ExitCode);
        var early = await TypeAsync("passcode", "unlock");
        Assert.Equal(4, early.ExitCode);
        Assert.Contains("wait", early.Error, StringComparison.Ordinal);
        Assert.Contains("seconds before the next try", early.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TheDuressPasscodeLooksWrongAndNothingOpensTheProfileAnyMore()
    {
        Assert.Equal(0, (await TypeAsync("passcode", "passcode", "duress", "--new-passcode-file", "duress")).ExitCode);
        Assert.Equal(0, (await TypeAsync("passcode", "lock")).ExitCode);
        var (wrong, duress) = (await TypeAsync("wrong", "unlock"), await TypeAsync("duress", "unlock"));
        Assert.Equal((wrong.ExitCode, wrong.Output, wrong.Error), (duress.ExitCode, duress.Output, duress.Error));
        Assert.Equal(4, (await TypeAsync("passcode", "unlock")).ExitCode);
    }

    /// <summary>Whoever forces somebody to type sees the whole of it, and what comes after.</summary>
    [Fact]
    public async Task AtATerminalTheDuressPasscodeLooksWrongToTheEnd()
    {
        Assert.SkipUnless(PseudoTerminal.IsThere, "the test's terminal is Linux's, with bash in it");
        Assert.Equal(0, (await TypeAsync("passcode", "passcode", "duress", "--new-passcode-file", "duress")).ExitCode);
        Assert.Equal(0, (await TypeAsync("passcode", "lock")).ExitCode);
        string wrong = await SeenAsync("some passcode");
        Assert.Contains("exit 4.", wrong, StringComparison.Ordinal);
        await Task.Delay(TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);   // the third wrong one costs that
        Assert.Equal(0, (await TypeAsync("passcode", "unlock")).ExitCode);
        Assert.Equal(0, (await TypeAsync("passcode", "lock")).ExitCode);
        Assert.Equal(wrong, await SeenAsync("duress passcode"));
        Assert.Equal(4, (await TypeAsync("passcode", "unlock")).ExitCode);
    }

    [Fact]
    public async Task AWipeLeavesNothing()
    {
        Assert.Equal(2, (await TypeAsync("passcode", "wipe")).ExitCode);   // nobody is there to ask
        Assert.Equal(0, (await TypeAsync("passcode", "whoami")).ExitCode);
        Assert.Equal(0, (await TypeAsync("passcode", "wipe", "--yes")).ExitCode);
        Assert.False(Directory.Exists(Path.Combine(_house.Holdfast.Folder, _person)));
        Assert.Equal(1, (await TypeAsync("passcode", "wipe", "--yes")).ExitCode);
    }

    [Fact]
    public async Task AnOwnerChoosesWhenTheProfileLocksItselfAndSeesWhatWasAskedOfTheVault()
    {
        Assert.Equal(2, (await TypeAsync("passcode", "passcode", "auto-lock", "soon")).ExitCode);
        Assert.Equal(4, (await TypeAsync("wrong", "passcode", "auto-lock", "5")).ExitCode);
        Assert.Equal((0, "The profile locks itself after 5 minutes without a command.\n"), await SaidAsync("passcode", "passcode", "auto-lock", "5"));
        Assert.Contains("after 5 minutes without a command", (await TypeAsync("passcode", "status")).Output, StringComparison.Ordinal);
        Assert.Equal(0, (await TypeAsync("passcode", "read", "Alice")).ExitCode);
        string trail = (await TypeAsync("passcode", "trail")).Output;
        Assert.Contains("the passcode or the token, or what they do, was changed", trail, StringComparison.Ordinal);
        Assert.Contains("old message", trail, StringComparison.Ordinal);
        Assert.Contains("\"event\":\"access-changed\",\"count\":1", (await TypeAsync("passcode", "trail", "--json", "--limit", "5")).Output, StringComparison.Ordinal);
    }

    [Theory, InlineData("4"), InlineData("256"), InlineData("many")]
    public async Task TriesThatMakeNoSenseAreRefused(string tries)
    {
        Assert.Equal(2, (await TypeAsync("passcode", "passcode", "wipe-after", tries)).ExitCode);
        Assert.Equal(0, (await TypeAsync("passcode", "passcode", "wipe-after", "10")).ExitCode);
    }

    /// <summary>What a terminal shows while somebody types a passcode, and two others where that one is not taken.</summary>
    private async Task<string> SeenAsync(string passcode)
    {
        using var terminal = new PseudoTerminal(_house.Holdfast);
        terminal.Type($"'{HoldfastProcess.Executable}' unlock --profile {_person}; echo exit $?.\n");
        int asked = 0;
        foreach (string typed in (string[])[passcode, "another", "a third"])
        {
            int times = ++asked;
            await terminal.UntilAsync(() => terminal.Seen.Split("Passcode: ").Length > times || terminal.Seen.Contains("exit 1.", StringComparison.Ordinal), "nothing is asked");
            await Task.Delay(TimeSpan.FromSeconds(1.5), TestContext.Current.CancellationToken);   // as people are slow
            terminal.Type(typed + "\n");
        }
        await terminal.EndsWithAsync("ready> ");
        return terminal.Seen;
    }

    private Task<Finished> TypeAsync(string passcode, params string[] command) =>
        _house.Holdfast.RunAsync([.. command, "--profile", _person, "--passcode-file", passcode]);

    private async Task<(int, string)> SaidAsync(string passcode, params string[] command)
    {
        var finished = await TypeAsync(passcode, command);
        return (finished.ExitCode, finished.Error);
    }

    /// <summary>Each test has a person of its own; Alice and her server are there for all.</summary>
    public sealed class House : IAsyncLifetime
    {
        internal Household Household { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            Household = await Household.OpenAsync();
            foreach (string name in (string[])["next", "duress"]) await File.WriteAllTextAsync(Path.Combine(Household.Holdfast.Folder, name), $"{name} passcode\n");
        }

        public ValueTask DisposeAsync() => Household.DisposeAsync();
    }
}
