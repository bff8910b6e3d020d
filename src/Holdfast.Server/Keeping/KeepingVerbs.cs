using System.Globalization;
using Holdfast.Cryptography;
using Holdfast.Server.Storage;
using Holdfast.Server.Storage.Postgres;

namespace Holdfast.Server.Keeping;

/// <summary>What an operator does to keep what a server has.</summary>
internal static class KeepingVerbs
{
    public const string Help =
        """
        holdfast-server backup --data DIR --to FILE
            Copies all that the server has into one new file, also while it runs. Whoever has the file has the server's disk of that day.

        holdfast-server restore --data DIR --from FILE
            Makes a new folder from a backup; then run the server there. All invites are void: make new ones. What came after
            the backup is gone from the server, and its members' devices find together again by themselves.

        holdfast-server stats --data DIR [--json]
            How much there is and when it goes: totals, never who. Works beside a running server.

        holdfast-server move --data DIR --to postgres://USER@HOST:PORT/NAME
            Copies all that a server has, while it does not run, into an empty PostgreSQL; then run it with --database. On DIR
            no server starts any more: delete it when all is well.

        holdfast-server stepped-back --database ADDRESS
            Run it once after PostgreSQL's own tools have brought back an older state, before any node starts: as after restore,
            nothing is given out twice, and all invites are void.

        """;

    /// <summary>Whether it is one of these.</summary>
    public static bool Has(string verb) => verb is "backup" or "restore" or "stats" or "move" or "stepped-back";

    /// <summary>Does it.</summary>
    /// <exception cref="UsageException">The arguments make no sense.</exception>
    /// <exception cref="StartupException">It could not be done.</exception>
    public static async Task RunAsync(IReadOnlyList<string> arguments, TextWriter output)
    {
        if (arguments[0] == "stats")
        {
            Count(arguments, output);
            return;
        }
        if (arguments[0] == "move")
        {
            await MoveAsync(arguments, output);
            return;
        }
        if (arguments[0] == "stepped-back")
        {
            StepBack(arguments, output);
            return;
        }
        bool restoring = arguments[0] == "restore";
        string option = restoring ? "--from" : "--to";
        if (!restoring) RefuseDatabase(arguments, "A server in PostgreSQL is backed up with PostgreSQL's own tools (pg_dump).");
        var values = CommandLine.Values(arguments, ["--data", option]);
        string data = values.GetValueOrDefault("--data") ?? throw new UsageException("--data DIR is missing.");
        string file = Path.GetFullPath(values.GetValueOrDefault(option) ?? throw new UsageException($"{option} FILE is missing."));
        var server = new ServerOptions(Path.GetFullPath(data));
        if (restoring)
        {
            Restore.Make(server, file, TimeProvider.System);
            output.WriteLine($"Restored into {server.Data}. All invites are void: make new ones with holdfast-server invite.");
            return;
        }
        var (blobs, bytes) = Backup.Make(server, file);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Backed up with {blobs} files, {bytes} bytes."));
    }

    private static void Count(IReadOnlyList<string> arguments, TextWriter output)
    {
        RefuseDatabase(arguments, "stats counts what a folder has (--data DIR). Of a server in PostgreSQL ask PostgreSQL.");
        bool json = arguments.Contains("--json");
        var values = CommandLine.Values([.. arguments.Where(static argument => argument != "--json")], ["--data"]);
        string data = values.GetValueOrDefault("--data") ?? throw new UsageException("--data DIR is missing.");
        var totals = Totals.Count(new ServerOptions(Path.GetFullPath(data)), TimeProvider.System);
        if (json) output.WriteLine(totals.ToJson());
        else output.Write(totals);
    }

    private static void RefuseDatabase(IReadOnlyList<string> arguments, string sentence)
    {
        if (arguments.Contains("--database")) throw new StartupException(sentence);
    }

    private static void StepBack(IReadOnlyList<string> arguments, TextWriter output)
    {
        var values = CommandLine.Values(arguments, ["--database"]);
        string address = PostgresAddress.Parse(values.GetValueOrDefault("--database") ?? throw new UsageException("--database ADDRESS is missing."));
        using var home = PostgresHome.OpenShared(address, new ServerOptions(ServerOptions.NoFolder) { Database = address });
        if (new Settings(home.Database).Get(Settings.OwnerInvited) is null) throw new StartupException("There is no server's data in the database.");
        SteppedBack.Mend(home.Database, new Stores(home.Database, RandomSource.System));
        output.WriteLine("Done. All invites are void: make new ones with holdfast-server invite.");
    }

    private static async Task MoveAsync(IReadOnlyList<string> arguments, TextWriter output)
    {
        var values = CommandLine.Values(arguments, ["--data", "--to"]);
        string data = values.GetValueOrDefault("--data") ?? throw new UsageException("--data DIR is missing.");
        string address = PostgresAddress.Parse(values.GetValueOrDefault("--to") ?? throw new UsageException("--to postgres://… is missing."));
        long rows = await Move.MakeAsync(new ServerOptions(Path.GetFullPath(data)), address, TimeProvider.System);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Moved {rows} rows. Run the server with --database from now on; on {data} none starts any more."));
    }
}
