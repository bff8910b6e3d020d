using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;

namespace Holdfast.Cli.Tests;

/// <summary>People in one folder with a real server and real vaults, who do everything by typing commands.</summary>
internal sealed class Household : IAsyncDisposable
{
    private readonly HashSet<string> _profiles = [];
    private Process? _up;

    private Household()
    {
        File.WriteAllText(Path.Combine(Holdfast.Folder, "passcode"), "a good passcode\n");
        File.WriteAllText(Path.Combine(Holdfast.Folder, "wrong"), "another\n");
    }

    public HoldfastProcess Holdfast { get; } = new();

    public string Address { get; } = $"https://127.0.0.1:{FreePort()}";

    /// <summary>The running <c>holdfast up</c> of Alice.</summary>
    public Process Up => _up ?? throw new InvalidOperationException("nothing is up");

    /// <summary>What <c>up</c> says beside it, once it has ended.</summary>
    public Task<string> UpError { get; private set; } = Task.FromResult("");

    /// <summary>The last invite that <c>up</c> printed.</summary>
    public string Invite { get; private set; } = "";

    /// <summary>With Alice, who has typed <c>holdfast up</c>.</summary>
    public static async Task<Household> OpenAsync()
    {
        Assert.SkipUnless(LinkPrograms(), "the server or the vault is not built");
        var household = new Household();
        await household.UpAsync();
        return household;
    }

    public async Task UpAsync()
    {
        _profiles.Add("alice");
        _up = Holdfast.Start(_ => { }, UpCommand);
        Invite = await _up.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken)
            ?? throw new InvalidOperationException(await _up.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
        UpError = _up.StandardError.ReadToEndAsync();
    }

    public string[] UpCommand => As("alice", "up", "--name", "Alice", "--data", "server", "--listen", Address);

    /// <summary>Ends <c>up</c> by a signal and says how it ended.</summary>
    public async Task<int> EndUpAsync(string signal = "-TERM")
    {
        using (var kill = Process.Start("kill", [signal, $"{Up.Id}"])) await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
        await Up.WaitForExitAsync(TestContext.Current.CancellationToken);
        int exit = Up.ExitCode;
        Up.Dispose();
        _up = null;
        return exit;
    }

    /// <summary>Someone joins with an invite of Alice's, and gets a PIN.</summary>
    public async Task<string> JoinAsync(string profile, string name) =>
        (string)(await JsonAsync(profile, "join", await DoneAsync("alice", "invite"), "--name", name))["pin"]!;

    public Task<Finished> RunAsync(string profile, params string[] command)
    {
        _profiles.Add(profile);
        return Holdfast.RunAsync(As(profile, command));
    }

    /// <summary>A command that succeeds; its output without the last line break.</summary>
    public async Task<string> DoneAsync(string profile, params string[] command)
    {
        var finished = await RunAsync(profile, command);
        Assert.True(finished.ExitCode == 0, $"{string.Join(' ', command)}: {finished.Error}");
        return finished.Output.TrimEnd('\n');
    }

    /// <summary>A command that fails; what it says.</summary>
    public async Task<string> FailsAsync(int exit, string profile, params string[] command)
    {
        var finished = await RunAsync(profile, command);
        Assert.True(finished.ExitCode == exit, $"{string.Join(' ', command)}: exit {finished.ExitCode}, {finished.Error}");
        return finished.Error;
    }

    public async Task<JsonNode> JsonAsync(string profile, params string[] command) => JsonNode.Parse((await DoneAsync(profile, [.. command, "--json"])).Split('\n')[^1])!;

    public async ValueTask DisposeAsync()
    {
        if (_up is not null) await EndUpAsync();
        foreach (string profile in _profiles) await Holdfast.RunAsync("lock", "--profile", profile);
        Holdfast.Dispose();
    }

    public static string[] As(string profile, params string[] command) => [.. command, "--profile", profile, "--passcode-file", "passcode"];

    /// <summary>Installed, server and vault lie below the command; in the build's output they lie beside it.</summary>
    public static bool LinkPrograms() => HoldfastProcess.Installation is not null || LinkBuilt();

    private static readonly Lock Linking = new();

    private static bool LinkBuilt() => Link("server", "Holdfast.Server", "holdfast-server") && Link("vault", "Holdfast.Vault", "holdfast-vault")
        && Link("token", "Holdfast.TokenHost", "holdfast-token-host");

    public static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    private static bool Link(string folder, string project, string program)
    {
        string link = Path.Combine(AppContext.BaseDirectory, folder);
        string configuration = Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));
        string built = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", project, configuration));
        if (!File.Exists(Path.Combine(built, program))) return false;
        lock (Linking)
        {
            if (new FileInfo(link).LinkTarget == built) return true;
            File.Delete(link);
            Directory.CreateSymbolicLink(link, built);
        }
        return true;
    }
}
