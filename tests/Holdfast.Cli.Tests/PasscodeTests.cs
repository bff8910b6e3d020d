namespace Holdfast.Cli.Tests;

/// <summary>Changing the passcode, guessing it, being forced to tell it, and wiping, as people type it.</summary>
public sealed class PasscodeTests : IAsyncLifetime
{
    private Household _house = null!;

    public async ValueTask InitializeAsync()
    {
        _house = await Household.OpenAsync();
        foreach (string name in (string[])["next", "duress"]) await File.WriteAllTextAsync(Path.Combine(_house.Holdfast.Folder, name), $"{name} passcode\n");
        await _house.JoinAsync("bob", "Bob");
        await _house.DoneAsync("bob", "send", "Alice", "hello");
    }

    public ValueTask DisposeAsync() => _house.DisposeAsync();

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

    [Fact]
    public async Task AWipeLeavesNothing()
    {
        Assert.Equal(2, (await TypeAsync("passcode", "wipe")).ExitCode);   // nobody is there to ask
        Assert.Equal(0, (await TypeAsync("passcode", "whoami")).ExitCode);
        Assert.Equal(0, (await TypeAsync("passcode", "wipe", "--yes")).ExitCode);
        Assert.False(Directory.Exists(Path.Combine(_house.Holdfast.Folder, "bob")));
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

    private Task<Finished> TypeAsync(string passcode, params string[] command) =>
        _house.Holdfast.RunAsync([.. command, "--profile", "bob", "--passcode-file", passcode]);

    private async Task<(int, string)> SaidAsync(string passcode, params string[] command)
    {
        var finished = await TypeAsync(passcode, command);
        return (finished.ExitCode, finished.Error);
    }
}
