using System.Diagnostics;

namespace Holdfast.Server.Tests.Faults;

/// <summary>A PostgreSQL of a test's own (<c>build/postgres</c>), to which everything may happen.</summary>
internal sealed class OwnPostgres : IAsyncDisposable
{
    private readonly string _folder;
    private readonly string[] _within;

    private OwnPostgres(string folder, string[] within) => (_folder, _within) = (folder, within);

    /// <summary>Its address.</summary>
    public string Address { get; private set; } = "";

    /// <summary>Makes and starts one.</summary>
    /// <param name="ip">Where it listens.</param>
    /// <param name="within">The command that starts it somewhere else, such as in another network; empty for here.</param>
    /// <param name="folder">An empty folder for it; a new one where there is none.</param>
    public static async Task<OwnPostgres> StartAsync(string ip = "127.0.0.1", string[]? within = null, string? folder = null)
    {
        var postgres = new OwnPostgres(folder ?? Directory.CreateTempSubdirectory("holdfast-test-postgres-").FullName, within ?? []);
        postgres.Address = (await postgres.DoAsync("start", ip)).Trim();
        return postgres;
    }

    /// <summary>Ends it and starts it again: <c>fast</c> or <c>immediate</c>, which is how a crash ends it.</summary>
    public Task RestartAsync(string mode) => DoAsync("restart", mode);

    /// <summary>kill -9 of its first process.</summary>
    public Task KillAsync() => DoAsync("kill");

    /// <summary>Ends it.</summary>
    public Task HaltAsync() => DoAsync("halt");

    /// <summary>Starts it again.</summary>
    public Task GoAsync() => DoAsync("go");

    /// <summary>Ends every connection to it but the one that asks; returns how many.</summary>
    public long EndConnections()
    {
        using var database = new Storage.Postgres.PostgresDatabase(Storage.Postgres.PostgresAddress.Parse(Address));
        return database.Scalar("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'");
    }

    public async ValueTask DisposeAsync() => await DoAsync("stop");

    private async Task<string> DoAsync(string what, string? more = null)
    {
        string script = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../../build/postgres"));
        string[] words = [.. _within, script, what, _folder, .. more is null ? Array.Empty<string>() : [more]];
        using var process = Process.Start(new ProcessStartInfo(words[0], words[1..]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        // What it starts goes on, and may hold the ends of the pipes.
        if (process.ExitCode != 0) throw new InvalidOperationException($"{string.Join(' ', words)}: {await errors.WaitAsync(TimeSpan.FromSeconds(5))}");
        return what == "start" ? await output.WaitAsync(TimeSpan.FromSeconds(5)) : "";
    }
}
