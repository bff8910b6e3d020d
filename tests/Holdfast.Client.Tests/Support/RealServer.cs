using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Microsoft.Data.Sqlite;

namespace Holdfast.Client.Tests.Support;

/// <summary>A server process that can be killed and started again at the same address.</summary>
internal sealed class RealServer : IAsyncDisposable
{
    private readonly string _data, _listen;
    private Process _process = null!;

    private RealServer(string data, string listen) => (_data, _listen) = (data, listen);

    public string OwnerInvite { get; private set; } = "";

    public static async Task<RealServer> StartAsync(string data)
    {
        var server = new RealServer(data, $"https://127.0.0.1:{FreePort()}");
        await server.StartAgainAsync();
        return server;
    }

    public async Task StartAgainAsync(string? data = null)
    {
        var start = new ProcessStartInfo(Installed.Server, ["run", "--data", data ?? _data, "--listen", _listen]) { RedirectStandardOutput = true, RedirectStandardError = true };
        _process = Process.Start(start)!;
        _ = _process.StandardError.ReadToEndAsync();
        for (int line = 0; line < 2; line++) await _process.StandardOutput.ReadLineAsync();   // its address and its key: it listens
        if (OwnerInvite.Length == 0) OwnerInvite = await _process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("no invite");
    }

    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    /// <summary>Retention has removed every entry there was, and every inbox item.</summary>
    public async Task ForgetAllAsync()
    {
        await RestartAsync();   // what was in no index yet is: only then it may go
        await KillAsync();
        Forget();
        await StartAgainAsync();
    }

    public async Task RestartAsync()
    {
        await KillAsync();
        await StartAgainAsync();
    }

    /// <summary>Takes a backup beside the running server.</summary>
    public Task BackUpAsync(string file) => RunAsync("backup", "--data", _data, "--to", file);

    /// <summary>The server is lost; another one begins with what the backup has, at the same address.</summary>
    public async Task RestoreAsync(string file, string folder)
    {
        await KillAsync();
        await RunAsync("restore", "--data", folder, "--from", file);
        await StartAgainAsync(folder);
    }

    public async ValueTask DisposeAsync() => await KillAsync();

    private static async Task RunAsync(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(Installed.Server, arguments) { RedirectStandardOutput = true })!;
        await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
    }

    private void Forget()
    {
        using var database = new SqliteConnection($"Data Source={Path.Combine(_data, "holdfast.db")};Pooling=False");
        database.Open();
        using var command = database.CreateCommand();
        command.CommandText = "DELETE FROM entries; DELETE FROM inbox";
        Assert.True(command.ExecuteNonQuery() > 0);
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
