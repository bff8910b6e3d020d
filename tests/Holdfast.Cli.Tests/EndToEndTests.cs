using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;

namespace Holdfast.Cli.Tests;

/// <summary>Two people, a real server and real vaults, by the commands alone.</summary>
public sealed class EndToEndTests : IDisposable
{
    private readonly HoldfastProcess _holdfast = new();

    [Fact]
    public async Task TwoPeopleMeetTalkLockAndUnlock()
    {
        Assert.SkipUnless(LinkPrograms(), "the server or the vault is not built");
        await File.WriteAllTextAsync(Path.Combine(_holdfast.Folder, "passcode"), "a good passcode\n", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(_holdfast.Folder, "wrong"), "another\n", TestContext.Current.CancellationToken);
        using var up = _holdfast.Start(_ => { }, As("alice", "up", "--name", "Alice", "--data", "server", "--listen", $"https://127.0.0.1:{FreePort()}"));
        try
        {
            string invite = await up.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken)
                ?? throw new InvalidOperationException(await up.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
            await TalkAsync(invite);
        }
        finally
        {
            using var kill = Process.Start("kill", ["-TERM", $"{up.Id}"]);
            await up.WaitForExitAsync(TestContext.Current.CancellationToken);
            await _holdfast.RunAsync(As("bob", "lock"));
        }
        Assert.Equal(0, up.ExitCode);
        Assert.Equal("locked", (string?)(await JsonAsync("alice", "status"))["state"]);
    }

    public void Dispose() => _holdfast.Dispose();

    private async Task TalkAsync(string invite)
    {
        string bob = (string)(await JsonAsync("bob", "join", invite, "--name", "Bob"))["pin"]!;
        Assert.Equal(bob, (string?)(await JsonAsync("bob", "whoami"))["pin"]);
        Assert.Equal(1, (await _holdfast.RunAsync(As("carol", "join", invite, "--name", "Carol"))).ExitCode);
        await _holdfast.RunAsync(As("carol", "lock"));

        await DoneAsync("bob", "send", "Alice", "hello\e[2J");
        string shown = await DoneAsync("alice", "read");
        Assert.Contains("Bob: hello\\u{1b}[2J", shown, StringComparison.Ordinal);
        var sent = await JsonAsync("alice", "send", "Bob", "and hello to you");
        var read = JsonNode.Parse((await DoneAsync("bob", "read", "Alice", "--json")).TrimEnd('\n').Split('\n')[^1])!;
        Assert.Equal((string?)sent["id"], (string?)read["id"]);
        Assert.Equal("and hello to you", (string?)read["text"]);

        await APipeIsNoFileAsync();

        await DoneAsync("bob", "lock");
        Assert.Equal(4, (await _holdfast.RunAsync("read", "--profile", "bob")).ExitCode);
        Assert.Equal(4, (await _holdfast.RunAsync("unlock", "--profile", "bob", "--passcode-file", "wrong")).ExitCode);
        await DoneAsync("bob", "unlock");
        Assert.Equal(0, (await _holdfast.RunAsync("read", "--profile", "bob")).ExitCode);
        Assert.Equal(1, (await _holdfast.RunAsync(As("bob", "send", "Nobody", "hello"))).ExitCode);
    }

    /// <summary>A pipe into which nobody writes is refused, and keeps the profile from nothing.</summary>
    private async Task APipeIsNoFileAsync()
    {
        if (OperatingSystem.IsWindows()) return;
        using (var make = Process.Start("mkfifo", [Path.Combine(_holdfast.Folder, "pipe")])) await make.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(1, (await _holdfast.RunAsync(As("bob", "send", "Alice", "--file", "pipe"))).ExitCode);
        await DoneAsync("bob", "send", "Alice", "still here");
    }

    private static string[] As(string profile, params string[] command) => [.. command, "--profile", profile, "--passcode-file", "passcode"];

    private async Task<string> DoneAsync(string profile, params string[] command)
    {
        var finished = await _holdfast.RunAsync(As(profile, command));
        Assert.True(finished.ExitCode == 0, $"{string.Join(' ', command)}: {finished.Error}");
        return finished.Output;
    }

    private async Task<JsonNode> JsonAsync(string profile, params string[] command) =>
        JsonNode.Parse(await DoneAsync(profile, [.. command, "--json"]))!;

    /// <summary>Installed, server and vault lie below the command; in the build's output they lie beside it.</summary>
    private static bool LinkPrograms() => Link("server", "Holdfast.Server", "holdfast-server") && Link("vault", "Holdfast.Vault", "holdfast-vault");

    private static bool Link(string folder, string project, string program)
    {
        string link = Path.Combine(AppContext.BaseDirectory, folder);
        if (File.Exists(Path.Combine(link, program))) return true;
        string configuration = Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));
        string built = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", project, configuration));
        if (!File.Exists(Path.Combine(built, program))) return false;
        Directory.CreateSymbolicLink(link, built);
        return true;
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
