using Holdfast.Cryptography;
using Holdfast.Server.Storage.Postgres;
using Holdfast.Server.Tests.Support;
using Microsoft.Extensions.Logging;

namespace Holdfast.Server.Tests;

/// <summary>A newer program over what an older one stored, and an older over what a newer one did: a database that several nodes share.</summary>
[Trait(Place.Trait, Place.Postgres)]
public sealed class PostgresUpgradeTests : IDisposable
{
    private readonly string _place;

    public PostgresUpgradeTests()
    {
        Assert.SkipUnless(Place.IsShared, "HOLDFAST_TEST_DATABASE names no PostgreSQL");
        _place = Place.New();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_place is not null) Place.Remove(_place);
    }

    [Fact]
    public void EveryVersionBeforeTheNewestHasItsFile()
    {
        using var database = Open();
        PostgresSchema.Ensure(database);
        Assert.Equal(Enumerable.Range(1, (int)Version(database) - 1), Earlier.Versions("postgres"));
    }

    /// <summary>Three nodes start at once over tables of version 1: one takes the steps while the others wait, and all serve what was there.</summary>
    [Fact]
    public async Task WhatAnOlderVersionStoredIsThereWhicheverOfThreeNodesStartedFirst()
    {
        using var database = Open();
        database.Execute(Earlier.Sql("postgres", 1));
        database.Execute(
            """
            CREATE SCHEMA watching; CREATE TABLE watching.altered (what TEXT);
            CREATE FUNCTION watching.note() RETURNS event_trigger LANGUAGE plpgsql AS
                'BEGIN INSERT INTO watching.altered SELECT object_identity FROM pg_event_trigger_ddl_commands(); END';
            CREATE EVENT TRIGGER watching ON ddl_command_end WHEN TAG IN ('ALTER TABLE') EXECUTE FUNCTION watching.note();
            """);
        var nodes = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(StartAsync, TestContext.Current.CancellationToken)));
        Assert.Equal(1, database.Scalar("SELECT count(*) FROM holdfast_schema"));
        Assert.Equal(1, database.Scalar("SELECT count(*) FROM watching.altered WHERE what = 'public.settings'"));
        Assert.All(nodes, static node => Assert.Null(node.OwnerInvite));
        using (var endpoint = new Endpoint(nodes[2].Address, nodes[2].ServerKey)) await Earlier.VerifyAsync(endpoint);
        foreach (var node in nodes) await node.DisposeAsync();

        string other = Place.New();
        using (var fresh = new PostgresDatabase(Place.Options(other).Database!))
        {
            PostgresSchema.Ensure(fresh);
            Assert.Equal(Tables(fresh), Tables(database));
            Assert.Equal(Version(fresh), Version(database));
        }
        Place.Remove(other);
    }

    /// <summary>The node is killed in the midst of a step: the tables are of the old version, whole, and the next start ends it.</summary>
    [Fact]
    public async Task AnUpgradeThatIsKilledHasNotBegun()
    {
        using var database = Open();
        database.Execute(Earlier.Sql("postgres", 1));
        var before = Tables(database);
        database.Execute("BEGIN; LOCK TABLE settings");   // the last table that the step comes to
        var starting = Task.Run(StartAsync, TestContext.Current.CancellationToken);
        using (var watch = Open())
        {
            const string Waiting = "FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE 'ALTER%'";
            await Eventually.Async(() => Task.FromResult(watch.Scalar($"SELECT count(*) {Waiting}") == 1));
            Assert.Equal(1, watch.Scalar($"SELECT count(pg_terminate_backend(pid)) {Waiting}"));
            await Assert.ThrowsAsync<StartupException>(() => starting);
            Assert.Equal(1, Version(watch));
            Assert.Equal(before, Tables(watch));
        }
        database.Rollback();
        await using var node = await StartAsync();
        Assert.NotEqual(1, Version(database));
        using var endpoint = new Endpoint(node.Address, node.ServerKey);
        await Earlier.VerifyAsync(endpoint);
    }

    [Fact]
    public async Task ADatabaseOfANewerVersionIsRefusedWithWhatToDoAndLeftAsItIs()
    {
        using var database = Open();
        PostgresSchema.Ensure(database);
        database.Execute("UPDATE holdfast_schema SET version = 1000; CREATE TABLE of_tomorrow (x BIGINT)");
        var before = Tables(database);
        long written = database.Scalar("SELECT pg_current_xact_id()::text::bigint");
        var (code, output, errors) = await ServerProcess.RunAsync("run", "--database", _place, "--listen", "https://127.0.0.1:0");
        Assert.Equal((1, ""), (code, output));
        Assert.Contains("was written by a newer Holdfast: install that version or choose another database.", errors, StringComparison.Ordinal);
        Assert.Equal(before, Tables(database));
        Assert.Equal(1000, Version(database));
        Assert.Equal(0, database.Scalar($"SELECT count(*) FROM holdfast_schema WHERE xmin::text::bigint > {written}"));
    }

    private PostgresDatabase Open() => new(Place.Options(_place).Database!);

    private Task<HoldfastServer> StartAsync() => HoldfastServer.StartAsync(
        Place.Options(_place) with { Listen = new Uri("https://127.0.0.1:0"), Diagnostics = LogLevel.None }, RandomSource.System, TimeProvider.System, CancellationToken.None);

    private static long Version(PostgresDatabase database) => database.Scalar("SELECT max(version) FROM holdfast_schema");

    /// <summary>Columns with what is kept of them, and indexes; but for partitions, which come and go.</summary>
    private static List<string> Tables(PostgresDatabase database) => database.Prepare(
        """
        SELECT concat_ws(' ', c.relname, a.attnum, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attstorage, a.attstattarget)
        FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
        WHERE c.relnamespace = current_schema()::regnamespace AND c.relname !~ '^contents_[0-9]+' ORDER BY 1
        """).Start().All(static row => row.Text(0));
}
