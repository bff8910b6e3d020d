using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Holdfast.Scenarios.FirstConversation;

/// <summary>The quick start of the README, as two people type it.</summary>
public sealed class Newcomer
{
    private const int Interrupt = 2;

    /// <summary>A passcode file stands for the person who would be asked at a terminal, and a free port for the usual one.</summary>
    [Fact]
    public async Task StartsAServerInvitesAFriendAndTheyTalk()
    {
        var cancellation = TestContext.Current.CancellationToken;
        using var folder = new WorkFolder();
        string holdfast = Installation.AsShipped().Holdfast, passcode = Path.Combine(folder.Path, "passcode");
        File.WriteAllText(passcode, "a passcode for the quick start\n");
        var ada = HomeOf("ada", folder.Path);
        var ben = HomeOf("ben", folder.Path);
        using var up = Command.Start(holdfast, ["up", "--name", "Ada", "--listen", "https://127.0.0.1:0", "--passcode-file", passcode], ada);
        try
        {
            var saying = up.StandardError.ReadToEndAsync(cancellation);
            string? invite = await up.StandardOutput.ReadLineAsync(cancellation).AsTask().WaitAsync(TimeSpan.FromSeconds(60), cancellation);
            Assert.StartsWith("holdfast://", invite, StringComparison.Ordinal);

            await TypeAsync(ben, "join", invite!, "--name", "Ben");
            await TypeAsync(ben, "send", "Ada", "hello");
            Assert.EndsWith("Ben: hello", (await TypeAsync(ada, "read")).Lines[^1], StringComparison.Ordinal);
            await TypeAsync(ada, "send", "Ben", "hello yourself");
            Assert.EndsWith("Ada: hello yourself", (await TypeAsync(ben, "read")).Lines[^1], StringComparison.Ordinal);

            // Ctrl-C ends the server and locks what is hers.
            Assert.Equal(0, Send(up.Id, Interrupt));
            await up.WaitForExitAsync(cancellation).WaitAsync(TimeSpan.FromSeconds(60), cancellation);
            Assert.True(up.ExitCode == 0, $"up ended with {up.ExitCode}: {await saying}");
            Assert.Contains("locked", (await TypeAsync(ada, "status")).Lines.Single(static line => line.StartsWith("state", StringComparison.Ordinal)), StringComparison.Ordinal);
        }
        finally
        {
            await EndAsync(up);
            await Command.RunAsync(holdfast, ["lock"], variables: ben);
        }

        async Task<Ended> TypeAsync(Dictionary<string, string> home, params string[] arguments)
        {
            var ended = await Command.RunAsync(holdfast, [.. arguments, "--passcode-file", passcode], variables: home);
            Assert.True(ended.Exit == 0, $"{string.Join(' ', arguments)} ended with {ended.Exit}: {ended.Errors}");
            return ended;
        }
    }

    private static Dictionary<string, string> HomeOf(string person, string folder)
    {
        string home = Directory.CreateDirectory(Path.Combine(folder, person)).FullName;
        return new() { ["HOME"] = home, ["XDG_DATA_HOME"] = Path.Combine(home, "data"), ["HOLDFAST_PROFILE"] = Path.Combine(home, "profile") };
    }

    private static async Task EndAsync(Process up)
    {
        if (up.HasExited) return;
        Assert.Equal(0, Send(up.Id, Interrupt));   // it ends its server, too
        await up.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(60));
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static extern int Send(int process, int signal);
}
