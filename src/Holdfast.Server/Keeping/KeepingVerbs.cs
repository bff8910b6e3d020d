using System.Globalization;

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

        """;

    /// <summary>Whether it is one of these.</summary>
    public static bool Has(string verb) => verb is "backup" or "restore" or "stats";

    /// <summary>Does it.</summary>
    /// <exception cref="UsageException">The arguments make no sense.</exception>
    /// <exception cref="StartupException">It could not be done.</exception>
    public static void Run(IReadOnlyList<string> arguments, TextWriter output)
    {
        if (arguments[0] == "stats")
        {
            Count(arguments, output);
            return;
        }
        bool restoring = arguments[0] == "restore";
        string option = restoring ? "--from" : "--to";
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
        bool json = arguments.Contains("--json");
        var values = CommandLine.Values([.. arguments.Where(static argument => argument != "--json")], ["--data"]);
        string data = values.GetValueOrDefault("--data") ?? throw new UsageException("--data DIR is missing.");
        var totals = Totals.Count(new ServerOptions(Path.GetFullPath(data)), TimeProvider.System);
        if (json) output.WriteLine(totals.ToJson());
        else output.Write(totals);
    }
}
