using System.Runtime.InteropServices;
using Holdfast.Cryptography;
using Holdfast.Server.Invites;
using Holdfast.Server.Keeping;
using Holdfast.Server.Storage;
using Holdfast.Server.Storage.Postgres;
using Npgsql;

namespace Holdfast.Server;

/// <summary>The executable. Exit codes: 0 done, 1 failed with a reason on stderr, 2 wrong usage.</summary>
internal static class Program
{
    private const int Done = 0, Failed = 1, WrongUsage = 2;

    public static async Task<int> Main(string[] arguments)
    {
        if (arguments is [] or ["--help" or "-h" or "help"] or [_, "--help" or "-h"])
        {
            Console.Out.Write(CommandLine.Help + KeepingVerbs.Help);
            return arguments is [] ? WrongUsage : Done;
        }
        try
        {
            if (KeepingVerbs.Has(arguments[0]))
            {
                await KeepingVerbs.RunAsync(arguments, Console.Out);
                return Done;
            }
            var line = CommandLine.Parse(arguments);
            if (line.Invites is { } count) Invite(line, count);
            else return await RunAsync(line);
            return Done;
        }
        catch (UsageException wrong)
        {
            Console.Error.WriteLine(wrong.Message);
            Console.Error.Write(CommandLine.Help + KeepingVerbs.Help);
            return WrongUsage;
        }
        catch (Exception failure) when (failure is StartupException or StorageException)
        {
            Console.Error.WriteLine(failure.Message);
            return Failed;
        }
    }

    private static async Task<int> RunAsync(CommandLine line)
    {
        using var ending = new CancellationTokenSource();
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal => End(signal, ending));
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => End(signal, ending));
        if (line.EndsWithInput) new Thread(() => AwaitEndOfInput(ending)) { IsBackground = true, Name = "input" }.Start();
        var server = await HoldfastServer.StartAsync(line.Server, RandomSource.System, TimeProvider.System, CancellationToken.None);
        Console.Out.WriteLine($"listening {server.Address.GetLeftPart(UriPartial.Authority)}");
        Console.Out.WriteLine($"server key {Convert.ToHexStringLower(server.ServerKey.Span)}");
        if (server.OwnerInvite is { } invite) Console.Out.WriteLine(invite);
        ServiceManager.TellReady();
        await server.DiskLost.WaitAsync(ending.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (server.DiskLost.IsCompleted)
        {
            server.Abandon();
            return Failed;
        }
        await server.DisposeAsync();
        return server.DiskLost.IsCompleted ? Failed : Done;
    }

    /// <summary>The first signal ends the server in order, the second at once.</summary>
    private static void End(PosixSignalContext signal, CancellationTokenSource ending)
    {
        signal.Cancel = !ending.IsCancellationRequested;
        ending.Cancel();
    }

    /// <summary>The input is a pipe from whoever started us: the system closes it when that process dies, be it by kill -9.</summary>
    private static void AwaitEndOfInput(CancellationTokenSource ending)
    {
        using var input = Console.OpenStandardInput();
        Span<byte> ignored = stackalloc byte[64];
        while (input.Read(ignored) > 0) continue;
        try { ending.Cancel(); }
        catch (ObjectDisposedException) { return; }   // it has ended by then
    }

    private static void Invite(CommandLine line, int count)
    {
        if (line.Server.Database is null) DataFolder.RefuseMoved(line.Server);
        using Database database = line.Server.Database is { } address ? PostgresDatabase.OpenShared(address) : DataFolder.OpenExisting(line.Server);
        var stores = new Stores(database, RandomSource.System);
        var links = new List<string>();
        database.Begin();
        try
        {
            for (int i = 0; i < count; i++) links.Add(OwnerInvites.Add(stores, RandomSource.System, TimeProvider.System, line.InviteDays));
        }
        catch (StorageException empty) when (empty.Code == PostgresErrorCodes.UndefinedTable)
        {
            throw new StartupException("There is no server's data in the database: start a server with --database first.");
        }
        database.Commit();
        foreach (string link in links) Console.Out.WriteLine(link);
    }
}
