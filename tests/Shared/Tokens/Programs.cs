using System.Diagnostics;
using Xunit.Sdk;

namespace Holdfast.Tests.Tokens;

/// <summary>Programs that the tests start: the token host as it was built, and what Debian brings.</summary>
internal static class Programs
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <summary>The token host, where the build left it.</summary>
    internal static string TokenHost { get; } = FindTokenHost();

    /// <summary>Runs a program to its end, without our environment; what it printed.</summary>
    internal static string Run(string program, IEnumerable<string> arguments, params (string Name, string Value)[] variables)
    {
        using var process = Start(program, arguments, variables);
        var printed = process.StandardOutput.ReadToEndAsync();
        var complained = process.StandardError.ReadToEndAsync();
        Assert.True(process.WaitForExit(Patience), $"{program} does not end");
        string output = printed.GetAwaiter().GetResult() + complained.GetAwaiter().GetResult();
        Assert.True(process.ExitCode == 0, $"{program} ended with {process.ExitCode}: {output}");
        return output;
    }

    /// <summary>Starts one that stays.</summary>
    internal static Process Start(string program, IEnumerable<string> arguments, params (string Name, string Value)[] variables)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment.Clear();
        start.Environment["PATH"] = "/usr/bin:/bin:/usr/sbin:/sbin";
        foreach (var (name, value) in variables) start.Environment[name] = value;
        return Process.Start(start) ?? throw new XunitException($"{program} did not start");
    }

    /// <summary>Ends what <see cref="Start"/> has started.</summary>
    internal static void End(Process process)
    {
        if (!process.HasExited) process.Kill();
        process.WaitForExit(Patience);
        process.Dispose();
    }

    /// <summary>Waits for something that another process does.</summary>
    internal static void Await(Func<bool> happened, string what)
    {
        var watch = Stopwatch.StartNew();
        while (!happened())
        {
            Assert.True(watch.Elapsed < Patience, $"not in a minute: {what}");
            Thread.Sleep(10);
        }
    }

    /// <summary>Whether a process has ended; its parent may not have asked how yet.</summary>
    internal static bool IsGone(int id)
    {
        try { return File.ReadAllText($"/proc/{id}/stat").Contains(") Z", StringComparison.Ordinal); }
        catch (IOException) { return true; }
    }

    /// <summary>A program of one's own, of the shell.</summary>
    internal static string Script(string path, string text)
    {
        File.WriteAllText(path, "#!/bin/sh\n" + text + "\n");
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return path;
    }

    private static string FindTokenHost()
    {
        string here = AppContext.BaseDirectory.TrimEnd('/');   // …/artifacts/bin/Holdfast.TokenHost.Tests/release
        return Path.Combine(here, "..", "..", "Holdfast.TokenHost", Path.GetFileName(here), "holdfast-token-host") is var path && File.Exists(path)
            ? Path.GetFullPath(path)
            : throw new XunitException($"{path} was not built");
    }
}
