using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;

namespace Holdfast.Bench;

/// <summary>A server and its people in a folder of their own, all of them the real executables, spoken to as scripts do.</summary>
internal sealed class Household : IAsyncDisposable
{
    private const string InvitePrefix = "holdfast://";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly string _program;
    private readonly Process _server;
    private readonly List<string> _people = [];

    private Household(string program, string folder, Process server, string ownerInvite) =>
        (_program, Folder, _server, OwnerInvite) = (program, folder, server, ownerInvite);

    public string Folder { get; }

    public string OwnerInvite { get; }

    /// <summary>The server itself: <c>holdfast server run</c> has become it.</summary>
    public int ServerId => _server.Id;

    /// <summary>Starts a server on loopback, as an operator would.</summary>
    public static async Task<Household> StartAsync(string program, string parent)
    {
        string folder = Directory.CreateDirectory(Path.Combine(parent, Path.GetRandomFileName()[..6])).FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "passcode"), "a passcode for measuring\n");
        var start = Command(program, folder, ["server", "run", "--data", "server", "--listen", $"https://127.0.0.1:{FreePort()}"]);
        var server = Process.Start(start)!;
        _ = server.StandardError.ReadToEndAsync();   // it must never wait for a reader
        while (await server.StandardOutput.ReadLineAsync().WaitAsync(Patience) is { } line)
            if (line.Trim() is var invite && invite.StartsWith(InvitePrefix, StringComparison.Ordinal))
            {
                _ = server.StandardOutput.ReadToEndAsync();
                return new Household(program, folder, server, invite);
            }
        throw new InvalidOperationException("the server has not started");
    }

    public async Task JoinAsync(string person, string invite)
    {
        _people.Add(person);
        await AsAsync(person, "join", invite, "--name", person);
    }

    public async Task<IReadOnlyList<string>> InvitesAsync(string person, int count) =>
        [.. (await AsAsync(person, "invite", "--count", $"{count}")).Where(static line => line.StartsWith(InvitePrefix, StringComparison.Ordinal))];

    /// <summary>Runs a command to its end and gives the lines it printed; a command that fails ends the measuring.</summary>
    public async Task<string[]> AsAsync(string person, params string[] command)
    {
        using var process = Start(person, command);
        process.StandardInput.Close();
        string output = await process.StandardOutput.ReadToEndAsync();
        await EndAsync(process, command);
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    public async Task<JsonNode[]> JsonAsAsync(string person, params string[] command) =>
        [.. (await AsAsync(person, [.. command, "--json"])).Select(static line => JsonNode.Parse(line)!)];

    /// <summary>Starts a command on someone's profile.</summary>
    public Process Start(string person, params string[] command) =>
        Process.Start(Command(_program, Folder, [.. command, "--profile", person, "--passcode-file", "passcode"]))!;

    public static async Task EndAsync(Process process, string[] command)
    {
        await process.WaitForExitAsync().WaitAsync(Patience);
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"holdfast {string.Join(' ', command)}: {await process.StandardError.ReadToEndAsync()}");
    }

    /// <summary>Ends the agents and with them the vaults.</summary>
    public async Task LockAllAsync()
    {
        foreach (string person in _people) await AsAsync(person, "lock");
        _people.Clear();
    }

    public async ValueTask DisposeAsync()
    {
        await LockAllAsync();
        using (var end = Process.Start("kill", ["-TERM", $"{_server.Id}"])) await end.WaitForExitAsync();
        await _server.WaitForExitAsync();
        _server.Dispose();
        Directory.Delete(Folder, recursive: true);
    }

    internal static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    private static ProcessStartInfo Command(string program, string folder, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        start.Environment.Remove("HOLDFAST_PROFILE");
        return start;
    }
}
