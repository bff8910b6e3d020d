using System.Diagnostics;

namespace Holdfast.Bench;

/// <summary>
/// From a clone to two people talking: the time from typing <c>./holdfast up</c>, with nothing built, until the second person
/// reads the first one's message. NuGet's cache is as it is on this machine.
/// </summary>
internal static class FreshClone
{
    private const double SecondsBar = 120;

    public static async Task<Measurement> MeasureAsync(int runs, string repository, string folder)
    {
        var seconds = new List<double>();
        for (int run = 0; run < runs; run++) seconds.Add(await RunAsync(repository, Path.Combine(folder, $"clone{run}")));
        return new("first_message_from_clone", "s", seconds, Bar.AtMost, SecondsBar)
        {
            Note = "build included; NuGet packages in the cache; two new profiles",
        };
    }

    private static async Task<double> RunAsync(string repository, string clone)
    {
        const string Text = "Hello from a clone";
        using (var git = Process.Start("git", ["clone", "-q", repository, clone])) await git.WaitForExitAsync();
        await File.WriteAllTextAsync(Path.Combine(clone, "passcode"), "a passcode for measuring\n");
        var watch = Stopwatch.StartNew();
        using var up = Start(clone, "alice", "up", "--name", "Alice", "--data", "server", "--listen", $"https://127.0.0.1:{Household.FreePort()}");
        string invite = await up.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException(await up.StandardError.ReadToEndAsync());
        await DoneAsync(clone, "bob", "join", invite, "--name", "Bob");
        await DoneAsync(clone, "bob", "send", "Alice", Text);
        string read = await DoneAsync(clone, "alice", "read", "Bob");
        double seconds = watch.Elapsed.TotalSeconds;
        await DoneAsync(clone, "bob", "lock");
        using (var end = Process.Start("kill", ["-TERM", $"{up.Id}"])) await end.WaitForExitAsync();
        await up.WaitForExitAsync();
        Directory.Delete(clone, recursive: true);
        return read.Contains(Text, StringComparison.Ordinal) ? seconds : throw new InvalidOperationException("the message is not there");
    }

    private static async Task<string> DoneAsync(string clone, string profile, params string[] command)
    {
        using var process = Start(clone, profile, command);
        string output = await process.StandardOutput.ReadToEndAsync();
        await Household.EndAsync(process, command);
        return output;
    }

    private static Process Start(string clone, string profile, params string[] command) => Process.Start(
        new ProcessStartInfo(Path.Combine(clone, "holdfast"), [.. command, "--profile", profile, "--passcode-file", "passcode"])
        {
            WorkingDirectory = clone, RedirectStandardOutput = true, RedirectStandardError = true,
        })!;
}
