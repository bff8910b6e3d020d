using System.Globalization;
using Holdfast.Cli.Processes;

namespace Holdfast.Cli.Tests;

/// <summary>A passcode that is typed is never shown, whatever a shell does to the terminal around it.</summary>
public sealed class HiddenInputTests : IDisposable
{
    private const int Stop = 19;   // SIGSTOP on Linux, which cannot be refused as Ctrl-Z can
    private const string Prompt = "Passcode: ", Shell = "ready> ", Passcode = "hidden-words";

    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(500);

    private readonly HoldfastProcess _holdfast = new();

    [Fact]
    public async Task CtrlZDoesNotStopTheQuestionForAPasscode()
    {
        using var terminal = await AskedAsync();
        terminal.Type("\u001a");
        await NothingIsShownAsync(terminal);
        await InterruptedAsync(terminal);
    }

    [Fact]
    public async Task StoppedOtherwiseAndBackInTheForegroundItHidesThePasscodeAndAsksAnew()
    {
        using var terminal = await AskedAsync();
        string process = terminal.Seen.Split("process ")[^1].Split('.')[0];
        Assert.Equal(0, Posix.Kill(int.Parse(process, CultureInfo.InvariantCulture), Stop));
        await terminal.EndsWithAsync(Shell);
        terminal.Type("fg\n");
        await terminal.EndsWithAsync(Prompt);
        await Task.Delay(Moment, TestContext.Current.CancellationToken);   // the shell may come behind with its own settings
        await terminal.EndsWithAsync(Prompt);
        await NothingIsShownAsync(terminal);
        await InterruptedAsync(terminal);
    }

    [Fact]
    public async Task EchoThatAnotherSwitchesOnIsSwitchedOffAndThePasscodeAskedAnew()
    {
        using var terminal = await AskedAsync();
        terminal.Shows = true;
        await terminal.EndsWithAsync(Prompt + Prompt);
        await NothingIsShownAsync(terminal);
        await InterruptedAsync(terminal);
    }

    public void Dispose() => _holdfast.Dispose();

    private async Task<PseudoTerminal> AskedAsync()
    {
        Assert.SkipUnless(PseudoTerminal.IsThere, "the test's terminal is Linux's, with bash in it");
        string profile = _holdfast.MakeLockedProfile("profile");
        var terminal = new PseudoTerminal(_holdfast);
        await terminal.EndsWithAsync(Shell);
        terminal.Type($"sh -c 'echo process $$.; exec \"$0\" whoami --profile {profile}' '{HoldfastProcess.Executable}'\n");
        await terminal.EndsWithAsync(Prompt);
        await terminal.UntilAsync(() => !terminal.Shows, "what is typed is shown");
        return terminal;
    }

    private static async Task NothingIsShownAsync(PseudoTerminal terminal)
    {
        terminal.Type(Passcode);
        await Task.Delay(Moment, TestContext.Current.CancellationToken);
        Assert.DoesNotContain(Passcode, terminal.Seen, StringComparison.Ordinal);
        Assert.EndsWith(Prompt, terminal.Seen, StringComparison.Ordinal);
    }

    private static async Task InterruptedAsync(PseudoTerminal terminal)
    {
        terminal.Type("\u0003");
        await terminal.UntilAsync(() => terminal.Seen.Contains("Interrupted.", StringComparison.Ordinal), "Ctrl-C does nothing");
        await terminal.EndsWithAsync(Shell);
        terminal.Type("echo is $((40+2))\n");
        await terminal.UntilAsync(() => terminal.Seen.Contains("is 42", StringComparison.Ordinal), "the shell is gone");
    }
}
