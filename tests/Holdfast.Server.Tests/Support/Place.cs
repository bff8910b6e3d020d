using Holdfast.Server.Storage.Postgres;

namespace Holdfast.Server.Tests.Support;

/// <summary>
/// Where a server has what it has: a new folder, or, where HOLDFAST_TEST_DATABASE names a PostgreSQL whose user may make databases, a new database in
/// that. HOLDFAST_TEST_NODES says how many nodes share it.
/// </summary>
internal static class Place
{
    /// <summary>Tests of what only SQLite's files have carry this trait, and are left out where there are none: <c>-trait- Database=SQLite</c>.</summary>
    public const string Trait = "Database", Sqlite = "SQLite", Postgres = "PostgreSQL";

    private static readonly string? Cluster = Environment.GetEnvironmentVariable("HOLDFAST_TEST_DATABASE");
    private static int _last;

    /// <summary>Whether nodes share a database.</summary>
    public static bool IsShared => Cluster is not null;

    /// <summary>How many nodes a server has.</summary>
    public static int Nodes => IsShared && int.TryParse(Environment.GetEnvironmentVariable("HOLDFAST_TEST_NODES"), out int nodes) ? nodes : 1;

    /// <summary>A new place.</summary>
    public static string New() => Cluster is null ? Directory.CreateTempSubdirectory("holdfast-test-").FullName : NewDatabase("template0");

    /// <summary>A copy of a database that nobody uses.</summary>
    public static string Copy(string place) => NewDatabase(NameOf(place));

    /// <summary>Whether a database lets new connections in; those there are stay.</summary>
    public static void LetIn(string place, bool everybody) => Execute($"ALTER DATABASE {NameOf(place)} WITH ALLOW_CONNECTIONS {everybody}");

    private static string NewDatabase(string template)
    {
        string name = $"holdfast_test_{Environment.ProcessId}_{Interlocked.Increment(ref _last)}";
        Execute($"CREATE DATABASE {name} TEMPLATE {template}");
        return new UriBuilder(Cluster!) { Path = name }.Uri.AbsoluteUri;
    }

    /// <summary>Removes it.</summary>
    public static void Remove(string place)
    {
        if (IsDatabase(place)) Execute($"DROP DATABASE IF EXISTS {NameOf(place)} WITH (FORCE)");
        else if (Directory.Exists(place)) Directory.Delete(place, recursive: true);
    }

    private static string NameOf(string place) => new Uri(place).AbsolutePath.Trim('/');

    public static bool IsDatabase(string place) => place.StartsWith("postgres://", StringComparison.Ordinal);

    public static string[] Arguments(string place) => [IsDatabase(place) ? "--database" : "--data", place];

    public static ServerOptions Options(string place) =>
        IsDatabase(place) ? new ServerOptions(ServerOptions.NoFolder) { Database = PostgresAddress.Parse(place) } : new ServerOptions(place);

    private static void Execute(string sql)
    {
        using var database = new PostgresDatabase(PostgresAddress.Parse(Cluster!));
        database.Execute(sql);
    }
}
